// A host on this machine: our own initiator, for tests that need no Linux kernel at the other end. Everything
// here blocks, and an association stays on one thread: call it from functions that don't await.

import Foundation
import GatewayIO
import NVMeTCP
import Testing

enum Host {
    /// Connects to a controller, runs `body` and shuts the controller down.
    static func with(
        port: Int, _ subsystem: String, host: UInt64 = 7, digests: Bool = false,
        _ body: (InitiatorController) throws -> Void
    ) throws {
        var parameters = InitiatorParameters(
            address: "127.0.0.1", port: UInt16(port), subsystem: try NQN(subsystem),
            host: try NQN("nqn.2026-11.com.example:tests-\(host)"), hostID: HostID(rawValue: UInt128(host)))
        parameters.wantsDigests = digests
        let controller = try InitiatorController(parameters, on: InitiatorLoop())
        defer { controller.shutdown() }
        try body(controller)
    }
}

/// Runs what blocks, as hosts do, on a thread of its own.
func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
    }
}

extension InitiatorController {
    /// Runs one I/O command over `blocks` of 512 bytes of namespace 1 to its end.
    func io(
        _ opcode: IOOpcode, on queue: InitiatorQueue, lba: UInt64, blocks: Int, forceUnitAccess: Bool = false,
        fill: (inout MutableRawSpan) -> Void = { _ in }, read: (RawSpan) -> Void = { _ in }
    ) throws -> CommandOutcome {
        var entry = SubmissionEntry(opcode: opcode.rawValue)
        entry.dword1 = 1
        entry.dword10 = UInt32(truncatingIfNeeded: lba)
        entry.dword11 = UInt32(truncatingIfNeeded: lba >> 32)
        entry.dword12 = UInt32(blocks - 1) | (forceUnitAccess ? 1 << 30 : 0)
        let transfer = DataTransfer(rawValue: opcode.rawValue & 3)
        return try loop.execute(
            "a command", entry, on: queue, transfer, byteCount: transfer == .none ? 0 : blocks * 512,
            fill: fill,
            read: read)
    }
}
