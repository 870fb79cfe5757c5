// Every bound of the target in one place. Each says what happens when it is reached.

internal import NVMeTCP

/// The bounds of one shard's share of the target. The defaults serve a gateway of ordinary size.
public struct Limits: Sendable {
    /// Connections a shard holds. One more is closed as soon as it is accepted.
    public var connectionsMax = 4096
    /// Entries of a submission queue (CAP.MQES + 1). Connect with more is refused: Connect Invalid
    /// Parameters.
    public var queueEntriesMax = 1024
    /// Entries of the admin queue of a discovery or NVM controller; more is refused likewise.
    public var adminQueueEntriesMax = 128
    /// I/O queues of a controller. Set Features 07h grants no more.
    public var ioQueuesMax = 127
    /// The controller identifiers (CNTLID) that hosts may get, in which each shard has its share. Gateways
    /// that serve one subsystem together need ranges apart: an identifier is the subsystem's. With a shard's
    /// all taken its Connects are answered with Controller Busy.
    public var controllerIDs: ClosedRange<UInt16> = Limits.allControllerIDs
    /// Controllers a shard holds. Connect is answered with Controller Busy beyond.
    public var controllersMax = 1024
    /// The data of one command, as a power of two times 4 KiB (MDTS): 5 is 128 KiB. Longer commands are
    /// refused: Invalid Field in Command.
    public var transferShift: UInt8 = 5
    /// What one request asks a backend to zero or to deallocate, in bytes: 32 objects of an ordinary RBD
    /// image. Longer ranges take several requests, one after the other.
    public var rangeBytesMax = 128 << 20
    /// Source ranges of a Copy (MSRC + 1): their descriptors are 4 KiB. More are refused: Command Size Limit
    /// Exceeded.
    public var copyRangesMax = 128
    /// What one Copy may copy, in bytes (MCL, and MSSRL as far as that goes): a few seconds' work. More is
    /// refused likewise.
    public var copyBytesMax = 64 << 20
    /// The buffer of a Copy: its descriptors, and the data under way behind them. It takes less where less
    /// is kept for data in capsules.
    public var copyBufferBytesMax = 256 << 10
    /// In-capsule data of an I/O command, in bytes (IOCCSZ). More is refused: Data SGL Length Invalid; more
    /// than this and `adminCapsuleBytes` ends the connection.
    public var inCapsuleBytesMax = 8192
    /// The largest H2CData PDU that a host may send, in bytes (MAXH2CDATA): a multiple of 4, at least 4096. A
    /// longer one ends the connection. It is also the most that one R2T asks for.
    public var hostDataBytesMax = 131_072
    /// R2Ts that a command has outstanding, if its host allows so many (MAXR2T). More wait for one to end.
    public var readyToTransfersMax = 4
    /// What data from hosts is aligned to in its PDUs (CPDA): dwords, 0's based, 0 to 31. Linux connects to 0
    /// only.
    public var dataAlignment: UInt8 = 0
    /// Operations a shard has in flight, orphans included: each queue has its entries' worth set aside.
    /// Connect is answered with Controller Busy beyond. Unused ones cost no memory.
    public var operationsMax = 262_144
    /// Data buffers of a shard, in bytes: no less than the longest command takes, and better room for many.
    /// At the bound commands wait for memory in their order. Before that a namespace waits that holds as
    /// much as is left for all others, and a host is not read from that has as much of it still to read.
    public var bufferBytesMax = 64 << 20
    /// Data buffers kept for data in capsules, beyond the above, in bytes: no less than one such. With it
    /// spent too, their connections are not read from until one of these commands has ended. The host's data
    /// that would end others may be behind these, so what holds them never waits for data by R2T: half of a
    /// fused operation whose other half does gets a common buffer, or both halves fail at once (Namespace Not
    /// Ready, to be retried).
    public var capsuleBufferBytesMax = 8 << 20
    /// Data buffers kept for admin and Fabrics commands, beyond the above, in bytes.
    public var adminBufferBytesMax = 4 << 20
    /// Asynchronous Event Requests of a controller (AERL + 1). One more is refused: Limit Exceeded.
    public var asyncEventRequestsMax = 8
    /// Abort commands of a controller under way (ACL + 1). One more is refused: Limit Exceeded.
    public var abortsMax = 4
    /// Entries of the Error Information log (ELPE + 1). The oldest goes first.
    public var errorLogEntriesMax = 64
    /// Hosts registered at one namespace. One more Reservation Register fails: Internal Error, Do Not Retry.
    public var reservationRegistrantsMax = 1024
    /// Unread pages of a controller's Reservation Notification log. What happens beyond is lost, but counted.
    public var reservationNotificationsMax = 255
    /// From accept to ICReq and to Connect, in milliseconds. Then the connection is closed.
    public var handshakeMilliseconds: UInt64 = 10_000
    /// What leaves in one send, in bytes, but for the last PDU's data. More waits for it to end.
    public var sendBytesMax = 4 << 20
    /// A send that has not ended after so long ends its connection, in milliseconds.
    public var sendMilliseconds: UInt64 = 30_000
    /// A host that owes data (the rest of a PDU, what an R2T asked for) and sends nothing for so long, in
    /// milliseconds, loses its connection: its commands hold memory that others wait for.
    public var receiveMilliseconds: UInt64 = 30_000
    /// A host that owes data all the time and sends less than `trickleBytesMin` bytes in so long, in
    /// milliseconds, loses its connection too: byte by byte it would hold the memory for ever.
    public var trickleMilliseconds: UInt64 = 120_000
    public var trickleBytesMin = 64 << 10
    /// From the loss of an I/O queue to the end of its association, in milliseconds: time for a host that
    /// disconnects in order to shut the controller down.
    public var associationGraceMilliseconds: UInt64 = 2_000
    /// How often time-outs are looked at, in milliseconds.
    public var sweepMilliseconds: UInt64 = 500
    /// Free data buffers that a quiet shard keeps, in bytes.
    public var cachedBufferBytesMax = 8 << 20
    /// From Connect, or from a reset, to CC.EN = 1, in milliseconds; longer if the keep-alive timeout is.
    /// Then the association ends.
    public var enableMilliseconds: UInt64 = 120_000
    /// A discovery controller's association without a keep-alive timeout ends when no command came for so
    /// long, in milliseconds.
    public var discoveryIdleMilliseconds: UInt64 = 120_000
    /// How long enabling or disabling a controller may take, in units of 500 ms (CAP.TO, CRTO).
    public var readyTimeoutHalfSeconds: UInt8 = 30
    /// How long a host had better wait before it sends a command again that a store could not serve for now,
    /// in units of 100 ms (CRDT1).
    public var retryDelay: UInt16 = 10
    /// The granularity of the keep-alive timer (KAS), in units of 100 ms.
    public var keepAliveGranularity: UInt16 = 10

