// A store that the target has lost, as its client was fenced: hosts are told to leave, and what they still
// send here is answered so that another path may serve it.

import NVMeTCP
import Synchronization
import Testing

@testable import GatewayCore

@Suite("Lost stores")
struct LostStoreTests {
    /// Serves until it is lost.
    final class LosableBackend: BlockBackend {
        private let store = MemoryBackend(byteCount: 1 << 20)
        private let lost = Atomic<Bool>(false)
        var isLost: Bool { lost.load(ordering: .acquiring) }
        var geometry: BlockGeometry { store.geometry }

        func lose() { lost.store(true, ordering: .releasing) }

        func submit(_ request: BackendRequest) -> BackendSubmission {
            isLost ? .completed(.unreachable) : store.submit(request)
        }
    }

    /// Two namespaces, the first of which can be lost, in ANA groups of their own if there is ANA.
    struct Lossy {
        let backend = LosableBackend()
        let namespaces: [Namespace]
        let fixture: ShardFixture
        let host: ConnectedHost

        init(_ states: [ANAState]?, visibility: HostAccess = .any) throws {
            namespaces = [
                Namespace(
                    id: 1, name: "lost", uuid: 1, visibility: visibility, anaGroupID: 1, backend: backend),
                Namespace(
                    id: 2, name: "well", uuid: 2, anaGroupID: states == nil ? 1 : 2,
                    backend: MemoryBackend(byteCount: 1 << 20)),
            ]
            fixture = ShardFixture(model: Self.model(namespaces, states), shardCount: 2)
            host = try ConnectedHost(on: fixture)
        }

        static func model(
            _ namespaces: [Namespace], _ states: [ANAState]?, generation: UInt64 = 1
        ) -> TargetModel {
            let groups = states?.enumerated().map { ANAGroup(id: UInt32($0 + 1), state: $1) }
            return ConnectedHost.model(
                namespaces, anaReporting: groups.map { ANAReporting(groups: $0) }, generation: generation)
        }

        func lose() {
            backend.lose()
            tell()
        }

        func tell() {
            fixture.broadcast(.geometryChanged(subsystem: ConnectedHost.subsystemNQN, namespace: 1))
        }

        func apply(_ states: [ANAState]?, generation: UInt64) {
            fixture.broadcast(.model(Self.model(namespaces, states, generation: generation)))
        }

        func read(_ namespace: UInt32) -> Status? {
            host.io.read(start: 0, blocks: 1, namespace: namespace).completion?.status
        }

        /// Asks for all events, and waits for the next.
        func awaitEvent() -> UInt16 {
            var wanted = SubmissionEntry(opcode: AdminOpcode.setFeatures.rawValue)
            (wanted.dword10, wanted.dword11) = (0x0B, 1 << 8 | (isANA ? 1 << 11 : 0))
            #expect(host.admin.run(wanted).completion?.status == .success)
            return host.admin.start(SubmissionEntry(opcode: AdminOpcode.asyncEventRequest.rawValue))
        }

        private var isANA: Bool { namespaces[1].anaGroupID == 2 }

