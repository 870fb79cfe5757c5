// What travels through the ring with each submission and comes back with its completion: 64 bits that say
// which kind of operation ended, whose it was, and which user of that table index it belonged to. Who submits
// writes it (the shard, the file backend, the initiator); who reaps switches over the kind.

/// The tag of one operation on a ring: kind, index into the kind's table, generation of that index.
package struct Operation: Hashable, Sendable, BitwiseCopyable {
    /// The 64 bits as the kernel carries them (user_data): kind in bits 63:56, generation in 55:32, index in
    /// 31:0.
    package let userData: UInt64

    /// What an operation does, and thereby whose table its index is of.
    package struct Kind: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Nobody waits for it: a cancel, a probe.
        package static let ignored = Kind(rawValue: 0)
        /// The read of the mailbox's eventfd.
        package static let wake = Kind(rawValue: 1)
        /// An accept; the index is the listener's.
        package static let accept = Kind(rawValue: 2)
        /// A receive into a staging buffer that the kernel picks; the index is the connection's.
        package static let receiveStaged = Kind(rawValue: 3)
        /// A receive straight into an operation's buffer; the index is the connection's.
        package static let receiveDirect = Kind(rawValue: 4)
        /// A wait until a socket is readable, where the kernel has no buffer rings; the index is the
        /// connection's.
        package static let pollReadable = Kind(rawValue: 5)
        /// A send of a batch; the index is the connection's.
        package static let send = Kind(rawValue: 6)
        /// One request of a file backend; the index is that of the file operation.
        package static let file = Kind(rawValue: 7)
        /// An outgoing connect; the index is the connection's.
        package static let connect = Kind(rawValue: 8)
        /// A wait for more bytes of a socket that lingers; the index is that of its entry.
        package static let linger = Kind(rawValue: 9)
    }

    /// How many bits of a generation the tag keeps.
    package static let generationMask: UInt32 = 0xFF_FFFF

    package init(_ kind: Kind, index: UInt32 = 0, generation: UInt32 = 0) {
        userData =
            UInt64(kind.rawValue) << 56 | UInt64(generation & Self.generationMask) << 32 | UInt64(index)
    }

    package init(userData: UInt64) { self.userData = userData }

    package var kind: Kind { Kind(rawValue: UInt8(truncatingIfNeeded: userData >> 56)) }
    package var index: UInt32 { UInt32(truncatingIfNeeded: userData) }
    /// The low 24 bits of the generation.
    package var generation: UInt32 { UInt32(truncatingIfNeeded: userData >> 32) & Self.generationMask }
}

/// How an operation on a ring ended.
package struct Completion: Sendable, BitwiseCopyable {
    package let operation: Operation
    /// What the system call would have returned: a count or descriptor, or a negated errno.
    package let result: Int32
    private let flags: UInt32

    package init(operation: Operation, result: Int32, flags: UInt32 = 0) {
        self.operation = operation
        self.result = result
        self.flags = flags
    }

    /// The staging buffer that the kernel picked (IORING_CQE_F_BUFFER), if it picked one.
    package var buffer: UInt16? { flags & 1 != 0 ? UInt16(truncatingIfNeeded: flags >> 16) : nil }
    /// The operation stays armed and will complete again (IORING_CQE_F_MORE).
    package var isArmed: Bool { flags & 2 != 0 }
    /// More bytes wait in the socket (IORING_CQE_F_SOCK_NONEMPTY).
    package var hasMoreBytes: Bool { flags & 4 != 0 }
}
