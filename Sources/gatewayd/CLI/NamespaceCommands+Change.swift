// What can be changed of a namespace's size, limits and place, and what it has done.

import ArgumentParser
import GatewayControl
import GatewayRPC

struct NamespaceResizeCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "resize", abstract: "Makes a namespace and its image larger; hosts see it at once.",
        discussion: "  gatewayd namespace resize -n nqn.2026-11.com.example:disks --nsid 1 --size 20G")

    @OptionGroup var namespace: NamespaceChoice
    @Option(help: ArgumentHelp(ImageSize.help, valueName: "size")) var size: ImageSize
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_namespace_resize_req()
        request.subsystemNqn = namespace.nqn
        request.nsid = namespace.nsid
        request.newSize = size.mebibytes
        _ = try await gateway.call(GatewayMethods.namespaceResize, request)
        return Report("The size of \(namespace.words) is \(Quantity.bytes(Double(size.bytes))) now.")
    }
}

struct NamespaceRefreshSizeCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh_size", abstract: "Has the image's size read again.",
        discussion: """
            After 'rbd resize', for a namespace that does not follow its image by itself:

              gatewayd namespace refresh_size -n nqn.2026-11.com.example:disks --nsid 1
            """, aliases: ["refresh-size"])

    @OptionGroup var namespace: NamespaceChoice
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_namespace_resize_req()
        request.subsystemNqn = namespace.nqn
        request.nsid = namespace.nsid
        _ = try await gateway.call(GatewayMethods.namespaceResize, request)
        return Report("The size of \(namespace.words) is the image's.")
    }
}

struct NamespaceAutoResizeCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "set_auto_resize",
        abstract: "Says whether hosts are told by themselves when the image becomes larger.",
        discussion: """
              gatewayd namespace set_auto_resize -n nqn.2026-11.com.example:disks \\
                  --nsid 1 \\
                  --auto-resize-enabled no
            """, aliases: ["set-auto-resize"])

    @OptionGroup var namespace: NamespaceChoice
    @Option(help: "Whether they are.") var autoResizeEnabled: Choice
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_namespace_set_auto_resize_req()
        request.subsystemNqn = namespace.nqn
        request.nsid = namespace.nsid
        request.autoResize = autoResizeEnabled == .yes
        _ = try await gateway.call(GatewayMethods.namespaceSetAutoResize, request)
        return Report("Auto-resize of \(namespace.words): \(autoResizeEnabled).")
    }
}

struct NamespaceQoSCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "set_qos", abstract: "Limits what hosts can do with a namespace.",
        discussion: """
            A limit that is not given stays as it is; 0 takes it away. I/Os a second are rounded up to \
            thousands.

              gatewayd namespace set_qos -n nqn.2026-11.com.example:disks --nsid 1 \\
                  --rw-ios-per-second 5000 --w-megabytes-per-second 200
            """, aliases: ["set-qos"])

    @OptionGroup var namespace: NamespaceChoice
    @Option(help: ArgumentHelp("Reads and writes together.", valueName: "number")) var rwIosPerSecond: UInt64?
    @Option(help: ArgumentHelp("Reads and writes together, in MiB.", valueName: "number"))
    var rwMegabytesPerSecond: UInt64?
    @Option(help: ArgumentHelp("Reads, in MiB.", valueName: "number")) var rMegabytesPerSecond: UInt64?
    @Option(help: ArgumentHelp("Writes, in MiB.", valueName: "number")) var wMegabytesPerSecond: UInt64?
    @Flag(help: "Even though the image has limits of its own in RBD.") var force = false
    @OptionGroup var control: ControlOptions

    func validate() throws {
        let limits = [rwIosPerSecond, rwMegabytesPerSecond, rMegabytesPerSecond, wMegabytesPerSecond]
        if limits.allSatisfy({ $0 == nil }) { throw ValidationError("Say at least one limit.") }
    }

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_namespace_set_qos_req()
        request.subsystemNqn = namespace.nqn
        request.nsid = namespace.nsid
        if let rwIosPerSecond { request.rwIosPerSecond = rwIosPerSecond }
        if let rwMegabytesPerSecond { request.rwMbytesPerSecond = rwMegabytesPerSecond }
        if let rMegabytesPerSecond { request.rMbytesPerSecond = rMegabytesPerSecond }
        if let wMegabytesPerSecond { request.wMbytesPerSecond = wMegabytesPerSecond }
        if force { request.force = true }
        _ = try await gateway.call(GatewayMethods.namespaceSetQoSLimits, request)
        return Report("Changed the limits of \(namespace.words).")
    }
}

