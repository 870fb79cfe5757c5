// Drives shards without sockets: bytes go between hosts and TargetShard in memory, messages between shards in
// a queue, and time stands still until a test moves it. It is what GatewayIO's Shard does, with arrays
// instead of a ring.

import NVMeTCP
import Synchronization

@testable import GatewayCore

/// Some shards and their connections. Single threaded, but for the completions of backends.
final class ShardFixture {
    private(set) var shards: [TargetShard] = []
    private var services: [FixtureServices] = []
    private var hosts: [Place: TestHost] = [:]
    private var messages: [(ShardMessage, Int)] = []
    private var leftovers: [Place: [UInt8]] = [:]
    private(set) var drainedShards: Set<Int> = []
    /// What each shard has settled, in order.
    private(set) var settledGenerations: [Int: [UInt64]] = [:]
    /// Where reservations are saved, and saves that wait while the test holds them.
    let reservationStore = MemoryReservationStore(isPersistent: true)
    var holdsSaves = false
    private(set) var heldSaves: [(save: ReservationSave, shard: Int)] = []
    /// What each shard has said of its traffic.
    private(set) var traffic: [Int: [NamespaceTraffic]] = [:]
    private(set) var controllers: [Int: [ControllerReport]] = [:]
    /// The longest batch that was sent to a host, in bytes.
    private(set) var longestBatch = 0
    let log = RecordingLog()
    var now = Instant(nanoseconds: 1_000_000_000)

    struct Place: Hashable {
        let shard: Int
        let connection: ConnectionID
    }

    init(model: TargetModel, shardCount: Int = 1, limits: Limits = Limits()) {
        for id in 0..<shardCount {
            let service = FixtureServices(shardID: id)
            services.append(service)
            shards.append(
                TargetShard(
                    id: id, shardCount: shardCount, limits: limits, model: model, log: log,
                    checksum: .standard, services: service,
                    mailbox: UnsafeRawPointer(Unmanaged.passUnretained(service).toOpaque()),
                    deliver: { node in
                        let node = node.assumingMemoryBound(to: CompletionNode.self)
                        let service = Unmanaged<FixtureServices>.fromOpaque(node.pointee.mailbox)
                        service.takeUnretainedValue().push(node)
                    }))
        }
    }

    /// A host's connection, after ICReq and ICResp; nil if the shard refused it.
    func host(
        shard: Int = 0, port: UInt16 = 1, parameters: HostConnection.Parameters = .init()
    ) -> TestHost? {
        guard let id = shards[shard].open(port: port, peer: "test host", at: now) else { return nil }
        let place = Place(shard: shard, connection: id)
        let host = TestHost(self, place, parameters)
        hosts[place] = host
        host.initialize()
        return host
    }

    /// Bytes from a host; what a paused shard does not take is kept for it.
    func deliver(_ bytes: [UInt8], from place: Place) {
        guard hosts[place]?.isClosed == false else { return }
        let shard = shards[place.shard]
        var bytes = (leftovers.removeValue(forKey: place) ?? []) + bytes
        while !bytes.isEmpty {
            switch shard.receiveStep(place.connection) {
            case .staged:
                let taken = bytes.withUnsafeBytes { shard.received(place.connection, $0.bytes, at: now) }
                bytes.removeFirst(taken)
            case .direct(let base, let count):
                let taken = min(count, bytes.count)
                bytes.withUnsafeBytes { base.copyMemory(from: $0.baseAddress!, byteCount: taken) }
                shard.receivedDirect(place.connection, count: taken, at: now)
                bytes.removeFirst(taken)
            case .paused:
                leftovers[place] = bytes
                return
            case .ended:
                return
            }
        }
    }

    /// Carries out what shards ask for, until nothing is left to do.
    func pump() {
        var isBusy = true
        while isBusy {
            isBusy = false
            for (id, shard) in shards.enumerated() {
                for node in services[id].takeAll() {
                    shard.completed(node, at: now)
                    isBusy = true
                }
                while let action = shard.nextAction(at: now) {
                    perform(action, of: id)
                    isBusy = true
                }
            }
            let batch = messages
            messages = []
            for (message, id) in batch {
                shards[id].receive(message, at: now)
                isBusy = true
            }
        }
    }

    /// Tells one shard something, while the others have not heard of it.
    func send(_ message: ShardMessage, to shard: Int) {
        messages.append((message, shard))
        pump()
    }

