// The Copy command as a typed value, and the limits that it has to keep. What it becomes for a backend is in
// `TargetShard+Copy.swift`.

internal import NVMeTCP

/// The fields of Copy. Protection information (PRINFOR, PRINFOW, STCR, STCW and the tags) is ignored, as
/// namespaces without it ask for; Limited Retry means nothing here.
///
/// Source: NVM Command Set Specification, "Copy command".
struct CopyCommand: BitwiseCopyable {
    /// Starting Destination LBA (SDLBA), CDW10 and CDW11.
    let destination: UInt64
    /// Number of Ranges (NR), CDW12 bits 7:0; 0's based on the wire.
    let rangeCount: Int
    /// Descriptor Format (DESFMT), CDW12 bits 11:8.
    let format: CopyFormats
    /// Force Unit Access (FUA), CDW12 bit 30: of what is written.
    let forceUnitAccess: Bool

    init(_ command: SubmissionEntry) {
        destination = command.startingLBA
        rangeCount = Int(command.dword12 & 0xFF) + 1
        format = CopyFormats(format: UInt8(truncatingIfNeeded: command.dword12 >> 8) & 0xF)
        forceUnitAccess = command.dword12 & 1 << 30 != 0
    }

    /// The formats of this target: those of namespaces without protection information, or with one of 8
    /// bytes. The host has to enable format 2h.
    static let formats: CopyFormats = [.format0, .format2]

    /// The data: the ranges' descriptors.
    var byteCount: Int { rangeCount * CopySourceRange.byteCount }

    /// The range with this number.
    func range(_ index: Int, in descriptors: RawSpan) -> CopySourceRange {
        CopySourceRange(descriptors, at: index * CopySourceRange.byteCount)
    }

    /// All blocks of the ranges below `count`.
    func blockCount(below count: Int, in descriptors: RawSpan) -> UInt64 {
        var sum: UInt64 = 0
        for index in 0..<count { sum += UInt64(range(index, in: descriptors).blockCount) }
        return sum
    }
}

/// What a Copy may ask for of a namespace, in its blocks.
///
/// Source: NVM Command Set Specification, "Identify Namespace data structure", MSSRL, MCL and MSRC.
struct CopyLimits: Equatable, BitwiseCopyable {
    /// Maximum Single Source Range Length (MSSRL): a field of 16 bits.
    let rangeBlocksMax: UInt16
    /// Maximum Copy Length (MCL).
    let blocksMax: UInt32
    /// Maximum Source Range Count (MSRC); 0's based on the wire.
    let rangesMax: Int

    init(_ limits: Limits, blockShift: UInt8) {
        blocksMax = UInt32(clamping: limits.copyBytesMax >> Int(blockShift))
        rangeBlocksMax = UInt16(clamping: blocksMax)
        rangesMax = limits.copyRangesMax
    }
}