struct NamespaceGroupCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "change_load_balancing_group",
        abstract: "Has another gateway of the group serve a namespace.",
        discussion: """
              gatewayd namespace change_load_balancing_group \\
                  -n nqn.2026-11.com.example:disks \\
                  --nsid 1 -l 2
            """, aliases: ["change-load-balancing-group"])

    @OptionGroup var namespace: NamespaceChoice
    @Option(
        name: [.customShort("l"), .long],
        help: ArgumentHelp("The gateway's group, as 'gatewayd gw info' says.", valueName: "number"))
    var loadBalancingGroup: UInt16
    @OptionGroup var control: ControlOptions

    func validate() throws {
        if loadBalancingGroup == 0 { throw ValidationError("--load-balancing-group begins with 1.") }
    }

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_namespace_change_load_balancing_group_req()
        request.subsystemNqn = namespace.nqn
        request.nsid = namespace.nsid
        request.anagrpid = Int32(loadBalancingGroup)
        _ = try await gateway.call(GatewayMethods.namespaceChangeLoadBalancingGroup, request)
        return Report("The load-balancing group of \(namespace.words) is \(loadBalancingGroup) now.")
    }
}

struct NamespaceLocationCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "change_location", abstract: "Notes a word for where a namespace is, or none.",
        discussion: """
              gatewayd namespace change_location -n nqn.2026-11.com.example:disks \\
                  --nsid 1 --location dc2
            """, aliases: ["change-location"])

    @OptionGroup var namespace: NamespaceChoice
    @Option(help: ArgumentHelp("The word; none without it.", valueName: "word")) var location: String?
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_namespace_change_location_req()
        request.subsystemNqn = namespace.nqn
        request.nsid = namespace.nsid
        if let location { request.location = location }
        _ = try await gateway.call(GatewayMethods.namespaceChangeLocation, request)
        return Report(
            location.map { "The location of \(namespace.words) is \($0) now." }
                ?? "No location is noted for \(namespace.words) any more.")
    }
}

struct NamespaceLocationsCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "list_locations", abstract: "Lists the locations that are noted, and how often.",
        discussion: "  gatewayd namespace list_locations", aliases: ["list-locations"])

    @OptionGroup var control: ControlOptions

    private struct Location {
        let name: String
        let count: Int
    }

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        let namespaces = try await gateway.namespaces(of: "*").filter { !$0.location.isEmpty }
        let locations = Dictionary(grouping: namespaces, by: \.location)
            .map { Location(name: $0.key, count: $0.value.count) }.sorted { $0.name < $1.name }
        return Report(
            "locations", locations,
            [
                .text("location", "Location") { $0.name },
                .number("namespace_count", "Namespaces") { $0.count },
            ], nothing: "No namespace has a location.")
    }
}

struct NamespaceTrashCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "set_rbd_trash_image",
        abstract: "Says whether the image goes to the trash with its namespace.",
        discussion: """
            Only for images that 'namespace add --rbd-create-image' created.

              gatewayd namespace set_rbd_trash_image -n nqn.2026-11.com.example:disks \\
                  --nsid 1 \\
                  --rbd-trash-image-on-delete no
            """, aliases: ["set-rbd-trash-image"])

    @OptionGroup var namespace: NamespaceChoice
    @Option(help: "Whether it does.") var rbdTrashImageOnDelete: Choice
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_namespace_set_rbd_trash_image_req()
        request.subsystemNqn = namespace.nqn
        request.nsid = namespace.nsid
        request.trashImage = rbdTrashImageOnDelete == .yes
        _ = try await gateway.call(GatewayMethods.namespaceSetRBDTrashImage, request)
        return Report(
            rbdTrashImageOnDelete == .yes
                ? "The image of \(namespace.words) goes to the trash with it."
                : "The image of \(namespace.words) stays when it is deleted.")
    }
}