    /// ANA groups of a subsystem: identifiers 1 to this (ANAGRPMAX, NANAGRPID). A model with a higher one is
    /// refused.
    public var anaGroupsMax: UInt32 = 128

    public init() {}

    /// All that an identifier can be: FFF0h and above are reserved (Base Specification, "Controller ID"). 0
    /// is left out, which too many take for none.
    public static let allControllerIDs: ClosedRange<UInt16> = 1...0xFFEF

    /// In-capsule data that any admin or Fabrics command may have, in bytes.
    ///
    /// Source: NVMe over TCP Transport Specification, "Capsules and Data Transfers".
    public static let adminCapsuleBytes = 8192

    /// Traps if a bound could never be kept: a command that needs more than there is of something would wait
    /// for ever.
    func check(shardCount: Int) {
        let isValidRange =
            Limits.allControllerIDs.contains(controllerIDs.lowerBound)
            && Limits.allControllerIDs.contains(controllerIDs.upperBound)
        precondition(isValidRange, "no controller identifier is reserved")
        precondition(controllerIDs.count >= shardCount, "each shard has a controller identifier to give")
        precondition(transferShift >= 1 && transferShift <= 10, "MDTS is 8 KiB to 4 MiB")
        precondition(
            adminBufferBytesMax >= max(transferBytesMax, Limits.adminCapsuleBytes),
            "the longest admin command has room when all is free")
        precondition(
            bufferBytesMax >= transferBytesMax, "the longest I/O command has room when all is free")
        precondition(
            min(bufferBytesMax, capsuleBufferBytesMax) >= BufferPool.byteCount(holding: copyBufferBytes),
            "a Copy has room when all is free")
        precondition(
            capsuleBufferBytesMax >= inCapsuleBytesMax, "a capsule's data has room when all is free")
        precondition(
            readyToTransfersMax > 0 && (queueEntriesMax + 1) * readyToTransfersMax <= 0xFFFF,
            "each R2T has a tag of 16 bits")
    }

    /// The data of one command, in bytes.
    public var transferBytesMax: Int { 4096 << Int(transferShift) }

    /// The highest NSID of a subsystem that reports ANA (NN, MNAN): hosts read its ANA log with one command.
    /// A model with more is refused.
    public var anaNamespacesMax: Int {
        let groups = Int(anaGroupsMax) * ANAGroupDescriptor.headerByteCount
        return (transferBytesMax - ANALog.headerByteCount - groups) / 4
    }

    /// The descriptors' share of a Copy's buffer, in bytes: whole blocks are left for the data.
    var copyDescriptorBytesMax: Int { (copyRangesMax * CopySourceRange.byteCount + 4095) / 4096 * 4096 }

    /// A Copy's buffer, in bytes: a power of two that there always will be, whichever budget it is counted
    /// against, with room for data behind the descriptors.
    var copyBufferBytes: Int {
        let most = min(copyBufferBytesMax, bufferBytesMax, capsuleBufferBytesMax)
        let least = copyDescriptorBytesMax + 4096
        return max(least, 1 << (Int.bitWidth - 1 - most.leadingZeroBitCount))
    }
}
