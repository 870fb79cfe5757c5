// A namespace's reservations as text, for stores that keep bytes: what a person can read and what a damaged
// byte can't change unnoticed. FileReservationStore writes it.

public import NVMeTCP

extension ReservationRecord {
    private static let heading = "gatewayd reservations 1"

    /// The record as lines: a heading, a value a line, the registrants in their order, and a CRC32C of all
    /// that is before it.
    public func text(of namespace: NamespaceUUID) -> String {
        var lines = [
            Self.heading, "namespace \(namespace)", "version \(version)",
            "persists \(state.persistsThroughPowerLoss ? 1 : 0)", "generation \(state.generation)",
        ]
        if let reservation = state.reservation {
            lines.append("reservation \(reservation.type.rawValue) \(reservation.holder)")
        }
        for registrant in state.registrants {
            lines.append("registrant \(registrant.host) \(String(registrant.key, radix: 16))")
        }
        let body = lines.joined(separator: "\n") + "\n"
        return body + "check \(String(Self.check(body), radix: 16))\n"
    }

    /// Reads what `text(of:)` wrote for this namespace; nil for anything else.
    public init?(text: String, of namespace: NamespaceUUID) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 6, lines.last == "", text.hasPrefix(Self.heading + "\n") else { return nil }
        let body = lines.dropLast(2).joined(separator: "\n") + "\n"
        guard lines[lines.count - 2] == "check \(String(Self.check(body), radix: 16))" else { return nil }
        self.init()
        var hasNamespace = false
        for line in lines.dropFirst().dropLast(2) {
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            guard words.count > 1 else { return nil }
            switch (words[0], words.count) {
            case ("namespace", 2):
                guard words[1] == namespace.description else { return nil }
                hasNamespace = true
            case ("version", 2):
                guard let value = UInt64(words[1]) else { return nil }
                version = value
            case ("persists", 2): state.persistsThroughPowerLoss = words[1] == "1"
            case ("generation", 2):
                guard let value = UInt32(words[1]) else { return nil }
                state.generation = value
            case ("reservation", 3):
                guard let type = UInt8(words[1]).map(ReservationType.init(rawValue:)), type.isDefined,
                    let holder = HostID(String(words[2]))
                else { return nil }
                state.reservation = .init(type: type, holder: holder)
            case ("registrant", 3):
                guard let host = HostID(String(words[1])), let key = UInt64(words[2], radix: 16) else {
                    return nil
                }
                state.registrants.append(.init(host: host, key: key))
            default: return nil
            }
        }
        guard hasNamespace else { return nil }
    }

    private static func check(_ text: String) -> UInt32 {
        let bytes = Array(text.utf8)
        // The array's own bytes, for the length of the call.
        return unsafe bytes.withUnsafeBytes { unsafe ~CRC32C.update(CRC32C.initialRegister, $0) }
    }
}
