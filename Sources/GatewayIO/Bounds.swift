// The bounds of what GatewayIO adds to GatewayCore's Limits: each says what happens when it is reached.

enum Bounds {
    /// Submissions queued between two system calls. More are submitted early.
    static let ringEntries: UInt32 = 1024
    /// The length of a staging buffer, in bytes: 128 read commands, or three 4 KiB in-capsule writes.
    static let stagingByteCount = 16 << 10
    /// Staging buffers that the kernel picks from, a power of two. With none left a receive waits for the
    /// turn's end.
    static let stagingOffered = 64
    /// PDUs that leave in one send. More wait for it to end.
    static let batchPDUs = 128
    /// Batches kept for the next send. More are freed after theirs: a batch is needed only while a send is in
    /// flight.
    static let batchesKept = 64
    /// After a failed accept for want of descriptors or memory, in milliseconds, or sooner if a connection
    /// was closed.
    static let acceptRetryMilliseconds: UInt64 = 200
    /// Connections that wait to be accepted (listen's backlog). More are refused by the kernel.
    static let listenBacklog: Int32 = 1024
    /// A silent peer is looked for after so many seconds without a byte, and so often between tries.
    static let keepAliveIdleSeconds: Int32 = 60
    static let keepAliveIntervalSeconds: Int32 = 10
    /// Bytes of a closing connection that are read and dropped, so that the peer sees our last PDU and not a
    /// reset.
    static let lingerByteCount = 1 << 20
}
