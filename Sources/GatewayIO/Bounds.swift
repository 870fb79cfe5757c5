// The bounds of what GatewayIO adds to GatewayCore's Limits: each says what happens when it is reached.

enum Bounds {
    /// Submissions queued between two system calls. More are submitted early.
    static let ringEntries: UInt32 = 1024
    /// The length of a staging buffer, in bytes. Measured with 4 KiB in-capsule writes at depth 128: 2.9 us
    /// of processor time a command with 16 KiB, 1.7 us with 32 KiB, 1.3 us with 64 KiB; reads (72-byte
    /// capsules) don't care.
    static let stagingByteCount = 64 << 10
    /// Staging buffers that the kernel picks from, a power of two. With none left a receive waits for the
    /// turn's end.
    static let stagingOffered = 32
    /// Staging buffers beyond those, taken by paused connections for the bytes that the core left. With none
    /// left receives wait until a paused connection goes on.
    static let stagingHeldMax = 1024
    /// Turns that time-outs wait for while there are completions to be seen to: more than a full shard can
    /// have. After so many they are looked at all the same.
    static let postponedTicksMax = 16
    /// PDUs that leave in one send. More wait for it to end.
    static let batchPDUs = 128
    /// Batches kept for the next send. More are freed after theirs: a batch is needed only while a send is in
    /// flight.
    static let batchesKept = 64
    /// After a failed accept for want of descriptors or memory, in milliseconds, or sooner if a connection
    /// was closed.
    static let acceptRetryMilliseconds: UInt64 = 200
    /// The least time between two lines about that, in milliseconds.
    static let acceptLogMilliseconds: UInt64 = 30_000
    /// Connections that wait to be accepted (listen's backlog). More are refused by the kernel.
    static let listenBacklog: Int32 = 1024
    /// An address in use is tried again so often, so many milliseconds apart: the kernel lets go of a killed
    /// process's rings, and of the sockets that they accept from, some time after the process has ended.
    static let listenTries = 20
    static let listenRetryMilliseconds: UInt64 = 50
    /// The highest Port Identifier (PORTID) of a listener; after it the lowest free one is given. Those
    /// above are for ports of other gateways. A target never listens at so many addresses: a process has
    /// fewer descriptors.
    static let portIDMax: UInt16 = 0x7FFF
    /// A silent peer is looked for after so many seconds without a byte, and so often between tries.
    static let keepAliveIdleSeconds: Int32 = 60
    static let keepAliveIntervalSeconds: Int32 = 10
    /// Bytes of a connection that has ended here that are read and dropped before others get their turn.
    static let lingerByteCount = 1 << 20
    /// So long a peer has to end its direction after we have ended ours, in milliseconds.
    static let lingerMilliseconds: UInt64 = 5_000
    /// Sockets of a shard that wait for that. More are closed at once: what their peers sent meanwhile is
    /// answered with a reset.
    static let lingeringMax = 64
    /// Backends that are closed at a time at the end. More wait; those of a cluster that does not answer take
    /// ten seconds and a thread each.
    static let closesAtOnce = 1024
}
