// One direction of a TCP connection: a send buffer of some size, segments in flight that arrive in order and
// late, and a receive buffer that closes the window when it is full.

/// How a pipe cuts its bytes, and how long they take.
struct PipeHabits {
    /// The longest segment, in bytes.
    var segmentMax = 16_384
    /// The least and the most that a segment takes, in nanoseconds.
    var latency: (UInt64, UInt64) = (5_000, 50_000)
    /// What the receiver's buffer, and what is on the way to it, may hold together, in bytes.
    var window = 131_072
    /// What the sender's buffer may hold, in bytes.
    var sendBuffer = 131_072
}

/// One direction of a connection.
final class Pipe {
    private unowned let world: World
    private let habits: PipeHabits
    private var unsent = ByteQueue()
    private var flying = ByteQueue()
    private(set) var received = ByteQueue()
    private var lastArrival: UInt64 = 0
    private var endIsSent = false
    /// The sender has sent all it ever will, and it has all arrived.
    private(set) var hasEnded = false
    /// Nothing arrives until then: a network that is down.
    private var isStalled = false
    private(set) var isDead = false
    /// Bytes that were ever written, and that ever arrived.
    private(set) var writtenCount: UInt64 = 0
    private(set) var arrivedCount: UInt64 = 0
    private(set) var lastArrivedAt: UInt64 = 0

    /// Something can be read, or the end has come.
    var onReadable: () -> Void = {}
    /// The sender's buffer has room again.
    var onWritable: () -> Void = {}

    init(_ world: World, _ habits: PipeHabits) {
        self.world = world
        self.habits = habits
    }

    var roomToWrite: Int { isDead ? Int.max : max(0, habits.sendBuffer - unsent.count) }

    /// Takes bytes to be sent; the sender keeps to `roomToWrite`, or has a buffer without bounds.
    func write(_ bytes: UnsafeRawBufferPointer) {
        precondition(!endIsSent, "nothing is sent after the end")
        writtenCount += UInt64(bytes.count)
        if isDead { return }
        unsent.append(bytes)
        fly()
    }

    /// The sender will send no more.
    func end() {
        guard !endIsSent, !isDead else { return }
        endIsSent = true
        endIfAllArrived()
    }

    func read(_ countMax: Int) -> [UInt8] {
        let bytes = received.take(min(countMax, received.count))
        fly()
        return bytes
    }

    func read(_ countMax: Int, to destination: UnsafeMutableRawPointer) -> Int {
        let count = min(countMax, received.count)
        received.take(count, to: destination)
        fly()
        return count
    }

    /// The connection is gone: what was on the way is lost.
    func die() {
        isDead = true
        unsent.removeAll()
        flying.removeAll()
        received.removeAll()
        (onReadable, onWritable) = ({}, {})
    }

    /// Nothing arrives until `resume`.
    func stall() { isStalled = true }

    func resume() {
        guard isStalled, !isDead else { return }
        isStalled = false
        fly()
    }

    private func fly() {
        guard !isStalled, !isDead else { return }
        let hadRoom = unsent.count < habits.sendBuffer
        while !unsent.isEmpty, received.count + flying.count < habits.window {
            let open = habits.window - received.count - flying.count
            let longest = min(unsent.count, open, habits.segmentMax)
            let count = world.random.chance(0.3) ? world.random.between(1, longest) : longest
            flying.append(unsent.take(count))
            let latency = world.random.time(habits.latency.0, habits.latency.1)
            lastArrival = max(lastArrival, world.now + latency)
            world.schedule(at: lastArrival) { [weak self] in self?.arrive(count) }
        }
        if !hadRoom, unsent.count < habits.sendBuffer {
            // The sender hears of it from its ring, not in the middle of what it does.
            world.schedule(after: 500) { [weak self] in self?.onWritable() }
        }
        endIfAllArrived()
    }

    private func arrive(_ count: Int) {
        guard !isDead else { return }
        if isStalled {
            // Sent again and again by TCP until the network is back.
            world.schedule(after: 20_000_000) { [weak self] in self?.arrive(count) }
            return
        }
        received.append(flying.take(count))
        arrivedCount += UInt64(count)
        lastArrivedAt = world.now
        onReadable()
        fly()
    }

    private func endIfAllArrived() {
        guard endIsSent, !hasEnded, !isDead, unsent.isEmpty, flying.isEmpty else { return }
        let latency = world.random.time(habits.latency.0, habits.latency.1)
        hasEnded = true
        world.schedule(after: latency) { [weak self] in
            guard let self, !isDead else { return }
            onReadable()
        }
    }
}
