// Fused Compare and Write as a host sends it: two commands in a row, each with its data in the capsule or by
// R2T.

import NVMeTCP

@testable import GatewayCore

/// A pair of commands under way, by command identifier.
struct FusedPair {
    let compare: UInt16
    let write: UInt16
}

/// Where each half's data is.
struct FusedTransfer: CustomStringConvertible {
    let compareInCapsule: Bool
    let writeInCapsule: Bool

    static let all = [(true, true), (true, false), (false, true), (false, false)].map {
        FusedTransfer(compareInCapsule: $0.0, writeInCapsule: $0.1)
    }
    static let capsules = all[0]
    static let transfers = all[3]

    var description: String {
        "compare \(compareInCapsule ? "in capsule" : "by R2T"), "
            + "write \(writeInCapsule ? "in capsule" : "by R2T")"
    }
}

extension TestHost {
    /// The first half, or a command that says it is one.
    static func first(_ opcode: IOOpcode = .compare, start: UInt64 = 0, blocks: Int = 1, fuse: UInt32 = 1)
        -> SubmissionEntry
    {
        var command = io(opcode, start: start, blocks: blocks)
        command.dword0 |= fuse << 8
        return command
    }

    /// The second half, or a command that says it is one.
    static func second(_ opcode: IOOpcode = .write, start: UInt64 = 0, blocks: Int = 1) -> SubmissionEntry {
        first(opcode, start: start, blocks: blocks, fuse: 2)
    }

    /// Sends both halves.
    func startPair(
        start: UInt64 = 0, compare: [UInt8], write: [UInt8], _ transfer: FusedTransfer = .capsules
    ) -> FusedPair {
        let first = self.start(
            Self.first(start: start), data: compare, inCapsule: transfer.compareInCapsule)
        let second = self.start(
            Self.second(start: start), data: write, inCapsule: transfer.writeInCapsule)
        return FusedPair(compare: first, write: second)
    }

    /// The statuses of both halves; nil for one that has not ended.
    func statuses(_ pair: FusedPair) -> [Status?] {
        [completions[pair.compare]?.status, completions[pair.write]?.status]
    }
}

extension ConnectedHost {
    func runPair(
        start: UInt64 = 0, compare: [UInt8], write: [UInt8], _ transfer: FusedTransfer = .capsules
    ) -> [Status?] {
        let pair = io.startPair(start: start, compare: compare, write: write, transfer)
        fixture.pump()
        return io.statuses(pair)
    }

    /// The Error Information log's newest entries, newest first.
    func errors(_ count: Int) -> [ErrorInformation] {
        var log = SubmissionEntry(opcode: AdminOpcode.getLogPage.rawValue)
        log.dword10 = UInt32(LogPageID.errorInformation.rawValue) | UInt32(count * 16 - 1) << 16
        let bytes = admin.run(log, reading: count * 64).data
        return bytes.withUnsafeBytes { raw in
            (0..<count).map { ErrorInformation(raw.bytes, at: $0 * 64) }
        }
    }
}
