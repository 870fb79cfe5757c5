// Where the live tests find what they run: the scripts of this checkout, and the `gatewayd` that was built
// with them. And what has to be on the machine for them.

import Foundation
import Testing

enum Checkout {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func script(_ name: String) -> String {
        root.appendingPathComponent("Scripts/\(name)").path
    }

    static let gatewayd = program("gatewayd")

    /// A program of this package as it was built beside the running tests.
    static func program(_ name: String) -> String {
        let beside = URL(fileURLWithPath: CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent(name).path
        let usual = root.appendingPathComponent(".build/debug/\(name)").path
        return FileManager.default.isExecutableFile(atPath: beside) ? beside : usual
    }

    /// A new folder with a short name: unix sockets lie in some of them.
    static func temporaryFolder() throws -> String {
        let path = NSTemporaryDirectory() + "gatewayd-test-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}

/// What a live test needs of the machine. `swift test` skips tests that lack something; under `make test`,
/// which installs everything, they run and fail.
enum Requirement {
    static let isForced = ProcessInfo.processInfo.environment["GATEWAYD_REQUIRE_LIVE"] == "1"

    static let ceph = isForced || isInstalled(["/usr/bin/ceph-mon", "/usr/bin/ceph-osd"])
    static let guest = isForced || isInstalled(["\(cache)/root-6.12.cpio"])
    static let oldGuest = isForced || isInstalled(["\(cache)/root-6.1.cpio"])

    private static let cache: String = {
        let environment = ProcessInfo.processInfo.environment
        if let cache = environment["GUEST_CACHE"] { return cache }
        return (environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache") + "/gatewayd-guest"
    }()

    private static func isInstalled(_ paths: [String]) -> Bool {
        paths.allSatisfy { FileManager.default.fileExists(atPath: $0) }
    }
}

extension Trait where Self == ConditionTrait {
    static var needsCeph: Self {
        .enabled(
            if: Requirement.ceph, "Ceph's daemons are missing; Scripts/install-packages cluster installs them"
        )
    }

    static var needsGuest: Self {
        .enabled(if: Requirement.guest, "the Linux guest is not built; Scripts/linux-guest build builds it")
    }

    static var needsOldGuest: Self {
        .enabled(if: Requirement.oldGuest, "the 6.1 guest is not built; KERNEL=6.1 Scripts/linux-guest build")
    }
}
