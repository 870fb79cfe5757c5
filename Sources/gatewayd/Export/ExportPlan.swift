// The checks between the command line and the opening of anything: which names, addresses and hosts go
// together. Made by `ExportCommand`; a plan that exists can be carried out, as far as the command line can
// tell.

import GatewayCore
import NVMeTCP
import RBDBackend

/// Options as they were given, each already well-formed by itself.
struct ExportOptions: Sendable {
    var backends: [BackendSpecification]
    var nqn: NQN?
    var listen: [Endpoint] = []
    var advertise: [Endpoint] = []
    var discovery: DiscoveryOption = .wellKnown
    var allowedHosts: [NQN] = []
    var allowsAnyHost = false
    var blockSize = BlockSize.bytes512
    var passphraseFiles: [PassphraseFile] = []
}

/// Where the discovery subsystem listens beside the listeners, all of which answer for it too.
enum DiscoveryOption: Hashable, Sendable {
    /// On port 8009 of each listener's address, where that is free.
    case wellKnown
    /// On these addresses.
    case at([Endpoint])
    /// Nowhere else.
    case none
}

/// What `export` will do.
struct ExportPlan: Equatable, Sendable {
    /// One listening socket.
    struct Listener: Equatable, Sendable {
        let address: Endpoint
        /// What hosts are told.
        let advertised: Endpoint
        let isDiscoveryOnly: Bool
        /// Whether the export goes on without it when its address is taken.
        let isOptional: Bool
    }

    let nqn: NQN
    let backends: [BackendSpecification]
    let listeners: [Listener]
    let access: HostAccess
    let blockSize: BlockSize
    /// The files that unlock encrypted images.
    let passphraseFiles: [ImageSpec: String]

    /// - Parameter machine: what tells this machine from others: a derived NQN must not be another machine's
    ///   too.
    /// - Throws: which options do not go together, and what to write instead.
    init(_ options: ExportOptions, machine: String) throws(UsageError) {
        guard !options.backends.isEmpty else {
            throw UsageError("say what to export, for example rbd:rbd/demo")
        }
        for (index, backend) in options.backends.enumerated()
        where options.backends[..<index].contains(backend) {
            // Memory and null stores of one size are different stores; an image or a file twice is a mistake.
            switch backend {
            case .rbd, .file:
                throw UsageError("\(backend) is there twice: two namespaces over one store lose data")
            case .memory, .null: break
            }
        }
        guard options.nqn != .discovery else {
            throw UsageError(
                "--nqn is the discovery subsystem's name, which answers by itself: choose another")
        }
        backends = options.backends
        blockSize = options.blockSize
        passphraseFiles = try PassphraseFile.assign(options.passphraseFiles, to: options.backends)
        nqn = options.nqn ?? Self.derivedNQN(options.backends, machine: machine)
        let io = try Self.ioListeners(options)
        listeners = try io + Self.discoveryListeners(options.discovery, beside: io)
        access = try Self.access(options, listeners: listeners)
    }

    private static func derivedNQN(_ backends: [BackendSpecification], machine: String) -> NQN {
        let stores = backends.map(\.description).joined(separator: " ")
        return NQN(uuid: NamespaceUUID(rawValue: StableIdentity.uuid(of: "subsystem \(machine) \(stores)")))
    }

    private static func ioListeners(_ options: ExportOptions) throws(UsageError) -> [Listener] {
        let addresses =
            options.listen.isEmpty
            ? [Endpoint(family: .ipv4, address: "127.0.0.1", port: Endpoint.defaultPort)]
            : options.listen
        guard Set(addresses).count == addresses.count else {
            throw UsageError("--listen names the same address twice")
        }
        guard options.advertise.isEmpty || options.advertise.count == addresses.count else {
            throw UsageError(
                "--advertise is given \(options.advertise.count) times for \(addresses.count) "
                    + "listeners: give it once for each --listen, in the same order")
        }
        var listeners: [Listener] = []
        for (index, address) in addresses.enumerated() {
            let advertised = options.advertise.isEmpty ? address : options.advertise[index]
            guard !advertised.isWildcard else {
                throw UsageError(
                    "hosts cannot connect to \(advertised.address): add --advertise with the address "
                        + "that they reach this machine by, or listen on that address")
            }
            listeners.append(
                Listener(address: address, advertised: advertised, isDiscoveryOnly: false, isOptional: false))
        }
        return listeners
    }

    private static func discoveryListeners(
        _ option: DiscoveryOption, beside io: [Listener]
    ) throws(UsageError) -> [Listener] {
        switch option {
        case .none: return []
        case .at(let addresses):
            for address in addresses where address.isWildcard || io.contains(where: { $0.address == address })
            {
                throw UsageError(
                    address.isWildcard
                        ? "--discovery-listen needs an address to connect to, not \(address.address)"
                        : "\(address) is already a --listen address, and discovery answers there too")
            }
            return addresses.map {
                Listener(address: $0, advertised: $0, isDiscoveryOnly: true, isOptional: false)
            }
        case .wellKnown:
            var listeners: [Listener] = []
            for listener in io {
                let address = listener.address.with(port: Endpoint.discoveryPort)
                guard !(io + listeners).contains(where: { $0.address == address }) else { continue }
                listeners.append(
                    Listener(
                        address: address,
                        advertised: listener.advertised.with(port: Endpoint.discoveryPort),
                        isDiscoveryOnly: true, isOptional: true))
            }
            return listeners
        }
    }

    private static func access(_ options: ExportOptions, listeners: [Listener]) throws(UsageError)
        -> HostAccess
    {
        guard !options.allowsAnyHost || options.allowedHosts.isEmpty else {
            throw UsageError("--allow-any-host and --allow-host contradict each other: leave one out")
        }
        if !options.allowedHosts.isEmpty { return .only(Set(options.allowedHosts.map(\.text))) }
        if let open = listeners.first(where: { !$0.address.isLoopback }), !options.allowsAnyHost {
            throw UsageError(
                "\(open.address) can be reached from other machines: say who may connect, with "
                    + "--allow-host NQN (a host's is in its /etc/nvme/hostnqn) for each host, "
                    + "or with --allow-any-host"
            )
        }
        return .any
    }
}
