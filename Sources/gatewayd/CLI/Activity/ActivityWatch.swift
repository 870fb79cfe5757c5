// Looks at a gateway's counters again and again: what `top` and `namespace list --watch` have in common. The
// gateway counts in any case; a look costs it a message to each of its threads.

import ArgumentParser
import GatewayControl
import GatewayRPC
import Glibc

/// How often, and until when.
struct WatchOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The time between two looks.", valueName: "seconds"))
    var interval: Double = 2

    @Option(help: ArgumentHelp("End after so many; otherwise Ctrl-C ends it.", valueName: "number"))
    var iterations: Int?

    func validate() throws {
        // A day.
        if !(interval > 0 && interval <= 86_400) { throw ValidationError("--interval is above 0 seconds.") }
        if let iterations, iterations < 1 { throw ValidationError("--iterations begins with 1.") }
    }

    /// - Parameter report: what is told of an interval.
    /// - Returns: the last of them; those before it are printed.
    func watch(
        _ gateway: ControlSession, subsystem nqn: String?,
        _ report: (Activity) async throws(ControlFailure) -> Report
    ) async throws(ControlFailure) -> Report {
        var last = try await gateway.activity(of: nqn)
        var count = 0
        while true {
            // Sleeping throws only when the command is to end.
            do { try await Task.sleep(for: .seconds(interval)) } catch {
                throw ControlFailure(ECANCELED, "ended while watching")
            }
            let next = try await gateway.activity(of: nqn)
            var told = try await report(Activity(from: last, to: next))
            told.isOneOfMany = true
            count += 1
            if count == iterations { return told }
            if gateway.console.isScreen, gateway.format == .table { told.text = Self.screenStart + told.text }
            told.print(gateway.format, on: gateway.console)
            last = next
        }
    }

    /// What a terminal goes to the upper left corner by, and clears its screen from there.
    private static let screenStart = "\u{1b}[H\u{1b}[2J"
}

/// What was done between two looks.
struct Activity: Sendable {
    struct Namespace: Sendable {
        let subsystemNQN: String
        let nsid: UInt32
        let image: String
        let rate: WorkRate
    }

    /// All controllers of a host in a subsystem.
    struct Host: Sendable {
        let subsystemNQN: String
        let hostNQN: String
        var controllerCount: Int
        var queueCount: UInt32
        var rate: WorkRate
    }

    let seconds: Double
    let namespaces: [Namespace]
    let hosts: [Host]
    let total: WorkRate

    init(from earlier: PB_gateway_activity, to later: PB_gateway_activity) {
        let seconds = max(1e-9, Double(later.now &- earlier.now) / 1e9)
        let namespacesBefore = Dictionary(
            earlier.namespaces.map { (NamespaceName($0.subsystemNqn, $0.nsid), WorkDone($0)) }
        ) { $1 }
        var total = WorkDone()
        namespaces = later.namespaces.map { namespace in
            let name = NamespaceName(namespace.subsystemNqn, namespace.nsid)
            let work = WorkDone(namespace).since(namespacesBefore[name])
            total += work
            return Namespace(
                subsystemNQN: name.nqn, nsid: name.nsid, image: namespace.image,
                rate: WorkRate(work: work, seconds: seconds))
        }
        self.total = WorkRate(work: total, seconds: seconds)
        self.seconds = seconds
        hosts = Self.hosts(from: earlier, to: later, seconds)
    }

    private static func hosts(
        from earlier: PB_gateway_activity, to later: PB_gateway_activity, _ seconds: Double
    ) -> [Host] {
        let before = Dictionary(earlier.controllers.map { ($0.key, WorkDone($0)) }) { $1 }
        var hosts: [[String]: Host] = [:]
        for controller in later.controllers {
            let work = WorkDone(controller).since(before[controller.key])
            let name = [controller.subsystemNqn, controller.hostNqn]
            guard let host = hosts[name] else {
                hosts[name] = Host(
                    subsystemNQN: controller.subsystemNqn, hostNQN: controller.hostNqn, controllerCount: 1,
                    queueCount: controller.queueCount, rate: WorkRate(work: work, seconds: seconds))
                continue
            }
            var sum = host.rate.work
            sum += work
            hosts[name]?.controllerCount += 1
            hosts[name]?.queueCount += controller.queueCount
            hosts[name]?.rate = WorkRate(work: sum, seconds: seconds)
        }
        return hosts.values.sorted { ($0.subsystemNQN, $0.hostNQN) < ($1.subsystemNQN, $1.hostNQN) }
    }
}

extension PB_controller_activity {
    /// A controller: its identifier may be given to another host of another subsystem later.
    fileprivate var key: [String] { [subsystemNqn, hostNqn, String(controllerID)] }
}

extension ControlSession {
    fileprivate func activity(of nqn: String?) async throws(ControlFailure) -> PB_gateway_activity {
        var request = PB_get_activity_req()
        if let nqn { request.subsystemNqn = nqn }
        return try await call(InspectionMethods.getActivity, request)
    }
}
