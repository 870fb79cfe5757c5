// Failures that several operations answer with.

internal import Glibc

extension ControlFailure {
    /// What this gateway does not do, whoever asks.
    /// - Parameter what: "Encrypted namespaces are", "... is".
    public static func notSupported(_ what: String) -> ControlFailure {
        ControlFailure(EOPNOTSUPP, "\(what) not supported by this gateway")
    }

    /// A log level that is none.
    /// - Parameter kind: "log", "print".
    public static func unknownLevel(_ kind: String, _ number: Int) -> ControlFailure {
        ControlFailure(ENOKEY, "Unknown \(kind) level \(number)")
    }
}
