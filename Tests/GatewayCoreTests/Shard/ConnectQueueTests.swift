// Connect and Abort through a whole shard: what only the bytes on the wire show, and what a host may do that
// no library does.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Connect on the wire")
struct ConnectQueueTests {
    private let nqn = ConnectedHost.subsystemNQN

    private func fixture() -> ShardFixture {
        ShardFixture(
            model: ConnectedHost.model([ConnectedHost.namespace(MemoryBackend(byteCount: 1 << 20))]))
    }

    private func invalid(_ offset: UInt64, inData: Bool = false) -> UInt64 {
        offset | (inData ? 1 << 16 : 0)
    }

    @Test("Two Connects at once on a connection get it closed in time, and nothing else happens")
    func twoAtOnce() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        let rude = try #require(host.fixture.host())
        var entry = ConnectCommand(queueID: 2, submissionQueueSize: 31).entry(commandID: 0)
        entry.sgl = .transport(length: UInt32(ConnectData.byteCount))
        let data = [UInt8](repeating: 0, count: ConnectData.byteCount)
        for _ in 1...3 { _ = rude.start(entry, data: data, inCapsule: false) }
        host.fixture.pump()
        #expect(!rude.isClosed)
        host.fixture.advance(milliseconds: Limits().handshakeMilliseconds)
        #expect(rude.isClosed)
        #expect(host.io.read(start: 0, blocks: 1).completion?.status == .success)
    }

    @Test("Where flow control is disabled Connect says so: SQHD is FFFFh, and nowhere else")
    func disabledFlowControl() throws {
        let fixture = fixture()
        let relaxed = try #require(fixture.host())
        let agreed = try relaxed.connect(to: nqn, attributes: .disableFlowControl)
        #expect(agreed?.submissionQueueHead == 0xFFFF)
        #expect(relaxed.enable()?.submissionQueueHead == 0)
        let plain = try #require(fixture.host())
        #expect(try plain.connect(to: nqn)?.submissionQueueHead == 1)
        let refused = try #require(fixture.host())
        let refusal = try refused.connect(to: nqn, queue: 1, attributes: .disableFlowControl)
        #expect(refusal?.status == .connectInvalidParameters.notRetryable)
        #expect(refusal?.submissionQueueHead != 0xFFFF)
    }

    @Test("A Connect that fails never says Invalid Field: a wrong data pointer is an invalid parameter")
    func invalidField() throws {
        let fixture = fixture()
        let host = try #require(fixture.host())
        let fused = try host.connect(to: nqn) { $0.dword0 |= 1 << 8 }
        #expect(fused?.status == .connectInvalidParameters.notRetryable)
        #expect(fused?.result == invalid(1))
        let pointer = try host.connect(to: nqn) { $0.dword0 |= 3 << 14 }
        #expect(pointer?.status == .connectInvalidParameters.notRetryable)
        #expect(pointer?.result == invalid(1))
        #expect(try host.connect(to: nqn)?.status == .success)
    }

    @Test("A Connect that fails is not in the error log: a second one on a queue")
    func errorLog() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        #expect(try host.admin.connect(to: nqn)?.status == .commandSequenceError.notRetryable)
        let again = try host.io.connect(to: nqn, queue: 1, controller: host.controllerID)
        #expect(again?.status == .commandSequenceError.notRetryable)
        var log = SubmissionEntry(opcode: AdminOpcode.getLogPage.rawValue)
        log.dword10 = UInt32(LogPageID.errorInformation.rawValue) | 15 << 16
        let (completion, entry) = host.admin.run(log, reading: 64)
        #expect(completion?.status == .success)
        #expect(entry == [UInt8](repeating: 0, count: 64))
    }

    @Test("An I/O queue's Connect before CC.EN, and to a discovery controller, is refused at QID")
    func notEnabled() throws {
        let fixture = fixture()
        for subsystem in [nqn, NQN.discovery.text] {
            let admin = try #require(fixture.host())
            let connected = try #require(try admin.connect(to: subsystem))
            let io = try #require(fixture.host())
            let refused = try io.connect(
                to: subsystem, queue: 1, controller: ConnectResponse.controllerID(connected.result))
            #expect(refused?.status == .connectInvalidParameters.notRetryable)
            #expect(refused?.result == invalid(42))
        }
    }

    @Test("An I/O queue's Connect may leave the host identifier out")
    func noHostID() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        let second = try #require(host.fixture.host())
        let joined = try second.connect(to: nqn, queue: 2, controller: host.controllerID, hostID: 0)
        #expect(joined?.status == .success)
    }

    @Test("An aborted event request is answered before the Abort that ended it")
    func abortOrder() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        let request = host.admin.start(SubmissionEntry(opcode: AdminOpcode.asyncEventRequest.rawValue))
        host.fixture.pump()
        var abort = SubmissionEntry(opcode: AdminOpcode.abort.rawValue)
        abort.dword10 = UInt32(request) << 16
        let id = host.admin.start(abort)
        host.fixture.pump()
        #expect(host.admin.completions[id]?.result == 0)
        #expect(host.admin.responseOrder.suffix(2) == [request, id])
    }

    @Test("Event requests that a reset ends are not answered, and are no errors")
    func resetRequests() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        let ids = (1...8).map { _ in
            host.admin.start(SubmissionEntry(opcode: AdminOpcode.asyncEventRequest.rawValue))
        }
        host.fixture.pump()
        let before = host.fixture.shards[0].operationsInFlight
        #expect(host.admin.setProperty(.configuration, to: 0x460060)?.status == .success)
        #expect(host.admin.enable()?.status == .success)
        #expect(ids.allSatisfy { host.admin.completions[$0] == nil })
        #expect(host.fixture.shards[0].operationsInFlight == before - 8)
        let request = host.admin.start(SubmissionEntry(opcode: AdminOpcode.asyncEventRequest.rawValue))
        host.fixture.pump()
        #expect(host.admin.completions[request] == nil)
    }
}
