// Hosts that ask a gateway to write as much as it lets them and leave without an answer, one after the other:
// what they leave at a store that does not answer can be freed by nobody.

import GatewayIO
import NVMeTCP
import Testing

enum DesertingHost {
    private static let depth = 64
    private static let blockCount = 256
    private static let byteCount = blockCount * 512
    /// Where they write, in blocks: far from what others use.
    private static let start = 1 << 20

    /// Blocks until the last of them has left.
    /// - Returns: How many bytes they wanted to be written.
    static func leave(at gateway: Gateway, times: Int) throws -> Int {
        for number in 0..<times { try leave(at: gateway, as: UInt64(1000 + number)) }
        return times * depth * byteCount
    }

    private static func leave(at gateway: Gateway, as host: UInt64) throws {
        let loop = try InitiatorLoop()
        defer { loop.close() }
        let controller = try InitiatorController(
            InitiatorParameters(
                address: "127.0.0.1", port: UInt16(gateway.port), subsystem: try NQN(gateway.nqn),
                host: try NQN("nqn.2026-11.com.example:tests-\(host)"),
                hostID: HostID(rawValue: UInt128(host))),
            on: loop)
        #expect(try controller.requestQueues(1) == 1)
        let queue = try controller.connectQueue(1, depth: depth, bufferByteCount: byteCount)
        while let commandID = queue.takeCommand() {
            var entry = SubmissionEntry(opcode: IOOpcode.write.rawValue)
            entry.dword1 = 1
            entry.dword10 = UInt32(start + Int(commandID) * blockCount)
            entry.dword12 = UInt32(blockCount - 1)
            queue.submit(commandID, entry, .hostToController, byteCount: byteCount, isReported: false)
        }
        // The queue's data moves while the Admin queue's answers are waited for.
        for _ in 0..<32 { _ = try controller.identifyNamespace(1) }
    }
}
