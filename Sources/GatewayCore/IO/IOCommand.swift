// An I/O command as a typed value: parsed from its entry once a step, 0's-based counts and shifts undone here
// and nowhere else. What it becomes for a backend is in `TargetShard+IO.swift`.

internal import NVMeTCP

/// The I/O commands that are implemented: what the rows of the command table dispatch to.
enum IOAction: UInt8, CaseIterable, BitwiseCopyable, Sendable {
    case flush
    case write
    case read
    case compare
    case writeZeroes
    case datasetManagement
}

/// The fields of Read, Write, Compare and Write Zeroes.
///
/// Source: NVM Command Set Specification, "Read command", "Write command", "Compare command", "Write Zeroes
/// command".
struct BlockCommand: BitwiseCopyable {
    /// Starting LBA (SLBA), CDW10 and CDW11.
    let start: UInt64
    /// Number of Logical Blocks (NLB), CDW12 bits 15:0; 0's based on the wire.
    let blockCount: UInt64
    /// Force Unit Access (FUA), CDW12 bit 30.
    let forceUnitAccess: Bool
    /// Deallocate (DEAC), CDW12 bit 25 of Write Zeroes.
    let mayDeallocate: Bool
    /// Directive Type (DTYPE), CDW12 bits 23:20 of Write.
    let directiveType: UInt8

    init(_ command: SubmissionEntry) {
        start = command.startingLBA
        blockCount = UInt64(command.dword12 & 0xFFFF) + 1
        forceUnitAccess = command.dword12 & 1 << 30 != 0
        mayDeallocate = command.dword12 & 1 << 25 != 0
        directiveType = UInt8(truncatingIfNeeded: command.dword12 >> 20) & 0xF
    }

    /// The bytes it covers of a namespace.
    /// - Throws: LBA Out of Range.
    func range(on namespace: NamespaceAttachment) throws(CommandFailure) -> BlockRange {
        try BlockRange(
            start: start, count: blockCount, blockShift: namespace.blockShift,
            capacity: namespace.blockCount, location: ParameterErrorLocation(byte: 40))
    }
}

/// The fields of Dataset Management.
///
/// Source: NVM Command Set Specification, "Dataset Management command".
struct DatasetManagementCommand: BitwiseCopyable {
    /// Number of Ranges (NR), CDW10 bits 7:0; 0's based on the wire.
    let rangeCount: Int
    /// Attribute - Deallocate (AD), CDW11 bit 2. The two other attributes are hints that we have no use for.
    let deallocates: Bool
    /// The data to transfer. Linux sends room for 256 ranges however few it uses (some drives read them all):
    /// up to that, what follows the last range is accepted and ignored.
    let byteCount: Int

    init(_ command: SubmissionEntry) {
        rangeCount = Int(command.dword10 & 0xFF) + 1
        deallocates = command.dword11 & 1 << 2 != 0
        let needed = rangeCount * DatasetRange.byteCount
        let offered = Int(command.sgl.length)
        byteCount = (needed...256 * DatasetRange.byteCount).contains(offered) ? offered : needed
    }
}
