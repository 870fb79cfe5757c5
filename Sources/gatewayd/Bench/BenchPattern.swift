// What `--verify` writes and looks for: data that says of itself where it belongs, so that a later run, with
// another block size or after a restart, can still tell a lost write from a stray one.

import NVMeTCP

/// The pattern of one run's seed, in sectors of 512 bytes.
///
/// Little-endian words of 8 bytes: 0 the mark, 1 the sector's place in the namespace in bytes, 2 the seed, 3
/// the generation (how many writes of this run the sector has had), and 60 words mixed from those.
struct BenchPattern: Sendable {
    static let sectorByteCount = 512
    /// "gwbench1" read as a little-endian word.
    static let mark: UInt64 = 0x3168_636E_6562_7767

    let seed: UInt64

    /// What a sector turned out to hold.
    enum Finding: Equatable {
        /// The pattern of this place and seed, in this generation.
        case intact(generation: UInt64)
        /// No pattern of this seed: never written by such a run.
        case foreign
        /// The pattern of another place, or one with other bytes inside.
        case wrong
    }

    /// Fills `bytes`, whole sectors, for the place `offset`.
    func fill(_ bytes: inout MutableRawSpan, offset: UInt64, generation: UInt64) {
        for sector in stride(from: 0, to: bytes.byteCount, by: Self.sectorByteCount) {
            let place = offset + UInt64(sector)
            bytes.store(Self.mark, at: sector)
            bytes.store(place, at: sector + 8)
            bytes.store(seed, at: sector + 16)
            bytes.store(generation, at: sector + 24)
            var words = words(place, generation)
            for at in stride(from: sector + 32, to: sector + Self.sectorByteCount, by: 8) {
                bytes.store(words.next(), at: at)
            }
        }
    }

    /// What the sector at `position` of `bytes` holds, read from the place `offset`.
    func check(_ bytes: RawSpan, at position: Int, offset: UInt64) -> Finding {
        guard bytes.uint64(at: position) == Self.mark, bytes.uint64(at: position + 16) == seed else {
            return .foreign
        }
        guard bytes.uint64(at: position + 8) == offset else { return .wrong }
        let generation = bytes.uint64(at: position + 24)
        var words = words(offset, generation)
        for at in stride(from: position + 32, to: position + Self.sectorByteCount, by: 8) {
            guard bytes.uint64(at: at) == words.next() else { return .wrong }
        }
        return .intact(generation: generation)
    }

    private func words(_ place: UInt64, _ generation: UInt64) -> SplitMix {
        SplitMix(seed: SplitMix.mix(place ^ SplitMix.mix(seed ^ SplitMix.mix(generation))))
    }
}
