// Keys on the command line: as they are, which upstream's command line takes, or in a file, where no other
// process of the machine reads them.

import ArgumentParser

/// `KEY`, or `@FILE` for the key in a file.
struct KeyArgument: ExpressibleByArgument, Equatable {
    let text: String

    /// No key is longer; a wrong name may be a disk's.
    private static let byteCountMax = 4096

    init?(argument: String) {
        guard argument.hasPrefix("@") else {
            text = argument
            if text.isEmpty { return nil }
            return
        }
        guard
            let bytes = Machine.content(of: String(argument.dropFirst()), byteCountMax: Self.byteCountMax),
            let content = String(validating: bytes, as: UTF8.self)
        else { return nil }
        text = content.trimmed
        if text.isEmpty { return nil }
    }

    static func help(_ whose: String, _ form: String) -> ArgumentHelp {
        ArgumentHelp("\(whose) \(form):..., or @FILE for the one in a file.", valueName: "key")
    }

    static let dhchap = "DHHC-1"
    static let psk = "NVMeTLSkey-1"
}
