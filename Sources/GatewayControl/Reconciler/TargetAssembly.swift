// Makes what the target is to serve from the group's state, the stores that are open and the ports that are
// listened at. It is a function of these: what can't be served is named with its reason and left out, and
// nothing else is changed by that. Objects that stay as they are stay the same objects, which their hosts
// don't notice.

internal import GatewayCore
internal import NVMeTCP

/// What is there to serve with.
struct ServingMeans {
    var stores: [StoreName: any BlockBackend] = [:]
    /// Why a store is not open; those that are being opened have none.
    var storeProblems: [StoreName: String] = [:]
    var ports: [ServedAddress: UInt16] = [:]
    var portProblems: [ServedAddress: String] = [:]
    /// The machine's, if subsystems name networks.
    var localAddresses: [String] = []
    /// By subsystem and group; others are as the settings say.
    var anaStates: [String: [UInt32: ANAState]] = [:]
}

/// The subsystems that are served, and what is not.
struct TargetAssembly {
    let settings: ReconcilerSettings
    private(set) var subsystems: [Subsystem] = []
    private(set) var problems: [ServedObject: String] = [:]
    /// The objects of this assembly with what they were made from, for the next one.
    private var kept = Kept()

    private struct Kept {
        var namespaces: [ServedObject: (plan: NamespacePlan, made: Namespace?)] = [:]
        var subsystems: [String: (plan: SubsystemPlan, made: Subsystem)] = [:]
        var rateLimiters: [ServedObject: RateLimiter] = [:]
    }

    init(_ settings: ReconcilerSettings) { self.settings = settings }

    /// The next assembly.
    mutating func make(_ state: GroupState, with means: ServingMeans) {
        let before = kept
        (kept, problems, subsystems) = (Kept(), [:], [])
        for subsystem in state.sortedSubsystems {
            let served = assemble(subsystem, means, before)
            if let served { subsystems.append(served) }
        }
    }

    /// Puts what the target serves in place of a subsystem that it refuses; nil if it serves none of that
    /// name.
    mutating func refuse(_ nqn: String, because reason: String, keeping old: Subsystem?) {
        problems[.subsystem(nqn: nqn)] = reason
        kept.subsystems[nqn] = nil
        guard let index = subsystems.firstIndex(where: { $0.nqn == nqn }) else { return }
        if let old { subsystems[index] = old } else { subsystems.remove(at: index) }
    }

    // MARK: A subsystem

    private mutating func assemble(
        _ state: SubsystemState, _ means: ServingMeans, _ before: Kept
    ) -> Subsystem? {
        let nqn = state.record.subsystemNQN
        if let problem = state.problem {
            problems[.subsystem(nqn: nqn)] = problem
            return nil
        }
        let old = before.subsystems[nqn]?.made
        var highest = state.record.maxNamespaces ?? 0
        if highest == 0 { highest = settings.namespacesPerSubsystemMax }
        // Those above mean something else.
        highest = min(highest, 0xFFFF_FFFD)
        // Hosts were told, and can't follow.
        if let old, old.anaReporting != nil, state.record.enableHA { highest = old.namespaceIDMax }
        var namespaces: [Namespace] = []
        for namespace in state.sortedNamespaces {
            let name = ServedObject.namespace(nqn: nqn, nsid: namespace.record.nsid)
            do throws(PlanProblem) {
                let plan = try NamespacePlan(
                    namespace, isHA: state.record.enableHA, highest: highest,
                    rateLimiter: rateLimiter(name, namespace.rateLimits, before), settings, means)
                let known = before.namespaces[name]
                let made = known?.plan == plan ? known?.made : nil
                let served = made ?? plan.make(means)
                kept.namespaces[name] = (plan, served)
                problems[name] = means.storeProblems[plan.store]
                if let served { namespaces.append(served) }
            } catch { problems[name] = error.reason }
        }
        let plan = SubsystemPlan(
            record: state.record, namespaceIDMax: highest,
            namespaces: namespaces.map(ObjectIdentifier.init),
            access: access(state), ports: ports(state, means), elsewhere: portsElsewhere(state),
            ana: state.record.enableHA ? anaReporting(nqn, means) : nil)
        let known = before.subsystems[nqn]
        let made = known?.plan == plan ? known?.made : nil
        let served = made ?? plan.make(namespaces, settings)
        kept.subsystems[nqn] = (plan, served)
        return served
    }

