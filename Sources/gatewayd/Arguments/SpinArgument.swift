// How threads wait, as command lines write it.

import GatewayIO

extension SpinSetting {
    /// - Parameter argument: `auto`, `off`, or microseconds up to 10,000.
    init(argument: String) throws(UsageError) {
        switch argument {
        case "auto": self = .automatic
        case "off": self = .off
        default:
            guard let microseconds = Int(argument), (1...10_000).contains(microseconds) else {
                throw UsageError("'\(argument)' is not 'auto', 'off' or 1 to 10000 microseconds")
            }
            self = .always(microseconds: microseconds)
        }
    }
}
