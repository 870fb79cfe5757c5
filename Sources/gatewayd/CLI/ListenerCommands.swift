// `gatewayd listener`: the addresses at which gateways offer a subsystem.

import ArgumentParser
import GatewayControl
import GatewayRPC
import Glibc

struct ListenerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listener",
        abstract: "The addresses at which gateways offer a subsystem to hosts.",
        discussion: """
            A listener belongs to the gateway whose host name it has ('gatewayd gw info'); any gateway of \
            the group can be told of it. Hosts find listeners by discovery, at port 8009.

              gatewayd listener add -n nqn.2026-11.com.example:disks -t gw1 -a 192.0.2.1
              gatewayd listener list -n nqn.2026-11.com.example:disks

            \(ListenerListCommand.exitCodes)
            """, subcommands: [ListenerAddCommand.self, ListenerDeleteCommand.self, ListenerListCommand.self])
}

/// Where a listener is.
struct ListenerPlace: ParsableArguments {
    @Option(
        name: [.customShort("t"), .long],
        help: ArgumentHelp("The gateway's host name.", valueName: "name"))
    var hostName: String

    @Option(
        name: [.customShort("a"), .long],
        help: ArgumentHelp("The gateway's address, IPv4 or IPv6.", valueName: "address"))
    var traddr: String

    @Option(name: [.customShort("s"), .long], help: ArgumentHelp("The port.", valueName: "port"))
    var trsvcid: UInt16 = 4420

    @Option(
        name: [.customShort("f"), .long],
        help: ArgumentHelp("The address says it: not needed.", valueName: "ipv4|ipv6"),
        completion: .list(["ipv4", "ipv6"]))
    var adrfam: Family?

    enum Family: String, ExpressibleByArgument {
        case ipv4, ipv6
        init?(argument: String) { self.init(rawValue: argument.lowercased()) }
    }

    var address: String { traddr.trimmingBrackets }
    private var isIPv6: Bool { address.contains(":") }
    var family: PB_AddressFamily { isIPv6 ? .ipv6 : .ipv4 }
    /// For sentences.
    var words: String { "\(isIPv6 ? "[\(address)]" : address):\(trsvcid)" }

    func validate() throws {
        if trsvcid == 0 { throw ValidationError("--trsvcid is a port: 1 to 65535.") }
        if let adrfam, (adrfam == .ipv6) != isIPv6 {
            throw ValidationError(
                "--traddr \(traddr) is not an \(adrfam == .ipv6 ? "IPv6" : "IPv4") address.")
        }
    }
}

struct ListenerAddCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Has a gateway offer a subsystem at an address.",
        discussion: """
              gatewayd listener add -n nqn.2026-11.com.example:disks -t gw1 -a 192.0.2.1
              gatewayd listener add -n nqn.2026-11.com.example:disks -t gw1 \\
                  -a 2001:db8::1 -s 4421
            """, aliases: ["create"])

    @OptionGroup var subsystem: SubsystemName
    @OptionGroup var place: ListenerPlace
    @Flag(name: [.customShort("y"), .long], help: "Refuse the name of another gateway than the one called.")
    var verifyHostName = false
    @Flag(help: "Take TLS connections only.") var secure = false
    @Flag(help: "Even though the address is not the gateway's yet.") var force = false
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_create_listener_req()
        request.nqn = subsystem.nqn
        request.hostName = place.hostName
        request.traddr = place.address
        request.adrfam = place.family
        request.trsvcid = UInt32(place.trsvcid)
        request.secure = secure
        request.verifyHostName = verifyHostName
        if force { request.force = true }
        do throws(ControlFailure) {
            _ = try await gateway.call(GatewayMethods.createListener, request)
        } catch  where error.errno == EREMOTE {
            // It was added: another gateway is to listen there.
            return Report(
                "Added listener \(place.words) of gateway \(place.hostName) to \(subsystem.nqn); that "
                    + "gateway opens it when it is up.")
        }
        return Report("Added listener \(place.words) to \(subsystem.nqn).")
    }
}

struct ListenerDeleteCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "del", abstract: "Offers a subsystem no more at an address.",
        discussion: """
            --force takes away a listener that hosts are connected at, and those of other gateways; with \
            the host name '*' the listeners at this address of all gateways.

              gatewayd listener del -n nqn.2026-11.com.example:disks -t gw1 \\
                  -a 192.0.2.1 -s 4420
            """, aliases: ["delete"])

    @OptionGroup var subsystem: SubsystemName
    @OptionGroup var place: ListenerPlace
    @Flag(help: "Even though hosts are connected there, or it is another gateway's.") var force = false
    @OptionGroup var agreement: Agreement
    @OptionGroup var control: ControlOptions

    func validate() throws {
        if place.hostName == "*", !force {
            throw ValidationError("--force is needed for the listeners of all gateways ('*').")
        }
    }

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        if force {
            let hosts = Set(
                try await gateway.connections(to: subsystem.nqn)
                    .filter { $0.traddr == place.address && $0.trsvcid == UInt32(place.trsvcid) }.map(\.nqn))
            if !hosts.isEmpty {
                try agreement.obtain(
                    "Deleting listener \(place.words) disconnects \(Words.count(hosts.count, "host")).",
                    from: gateway.console)
            }
        }
        var request = PB_delete_listener_req()
        request.nqn = subsystem.nqn
        request.hostName = place.hostName
        request.traddr = place.address
        request.adrfam = place.family
        request.trsvcid = UInt32(place.trsvcid)
        request.force = force
        _ = try await gateway.call(GatewayMethods.deleteListener, request)
        return Report("Deleted listener \(place.words) of \(subsystem.nqn).")
    }
}

struct ListenerListCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the listeners of a subsystem, of all gateways.",
        discussion: "  gatewayd listener list -n nqn.2026-11.com.example:disks")

    @OptionGroup var subsystem: SubsystemName
    @OptionGroup var control: ControlOptions

    static let columns: [Column<PB_listener_info>] = [
        .text("host_name", "Gateway") { $0.hostName },
        .text("trtype", "Transport") { $0.trtype },
        .text("adrfam", "Family") { $0.adrfam == .ipv6 ? "ipv6" : "ipv4" },
        .text("traddr", "Address") { $0.traddr },
        .number("trsvcid", "Port") { $0.trsvcid },
        .flag("secure", "TLS") { $0.secure },
        .words("Notes") {
            [$0.active ? "" : "not open here", $0.manual ? "" : "by a network"].filter { !$0.isEmpty }
                .joined(separator: ", ")
        },
        .flag("active") { $0.active },
        .flag("manual") { $0.manual },
    ]

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_list_listeners_req()
        request.subsystem = subsystem.nqn
        let answer = try await gateway.call(GatewayMethods.listListeners, request)
        return Report(
            "listeners", answer.listeners, Self.columns,
            nothing: "No listeners for \(subsystem.nqn): hosts can't connect to it. `gatewayd listener add`.")
    }
}
