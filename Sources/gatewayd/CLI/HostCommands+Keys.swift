// The keys of a host (DH-HMAC-CHAP): its own, and the one with which the subsystem proves itself to it.

import ArgumentParser
import GatewayControl
import GatewayRPC

/// What both keys' commands take.
struct HostKeyOwner: ParsableArguments {
    @OptionGroup var subsystem: SubsystemName
    @OptionGroup var host: HostName

    func validate() throws {
        if host.nqn == HostNames.any { throw ValidationError("'*' has no key: name a host.") }
    }

    /// For sentences.
    var words: String { "host \(host.nqn) in \(subsystem.nqn)" }
}

struct HostChangeKeyCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "change_key", abstract: "Gives a host another key, or takes its key away.",
        discussion: """
              gatewayd host change_key -n nqn.2026-11.com.example:disks \\
                  -t nqn.2014-08.org.nvmexpress:uuid:22207d09-d8af-4ed2-84ec-a6d80b0cf7eb \\
                  -k @/root/host.key
            """, aliases: ["change-key"])

    @OptionGroup var owner: HostKeyOwner
    @Option(
        name: [.customShort("k"), .long],
        help: KeyArgument.help("The new key (none without it),", KeyArgument.dhchap))
    var dhchapKey: KeyArgument?
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        try await gateway.changeKeys(of: owner, to: dhchapKey?.text, controllerKey: nil)
    }
}

struct HostDeleteKeyCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "del_key", abstract: "Takes a host's key away.",
        discussion: """
              gatewayd host del_key -n nqn.2026-11.com.example:disks \\
                  -t nqn.2014-08.org.nvmexpress:uuid:22207d09-d8af-4ed2-84ec-a6d80b0cf7eb
            """, aliases: ["del-key"])

    @OptionGroup var owner: HostKeyOwner
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        try await gateway.changeKeys(of: owner, to: nil, controllerKey: nil)
    }
}

struct HostChangeControllerKeyCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "change_controller_key",
        abstract: "Gives the subsystem another key to prove itself to this host with.",
        discussion: """
              gatewayd host change_controller_key -n nqn.2026-11.com.example:disks \\
                  -t nqn.2014-08.org.nvmexpress:uuid:22207d09-d8af-4ed2-84ec-a6d80b0cf7eb \\
                  --dhchap-controller-key @/root/subsystem.key
            """, aliases: ["change-controller-key"])

    @OptionGroup var owner: HostKeyOwner
    @Option(
        name: [.customShort("c"), .long], help: KeyArgument.help("The new key,", KeyArgument.dhchap))
    var dhchapControllerKey: KeyArgument
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        try await gateway.changeKeys(
            of: owner, to: ControlSession.sameKey, controllerKey: dhchapControllerKey.text)
    }
}

struct HostDeleteControllerKeyCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "del_controller_key",
        abstract: "Has the subsystem prove itself to this host no more with a key for it alone.",
        discussion: """
              gatewayd host del_controller_key -n nqn.2026-11.com.example:disks \\
                  -t nqn.2014-08.org.nvmexpress:uuid:22207d09-d8af-4ed2-84ec-a6d80b0cf7eb
            """, aliases: ["del-controller-key"])

    @OptionGroup var owner: HostKeyOwner
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        try await gateway.changeKeys(of: owner, to: ControlSession.sameKey, controllerKey: nil)
    }
}

extension ControlSession {
    /// What stands for the key that is there, on the wire.
    fileprivate static let sameKey = "-"

    fileprivate func changeKeys(
        of owner: HostKeyOwner, to key: String?, controllerKey: String?
    ) async throws(ControlFailure) -> Report {
        var request = PB_change_host_key_req()
        request.subsystemNqn = owner.subsystem.nqn
        request.hostNqn = owner.host.nqn
        if let key { request.dhchapKey = key }
        if let controllerKey { request.dhchapCtrlrKey = controllerKey }
        _ = try await call(GatewayMethods.changeHostKey, request)
        return Report("Changed the keys of \(owner.words).")
    }
}
