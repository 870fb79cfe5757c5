// An I/O command as a typed value: parsed from its entry once a step, 0's-based counts and shifts undone here
// and nowhere else. What each becomes for a backend is in the files beside it.

internal import NVMeTCP

/// The I/O commands that are implemented: what the rows of the command table dispatch to.
enum IOAction: UInt8, CaseIterable, BitwiseCopyable, Sendable {
    case flush
    case write
    case read
    case compare
    case writeZeroes
    case datasetManagement
    case verify
    case copy
    case reservationRegister
    case reservationReport
    case reservationAcquire
    case reservationRelease

    /// Whether the namespace's home shard serves it, rather than a backend.
    var isReservation: Bool {
        switch self {
        case .reservationRegister, .reservationReport, .reservationAcquire, .reservationRelease: true
        case .flush, .write, .read, .compare, .writeZeroes, .datasetManagement, .verify, .copy: false
        }
    }

    /// What a request of such a command is judged as. One that reads and forces unit access makes the store
    /// flush first: that is no more than reading.
    func access(for request: BackendOperation) -> BlockAccess {
        switch self {
        case .read, .compare, .verify: .read
        case .flush, .write, .writeZeroes, .datasetManagement, .copy: request.access
        case .reservationRegister, .reservationReport, .reservationAcquire, .reservationRelease: .none
        }
    }
}

/// The fields of Read, Write, Compare, Write Zeroes and Verify.
///
/// What is left out means nothing here: Limited Retry (LR), as the store knows one way to retry; protection
/// information (PRINFO, STC and the tags), which a namespace without it ignores; the hints of CDW13.
///
/// Source: NVM Command Set Specification, "Read command", "Write command", "Compare command", "Write Zeroes
/// command", "Verify command".
struct BlockCommand: BitwiseCopyable {
    /// Starting LBA (SLBA), CDW10 and CDW11.
    let start: UInt64
    /// Number of Logical Blocks (NLB), CDW12 bits 15:0; 0's based on the wire.
    let blockCount: UInt64
    /// Force Unit Access (FUA), CDW12 bit 30.
    let forceUnitAccess: Bool
    /// Protection Information Action (PRACT), CDW12 bit 29.
    let protectionAction: Bool
    /// Deallocate (DEAC), CDW12 bit 25 of Write Zeroes.
    let mayDeallocate: Bool

    init(_ command: SubmissionEntry) {
        start = command.startingLBA
        blockCount = UInt64(command.dword12 & 0xFFFF) + 1
        forceUnitAccess = command.dword12 & 1 << 30 != 0
        protectionAction = command.dword12 & 1 << 29 != 0
        mayDeallocate = command.dword12 & 1 << 25 != 0
    }

    /// The bytes it covers of a namespace.
    /// - Throws: LBA Out of Range.
    func range(on namespace: NamespaceAttachment) throws(CommandFailure) -> BlockRange {
        try BlockRange(
            start: start, count: blockCount, on: namespace, location: ParameterErrorLocation(byte: 40))
    }
}

extension SubmissionEntry {
    /// Refuses what CDW12 may ask for and no controller of ours has.
    ///
    /// Directive Type (DTYPE) is in bits 23:20, but for Write Zeroes in 22:20; there is no directive that
    /// writes use. Command Extension Type (CETYPE), bits 19:16, selects a key of Key Per I/O. Namespace
    /// Zeroes (NSZ), bit 23 of Write Zeroes, asks for all of the namespace: the range would not be that.
    ///
    /// - Throws: Invalid Field in Command.
    /// - Parameter hasDirective: Whether the command has a directive type; the bits are reserved otherwise.
    func checkExtensions(hasDirective: Bool) throws(CommandFailure) {
        if dword12 >> 16 & 0xF != 0 { throw .invalidField(byte: 50) }
        let isZeroes = opcode == IOOpcode.writeZeroes.rawValue
        let mask: UInt32 = isZeroes ? 0x7 : 0xF
        if hasDirective, dword12 >> 20 & mask != 0 { throw .invalidField(byte: 50, bit: 4) }
        if isZeroes, dword12 & 1 << 23 != 0 { throw .invalidField(byte: 50, bit: 7) }
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