    /// Tells every shard something, as the program would.
    func broadcast(_ message: ShardMessage) {
        for id in shards.indices { messages.append((message, id)) }
        pump()
    }

    func advance(milliseconds: UInt64) {
        now = now.advanced(byMilliseconds: milliseconds)
        for shard in shards { shard.tick(at: now) }
        pump()
    }

    /// The host's side of the connection is gone.
    func disconnect(_ host: TestHost) {
        guard !host.isClosed else { return }
        close(host.place)
        pump()
    }

    private func perform(_ action: ShardAction, of shard: Int) {
        switch action {
        case .transmit(let id): transmit(Place(shard: shard, connection: id))
        case .resumeReceive(let id): deliver([], from: Place(shard: shard, connection: id))
        case .close(let id): close(Place(shard: shard, connection: id))
        case .post(let message, to: let destination): messages.append((message, destination))
        case .settled(let generation): settledGenerations[shard, default: []].append(generation)
        case .saveReservations(let save):
            if holdsSaves { heldSaves.append((save, shard)) } else { carryOut(save, of: shard) }
        case .traffic(let report, _): traffic[shard] = report
        case .controllers(let report, _): controllers[shard] = report
        case .drained: drainedShards.insert(shard)
        }
    }

    private func carryOut(_ save: ReservationSave, of shard: Int) {
        let outcome = Mutex<Result<Void, ReservationStoreError>?>(nil)
        // The store in memory ends it within the call.
        reservationStore.save(save.record, of: save.namespace, replacing: save.replacing) { result in
            outcome.withLock { $0 = result }
        }
        endSave(save, of: shard, outcome.withLock { $0! })
    }

    private func endSave(
        _ save: ReservationSave, of shard: Int, _ result: Result<Void, ReservationStoreError>
    ) {
        messages.append(
            (.reservationsSaved(save.namespace, version: save.record.version, result), shard))
    }

    /// Ends the saves that were held: as the store does, or with a failure.
    func releaseSaves(failing failure: ReservationStoreError? = nil) {
        let all = heldSaves
        heldSaves = []
        for (save, shard) in all {
            if let failure { endSave(save, of: shard, .failure(failure)) } else { carryOut(save, of: shard) }
        }
        pump()
    }

    /// Sends what waited while the host was deaf.
    func resend(to host: TestHost) {
        transmit(host.place)
        pump()
    }

    private func transmit(_ place: Place) {
        guard let host = hosts[place], !host.isClosed, !host.isDeaf else { return }
        var batch = TransmitBatch(pduCountMax: 8)
        shards[place.shard].fill(&batch, for: place.connection, at: now)
        if batch.isEmpty { return }
        longestBatch = max(longestBatch, batch.byteCount)
        let bytes = batch.segments.flatMap { Array(UnsafeRawBufferPointer(start: $0.base, count: $0.count)) }
        shards[place.shard].sent(batch, for: place.connection)
        host.receive(bytes)
    }

    private func close(_ place: Place) {
        guard let host = hosts[place], !host.isClosed else { return }
        host.isClosed = true
        hosts[place] = nil
        shards[place.shard].closed(place.connection, at: now)
    }

    deinit {
        // Operations must not outlive their shard: every connection is closed and every message delivered.
        for place in hosts.keys { close(place) }
        pump()
    }
}

/// A shard's services and mailbox.
final class FixtureServices: ShardServices, Sendable {
    let shardID: Int
    private let nodes = Mutex<[UInt]>([])

    init(shardID: Int) { self.shardID = shardID }

    func push(_ node: UnsafeMutablePointer<CompletionNode>) {
        nodes.withLock { $0.append(UInt(bitPattern: node)) }
    }

    func takeAll() -> [UnsafeMutablePointer<CompletionNode>] {
        nodes.withLock { nodes in
            defer { nodes = [] }
            return nodes.map { UnsafeMutablePointer<CompletionNode>(bitPattern: $0)! }
        }
    }
}

/// Keeps log lines for tests to read.
final class RecordingLog: TargetLog {
    private let storage = Mutex<[String]>([])
    var lines: [String] { storage.withLock { $0 } }

    func write(_ level: LogLevel, _ message: String) {
        storage.withLock { $0.append("\(level): \(message)") }
    }
}