    /// Limits that change are the same limiter's, which takes them over at once.
    private mutating func rateLimiter(
        _ name: ServedObject, _ limits: RateLimits, _ before: Kept
    ) -> RateLimiter? {
        guard limits != RateLimits() else { return nil }
        let limiter = before.rateLimiters[name] ?? RateLimiter(limits)
        if limiter.limits != limits { limiter.limits = limits }
        kept.rateLimiters[name] = limiter
        return limiter
    }

    private func anaReporting(_ nqn: String, _ means: ServingMeans) -> ANAReporting {
        let states = means.anaStates[nqn] ?? [:]
        return ANAReporting(
            groups: (1...settings.anaGroupsMax).map { id in
                ANAGroup(id: id, state: states[id] ?? settings.anaStateAtStart)
            })
    }

    /// Hosts whose keys would have to be proved are left out: this version can't ask for the proof.
    private mutating func access(_ state: SubsystemState) -> HostAccess {
        var admitted: Set<String> = []
        for host in state.sortedHosts {
            guard !host.hasKeys else {
                problems[.host(nqn: state.record.subsystemNQN, hostNQN: host.hostNQN)] =
                    "it has a key, and authentication and TLS are not offered yet: it may not connect"
                continue
            }
            admitted.insert(host.hostNQN)
        }
        return admitted.contains(HostRecord.any) ? .any : .only(admitted)
    }

    // MARK: Ports

    private mutating func ports(_ state: SubsystemState, _ means: ServingMeans) -> Set<UInt16> {
        var ids: Set<UInt16> = []
        for record in state.listeners(hostName: settings.hostName, addresses: means.localAddresses) {
            let name = ServedObject.listener(record)
            guard let address = record.servedAddress else {
                problems[name] = record.addressProblem
                continue
            }
            if let id = means.ports[address] { ids.insert(id) }
            if let problem = means.portProblems[address] { problems[name] = problem }
        }
        return ids
    }

    private func portsElsewhere(_ state: SubsystemState) -> [Port] {
        let addresses = state.sortedListeners.filter { $0.hostName != settings.hostName }
            .compactMap(\.servedAddress).filter { !$0.isWildcard }
        // An identifier has one address in a subsystem; more of them than there are can't be told.
        return zip(settings.firstPortIDElsewhere..<UInt16.max, addresses).map { id, address in
            Port(id: id, family: address.family, address: address.host, service: address.port)
        }
    }
}

extension ServedObject {
    static func listener(_ record: ListenerRecord) -> ServedObject {
        .listener(nqn: record.nqn, key: record.key.text, address: "\(record.address):\(record.portOrDefault)")
    }
}

extension ListenerRecord {
    /// Where it is listened at; nil if `addressProblem` says why that can't be.
    var servedAddress: ServedAddress? {
        guard addressProblem == nil, let port = UInt16(exactly: portOrDefault) else { return nil }
        return ServedAddress(host: address, port: port)
    }

    var addressProblem: String? {
        if secure == true { return "it is to be secure, and TLS is not offered yet: nothing listens there" }
        if UInt16(exactly: portOrDefault) ?? 0 == 0 { return "\(portOrDefault) is no TCP port" }
        return nil
    }
}

extension HostRecord {
    fileprivate var hasKeys: Bool {
        [psk, dhchapKey].contains { $0.map { !$0.isEmpty } ?? false }
    }
}

extension SubsystemState {
    /// Why it can't be served at all.
    fileprivate var problem: String? {
        do throws(NQN.Fault) {
            if try NQN(record.subsystemNQN) == .discovery { return "this is the Discovery subsystem's name" }
        } catch { return "its name is no NQN: \(error)" }
        let serial = record.serialNumber.utf8
        guard (1...20).contains(serial.count), serial.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            return "its serial number is not 1 to 20 characters of ASCII"
        }
        if record.dhchapKey.map({ !$0.isEmpty }) ?? false {
            return "it has a key, and authentication is not offered yet"
        }
        return nil
    }
}
