// Which block the next command goes to. With `--verify`, also which blocks are busy and what they should
// hold: two commands on one block at a time would make its contents a matter of luck.

/// Chooses blocks of `--bs` bytes in the region, for all connections.
struct BlockChooser {
    let blockCount: UInt64
    private let isRandom: Bool
    private var random: SplitMix
    private var nextSequential: UInt64 = 0
    /// With `--verify`: by block, how often this run has written it, and in the top bit whether a command is
    /// on it.
    private var blocks: [UInt32]
    private static let busy: UInt32 = 1 << 31

    /// The most blocks that `--verify` keeps book of: 256 MiB of it.
    static let verifiedBlockCountMax: UInt64 = 64 << 20

    init(blockCount: UInt64, isRandom: Bool, seed: UInt64, verifies: Bool) {
        precondition(blockCount > 0)
        self.blockCount = verifies ? min(blockCount, Self.verifiedBlockCountMax) : blockCount
        self.isRandom = isRandom
        random = SplitMix(seed: seed)
        blocks = verifies ? Array(repeating: 0, count: Int(self.blockCount)) : []
    }

    /// A block for the next command, busy until `finish`; nil if a few tries met busy ones only.
    mutating func choose() -> UInt64? {
        for _ in 0..<64 {
            let block = isRandom ? random.next(upperBound: blockCount) : nextSequential
            if !isRandom { nextSequential = nextSequential + 1 == blockCount ? 0 : nextSequential + 1 }
            if blocks.isEmpty { return block }
            if blocks[Int(block)] & Self.busy == 0 {
                blocks[Int(block)] |= Self.busy
                return block
            }
        }
        return nil
    }

    /// Takes this very block for a command, which must not be busy.
    mutating func claim(_ block: UInt64) {
        precondition(blocks[Int(block)] & Self.busy == 0)
        blocks[Int(block)] |= Self.busy
    }

    /// The command on the block has ended.
    mutating func finish(_ block: UInt64) {
        if !blocks.isEmpty { blocks[Int(block)] &= ~Self.busy }
    }

    /// How often this run has written the block; 0 means its contents are not ours.
    func generation(of block: UInt64) -> UInt64 {
        blocks.isEmpty ? 0 : UInt64(blocks[Int(block)] & ~Self.busy)
    }

    /// Counts a write that is about to be sent.
    mutating func nextGeneration(of block: UInt64) -> UInt64 {
        guard !blocks.isEmpty else { return 0 }
        blocks[Int(block)] += 1
        return generation(of: block)
    }

    /// A coin, for mixed workloads.
    mutating func flip() -> Bool { random.next() & 1 == 0 }
}
