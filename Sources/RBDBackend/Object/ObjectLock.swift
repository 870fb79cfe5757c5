// Another program's exclusive lock on an object, respected by an operation that does not need it itself: the
// operation takes the lock for a nanosecond. If somebody has it, that fails, and with it the operation as a
// whole; if nobody has, the lock is free again when the operation is done, whatever becomes of this process.

/// An exclusive lock of an object, by the names that its holders give it.
public struct ObjectLock: Hashable, Sendable {
    public let name: String
    /// Tells this holder from others of the same client.
    public let cookie: String
    /// For people who look at the lock.
    public let description: String

    public init(name: String, cookie: String, description: String) {
        self.name = name
        self.cookie = cookie
        self.description = description
    }

    /// What the object class method lock.lock takes, as Linux's krbd encodes it, too: a header (version 1,
    /// readable from version 1 on, length), then the lock's name, type, cookie, tag and description, how long
    /// it lasts, and flags.
    var input: [UInt8] {
        var body: [UInt8] = []
        Self.put(name, &body)
        // LOCK_EXCLUSIVE
        body.append(1)
        Self.put(cookie, &body)
        // No tag: holders with another one are others.
        Self.put("", &body)
        Self.put(description, &body)
        // Seconds and nanoseconds: a lock that is over is free.
        Self.put(0, &body)
        Self.put(1, &body)
        // LOCK_FLAG_MAY_RENEW: our own, should a clock stand still between two changes, is none.
        body.append(1)
        var input: [UInt8] = [1, 1]
        Self.put(UInt32(body.count), &input)
        return input + body
    }

    private static func put(_ number: UInt32, _ bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    private static func put(_ text: String, _ bytes: inout [UInt8]) {
        put(UInt32(text.utf8.count), &bytes)
        bytes += text.utf8
    }
}
