// One I/O command of a host as the simulator knows it, from the moment that the host sends it until nothing
// of it is left anywhere.

import GatewayCore
import NVMeTCP

/// What a host wants done.
struct CommandWish {
    var kind: CommandKind
    var namespaceID: UInt32
    /// The blocks that it names: one range, or those of a Dataset Management.
    var ranges: [Range<Int>] = []
    /// The namespaces that a Copy's ranges are in, where it names them; and where it puts their blocks.
    var sourceIDs: [UInt32] = []
    var destination = 0
    /// What is written, or compared with, a value a block.
    var values: [UInt64] = []
    var forceUnitAccess = false
    var mayDeallocate = false
    /// Whether its data goes in the capsule.
    var isInCapsule = false
    /// What it wants of its namespace's reservation.
    var reservation: ReservationWish?
    /// How a command that is wrong on purpose must be answered.
    var refusal: Status?
    /// What is wrong with it, done to its entry.
    var spoil: ((inout SubmissionEntry) -> Void)?

    var blockCount: Int { ranges.reduce(0) { $0 + $1.count } }
}

/// One I/O command.
final class SimulatedCommand {
    /// Unique in the world; also names its writes to shadow disks.
    let number: UInt64
    let wish: CommandWish
    let store: FaultingBackend?
    unowned let queue: HostQueue
    /// The step at which it was sent, and the time.
    let start: UInt64
    var entry = SubmissionEntry(opcode: 0)

    /// Requests that backends got, and those that have not ended.
    var requestsBegun = 0
    var requestsOpen = 0
    /// When the last request ended, in nanoseconds.
    var doneAt: UInt64 = 0
    /// The first request that failed, and what it was.
    var failure: (result: BackendResult, operation: BackendOperation)?
    var isAnswered = false
    /// Nothing of it is left: the shadow disk knows its end.
    var isOver = false
    /// The host sent its data with a wrong digest.
    var isDigestWrong = false
    /// An Abort was answered with its having been found.
    var wasAborted = false
    /// An Abort of it was sent.
    var abortWasTried = false
    /// The other half of a fused operation.
    var partner: SimulatedCommand?
    /// How it was answered.
    var status: Status?
    /// The blocks that a Copy has given to its store, with their values.
    var copied: [(block: Int, value: UInt64)] = []
    /// What its store was asked for.
    var progress = CommandProgress()

    // MARK: Fairness

    /// How many bytes of its connection have to arrive for it to be there, if it is alone on its queue.
    var arrivesAt: UInt64?
    var arrival: ShardLoad?

    init(number: UInt64, wish: CommandWish, store: FaultingBackend?, queue: HostQueue, start: UInt64) {
        self.number = number
        self.wish = wish
        self.store = store
        self.queue = queue
        self.start = start
    }

    /// Nothing can come of it any more: its host has its answer, or hears nothing.
    var isForgotten: Bool { isOver && (isAnswered || queue.isEnded) }

    /// Whether its values may be read from the moment that it is sent. A Copy's are known only when its store
    /// is given them.
    var writesFromTheStart: Bool {
        switch wish.kind {
        case .write, .fusedWrite, .writeZeroes, .deallocate: wish.refusal == nil
        default: false
        }
    }

    /// The blocks that it changes with the value that each gets.
    func forEachWritten(_ body: (Int, UInt64) -> Void) {
        if wish.kind == .copy {
            for (block, value) in copied { body(block, value) }
        }
        guard writesFromTheStart else { return }
        var index = 0
        for range in wish.ranges {
            for block in range {
                body(block, wish.values.isEmpty ? 0 : wish.values[index])
                index += 1
            }
        }
    }

    /// The store that a range of a Copy is in.
    func source(_ range: Int, in world: World) -> FaultingBackend? {
        wish.sourceIDs.isEmpty ? store : world.operations.store(of: wish.sourceIDs[range])
    }

    var description: String {
        let blocks = wish.ranges.map { "\($0.lowerBound)..<\($0.upperBound)" }.joined(separator: " ")
        return "\(wish.kind) \(number) of host \(queue.host.number), queue \(queue.queueID), "
            + "namespace \(wish.namespaceID), blocks \(blocks)"
    }
}
