// What will happen, in the order of its time; what happens at one time, in the order that it was asked for.

/// Events by time.
struct EventHeap {
    private struct Event {
        let time: UInt64
        let order: UInt64
        let action: () -> Void

        func isBefore(_ other: Event) -> Bool {
            time != other.time ? time < other.time : order < other.order
        }
    }

    private var events: [Event] = []
    private var nextOrder: UInt64 = 0

    /// When the next event is, in nanoseconds.
    var nextTime: UInt64? { events.first?.time }

    mutating func push(at time: UInt64, _ action: @escaping () -> Void) {
        events.append(Event(time: time, order: nextOrder, action: action))
        nextOrder += 1
        var child = events.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard events[child].isBefore(events[parent]) else { break }
            events.swapAt(child, parent)
            child = parent
        }
    }

    mutating func pop() -> (time: UInt64, action: () -> Void)? {
        guard let first = events.first else { return nil }
        let last = events.removeLast()
        if !events.isEmpty {
            events[0] = last
            sink()
        }
        return (first.time, first.action)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < events.count else { return }
            if child + 1 < events.count, events[child + 1].isBefore(events[child]) { child += 1 }
            guard events[child].isBefore(events[parent]) else { return }
            events.swapAt(child, parent)
            parent = child
        }
    }
}
