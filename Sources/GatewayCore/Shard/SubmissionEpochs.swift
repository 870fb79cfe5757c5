// How many requests a namespace's backend has from one shard, told apart by when they were submitted. A
// restriction ends an epoch: it is complete when nothing of that epoch is left, however much was submitted
// since.

/// Requests that a backend has, by epoch.
struct SubmissionEpochs {
    /// The epoch that requests are submitted in now.
    private(set) var current: UInt32 = 0
    private var currentCount = 0
    /// Epochs that are over and have requests left, oldest first: rarely more than one.
    private var older: [(epoch: UInt32, count: Int)] = []

    var isEmpty: Bool { currentCount == 0 && older.isEmpty }

    /// A request was submitted: in the current epoch, or in an older one, of whose command it is the next.
    mutating func began(in epoch: UInt32) {
        if epoch == current {
            currentCount += 1
            return
        }
        let index = older.firstIndex { $0.epoch >= epoch } ?? older.count
        if index < older.count, older[index].epoch == epoch {
            older[index].count += 1
        } else {
            older.insert((epoch, 1), at: index)
        }
    }

    /// A request has ended.
    /// - Returns: Whether it was the last one of an epoch that is over.
    mutating func ended(_ epoch: UInt32) -> Bool {
        if epoch == current {
            precondition(currentCount > 0, "a request ends once")
            currentCount -= 1
            return false
        }
        guard let index = older.firstIndex(where: { $0.epoch == epoch }) else {
            preconditionFailure("an epoch with requests is kept")
        }
        older[index].count -= 1
        guard older[index].count == 0 else { return false }
        older.remove(at: index)
        return true
    }

    /// Begins a new epoch.
    /// - Returns: The one to wait for; nil if nothing that was submitted before is left.
    mutating func advance() -> UInt32? {
        if currentCount > 0 {
            older.append((current, currentCount))
            current += 1
            currentCount = 0
        }
        return older.last?.epoch
    }

    /// Whether nothing of this epoch or an earlier one is left.
    func hasEnded(_ epoch: UInt32) -> Bool { older.allSatisfy { $0.epoch > epoch } }
}
