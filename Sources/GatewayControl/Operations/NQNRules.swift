// What an NVMe Qualified Name must look like (NVMe Base Specification, NVMe Qualified Names), with the
// words in which upstream says what is wrong.

/// The form of NQNs.
public enum NQNRules {
    public static let discovery = "nqn.2014-08.org.nvmexpress.discovery"

    private static let uuidPrefix = "nqn.2014-08.org.nvmexpress:uuid:"
    private static let charactersMin = 11
    private static let charactersMax = 223
    private static let labelCharactersMax = 63

    /// What is wrong with a name; nil if nothing is.
    public static func problem(of nqn: String) -> String? {
        let count = nqn.unicodeScalars.count
        if count < charactersMin {
            return "NQN \"\(nqn)\" is too short, minimal length is \(charactersMin)"
        }
        if count > charactersMax || nqn.utf8.count > charactersMax {
            return "NQN \"\(nqn)\" is too long, maximal length is \(charactersMax)"
        }
        if nqn == discovery { return nil }
        if nqn.hasPrefix(uuidPrefix) { return uuidProblem(of: nqn) }
        guard nqn.hasPrefix("nqn.") else { return "Invalid NQN \"\(nqn)\", doesn't start with \"nqn.\"" }
        let rest = nqn.dropFirst("nqn.".count)
        guard isDate(rest.prefix(8)) else { return "Invalid NQN \"\(nqn)\": invalid date code" }
        let parts = rest.dropFirst(8).split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty else {
            return "Invalid NQN \"\(nqn)\": must contain a user specified name starting with a \":\""
        }
        return domainProblem(of: parts[0]).map {
            "Invalid NQN \"\(nqn)\": reverse domain is not formatted correctly: \($0)"
        }
    }

    private static func uuidProblem(of nqn: String) -> String? {
        let uuid = nqn.dropFirst(uuidPrefix.count)
        if uuid.count != 36 { return "Invalid NQN \"\(nqn)\": UUID is not the correct length" }
        let parts = uuid.split(separator: "-", omittingEmptySubsequences: false)
        let isUUID = parts.map(\.count) == [8, 4, 4, 4, 12] && parts.joined().allSatisfy(\.isHexDigit)
        return isUUID ? nil : "Invalid NQN \"\(nqn)\": UUID is not formatted correctly"
    }

    /// "2014-08."
    private static func isDate(_ text: Substring) -> Bool {
        guard text.count == 8, text.last == "." else { return false }
        let parts = text.dropLast().split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.count) == [4, 2] && parts.joined().allSatisfy { $0.isASCII && $0.isNumber }
    }

    private static func domainProblem(of domain: Substring) -> String? {
        for label in domain.split(separator: ".", omittingEmptySubsequences: false) {
            guard let first = label.first else { return "empty domain label doesn't start with a letter" }
            if label.count > labelCharactersMax { return "domain label \(label) is too long" }
            if !first.isLetter { return "domain label \(label) doesn't start with a letter" }
            if label.last == "-" {
                return "domain label \(label) doesn't end with an alphanumeric character"
            }
            if !label.allSatisfy({ $0 == "-" || $0.isLetter || $0.isNumber }) {
                return "domain label \(label) contains a character which is not [a-z,A-Z,0-9,'-','.']"
            }
        }
        return nil
    }
}
