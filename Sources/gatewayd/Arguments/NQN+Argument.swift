// NVMe Qualified Names on the command line, with words for what is wrong with one: a typing mistake shows at
// once and not as a host's "invalid parameters".

import NVMeTCP

extension NQN {
    /// Checks a command line's text and takes it.
    init(argument text: String) throws(UsageError) {
        do {
            self = try NQN(text)
        } catch {
            throw UsageError("'\(text)' is no NQN: \(Self.words(error))")
        }
    }

    private static func words(_ fault: Fault) -> String {
        switch fault {
        case .tooLong: "it has more than 223 bytes"
        case .prefix: "it starts with nqn.YYYY-MM., for example nqn.2026-11.com.example:disk1"
        case .domain: "a domain name in reverse follows the date, for example nqn.2026-11.com.example:disk1"
        case .controlCharacter: "it contains a control character"
        case .uuid: "a UUID follows \(NQN.uuidPrefix)"
        case .encoding: "it is not UTF-8"
        }
    }
}