        /// The active namespaces, as Identify lists them.
        func activeNamespaces(_ host: ConnectedHost) -> [UInt32] {
            var command = SubmissionEntry(opcode: AdminOpcode.identify.rawValue)
            command.dword10 = 2
            let data = host.admin.run(command, reading: 4096).data
            return data.withUnsafeBytes { raw in
                (0..<4).map { raw.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self) }
            }.filter { $0 != 0 }
        }
    }

    @Test("Without ANA a lost namespace is inactive, its host is told, and the others are served on")
    func detached() throws {
        let lossy = try Lossy(nil)
        let event = lossy.awaitEvent()
        #expect(lossy.read(1) == .success)
        lossy.lose()
        #expect(lossy.host.admin.completions[event]?.result == 0x04_0002)
        #expect(lossy.activeNamespaces(lossy.host) == [2])
        #expect(lossy.read(2) == .success)
        #expect(!lossy.host.admin.isClosed && !lossy.host.io.isClosed)
        // A host that connects now finds the same.
        #expect(lossy.activeNamespaces(try ConnectedHost(on: lossy.fixture, hostID: 0x43)) == [2])
    }

    @Test("What a host still sends to a lost namespace is path related and may be retried, on another path")
    func pathRelated() throws {
        let lossy = try Lossy(nil)
        lossy.lose()
        #expect(lossy.read(1) == .internalPathError)
        let write = lossy.host.io.write(start: 0, data: [UInt8](repeating: 1, count: 512))
        #expect(write?.status == .internalPathError)
        // A flush of all namespaces can't promise for it, one of another can.
        let all = TestHost.io(.flush, namespace: .broadcastNamespace)
        #expect(lossy.host.io.run(all).completion?.status == .internalPathError)
        #expect(lossy.host.io.run(TestHost.io(.flush, namespace: 2)).completion?.status == .success)
        // What never was there is as invalid as before.
        #expect(lossy.read(3) == .invalidField.notRetryable)
    }

    @Test("A host that did not see a lost namespace sees no difference")
    func hidden() throws {
        let lossy = try Lossy(nil, visibility: .only(["nqn.2026-11.io.example:another"]))
        let event = lossy.awaitEvent()
        lossy.lose()
        #expect(lossy.host.admin.completions[event] == nil)
        #expect(lossy.read(1) == .invalidField.notRetryable)
        let all = TestHost.io(.flush, namespace: .broadcastNamespace)
        #expect(lossy.host.io.run(all).completion?.status == .success)
    }

    @Test("With ANA its group is in Persistent Loss, its host is told, and other groups are served on")
    func persistentLoss() throws {
        let lossy = try Lossy([.optimized, .optimized])
        let event = lossy.awaitEvent()
        lossy.lose()
        #expect(lossy.host.admin.completions[event]?.result == 0x0C_0302)
        #expect(lossy.activeNamespaces(lossy.host) == [1, 2])
        #expect(lossy.read(1) == .anaPersistentLoss)
        #expect(lossy.read(2) == .success)
    }

    @Test(
        "No change of the model brings a lost store back",
        arguments: [nil, [.optimized, .optimized]] as [[ANAState]?])
    func forGood(states: [ANAState]?) throws {
        let lossy = try Lossy(states)
        lossy.lose()
        let refusal = lossy.read(1)
        lossy.apply(states, generation: 2)
        #expect(lossy.read(1) == refusal)
        #expect(lossy.fixture.settledGenerations == [0: [2], 1: [2]])
        // Nor does ANA's time: an overdue transition of the lost group stays Persistent Loss.
        guard states != nil else { return }
        lossy.apply([.change, .optimized], generation: 3)
        lossy.fixture.advance(milliseconds: 60_000)
        #expect(lossy.read(1) == .anaPersistentLoss)
    }

    @Test("A command whose data was long in coming finds that the store is lost")
    func dataThatComesLate() throws {
        let lossy = try Lossy(nil)
        let id = lossy.host.io.start(
            TestHost.io(.write, blocks: 64), data: [UInt8](repeating: 1, count: 32_768), inCapsule: false)
        lossy.lose()
        lossy.fixture.pump()
        #expect(lossy.host.io.completions[id]?.status == .internalPathError)
    }

    @Test("A client's thousand stores are taken away at the first message, and told once")
    func toldOnce() throws {
        let lossy = try Lossy(nil)
        _ = lossy.awaitEvent()
        lossy.lose()
        let second = lossy.host.admin.start(SubmissionEntry(opcode: AdminOpcode.asyncEventRequest.rawValue))
        let log = SubmissionEntry.changedNamespaces
        #expect(lossy.host.admin.run(log, reading: 4096).data.prefix(4) == [1, 0, 0, 0])
        lossy.tell()
        #expect(lossy.host.admin.completions[second] == nil)
    }
}

extension SubmissionEntry {
    /// Get Log Page, Changed Attached Namespace List.
    fileprivate static var changedNamespaces: SubmissionEntry {
        var command = SubmissionEntry(opcode: AdminOpcode.getLogPage.rawValue)
        command.dword1 = .broadcastNamespace
        command.dword10 = 4 | 1023 << 16
        return command
    }
}
