// The lists of files that may do what others may not, each with its reason. This is the one place to add to
// them; a test fails when an entry is no longer needed.

enum Exceptions {
    /// Files of `Sources` in which `unsafe` may stand: what keeps the memory valid is said there at each use.
    static let unsafe: [String: String] = [
        "Sources/GatewayCore/Admin/LogPage.swift": "a page's bytes, while they are copied",
        "Sources/GatewayCore/Backend/BackendRequest.swift": "names the shard's buffer to the backend",
        "Sources/GatewayCore/Backend/CompletionTicket.swift": "the node that a backend's thread hands back",
        "Sources/GatewayCore/Backend/MemoryBackend.swift": "copies between its memory and a shard's buffer",
        "Sources/GatewayCore/Backend/NullBackend.swift": "zeroes a shard's buffer",
        "Sources/GatewayCore/IO/TargetShard+Blocks.swift": "the operation's slot",
        "Sources/GatewayCore/IO/TargetShard+Copy.swift": "the operation's slot, and its buffer",
        "Sources/GatewayCore/IO/TargetShard+IO.swift": "the operation's slot",
        "Sources/GatewayCore/IO/TargetShard+Ranges.swift": "the operation's slot, and its buffer",
        "Sources/GatewayCore/IO/TargetShard+Fused.swift": "the slots of a pair, and its buffer",
        "Sources/GatewayCore/Shard/BufferPool.swift": "the shard's buffers",
        "Sources/GatewayCore/Shard/ConnectionTable.swift": "a slab of fixed size",
        "Sources/GatewayCore/Shard/Operation.swift": "what a slot points to while its command lives",
        "Sources/GatewayCore/Shard/OperationSlab.swift": "a slab of fixed size",
        "Sources/GatewayCore/Shard/TargetShard+Admin.swift": "the operation's slot, and its buffer",
        "Sources/GatewayCore/Shard/TargetShard+Buffers.swift": "slots of connections and operations",
        "Sources/GatewayCore/Shard/TargetShard+Close.swift": "slots of connections and operations",
        "Sources/GatewayCore/Shard/TargetShard+Commands.swift": "slots of connections and operations",
        "Sources/GatewayCore/Shard/TargetShard+Connect.swift": "slots of connections and operations",
        "Sources/GatewayCore/Shard/TargetShard+Disconnect.swift": "slots of connections and operations",
        "Sources/GatewayCore/Shard/TargetShard+Execute.swift": "slots of connections and operations",
        "Sources/GatewayCore/Shard/TargetShard+Inspection.swift": "the operation of a backend's request",
        "Sources/GatewayCore/Shard/TargetShard+Messages.swift": "slots of connections and operations",
        "Sources/GatewayCore/Shard/TargetShard+Pacing.swift": "slots of operations",
        "Sources/GatewayCore/Shard/TargetShard+Receive.swift": "slots, and received bytes where they lie",
        "Sources/GatewayCore/Shard/TargetShard+Reservations.swift": "slots of operations, and their buffers",
        "Sources/GatewayCore/Shard/TargetShard+Settle.swift": "slots of operations",
        "Sources/GatewayCore/Shard/TargetShard+Shutdown.swift": "the operation of a shutdown's flush",
        "Sources/GatewayCore/Shard/TargetShard+Transmit.swift": "slots of connections and operations",
        "Sources/GatewayCore/Shard/TargetShard.swift": "slots of connections and operations",
        "Sources/GatewayCore/Reservation/ReservationText.swift": "a text's bytes, while they are digested",
        "Sources/GatewayIO/Reservation/FileReservationStore.swift": "files' names and contents",
        "Sources/GatewayIO/Initiator/InitiatorLoop.swift": "getaddrinfo's list",
        "Sources/GatewayIO/Initiator/InitiatorQueue+Receive.swift": "the buffers that a receive fills",
        "Sources/GatewayIO/Initiator/InitiatorQueue.swift": "a queue's slabs, which live as long as it",
        "Sources/GatewayControl/Operations/NetworkMask.swift": "inet_pton's bytes",
        "Sources/GatewayIO/Backend/FileBackend.swift": "opens and measures a file",
        "Sources/GatewayIO/Backend/FileOperations.swift": "the table of file requests, and their buffers",
        "Sources/GatewayIO/ISALChecksum.swift": "ISA-L reads the payload where it lies",
        "Sources/GatewayIO/KernelSupport.swift": "io_uring's probe, and uname",
        "Sources/GatewayIO/Reactor/Clock.swift": "reads the clock",
        "Sources/GatewayIO/Reactor/Mailbox.swift": "links the nodes that backends push",
        "Sources/GatewayIO/Reactor/Reactor.swift": "the count that the eventfd is read to",
        "Sources/GatewayIO/Reactor/Ring.swift": "the kernel's ring",
        "Sources/GatewayIO/Reactor/RingSubmissions.swift": "the kernel's submission entries",
        "Sources/GatewayIO/Reactor/StagingBuffers.swift": "memory that the kernel receives into",
        "Sources/GatewayIO/Shard.swift": "the shard's slots, and nodes from its mailbox",
        "Sources/GatewayIO/ShardThread.swift": "hands a thread its work",
        "Sources/GatewayIO/Transport/ConnectionSlot.swift": "a slab of fixed size",
        "Sources/GatewayIO/Transport/Listener.swift": "socket options and addresses",
        "Sources/GatewayIO/Transport/SendBatch.swift": "what sendmsg is given",
        "Sources/GatewayIO/Transport/Shard+Accept.swift": "the shard's slots",
        "Sources/GatewayIO/Transport/Shard+Close.swift": "the shard's slots",
        "Sources/GatewayIO/Transport/Shard+Receive.swift":
            "the shard's slots, and received bytes where they lie",
        "Sources/GatewayIO/Transport/Shard+Send.swift": "the shard's slots, and batches in flight",
        "Sources/GatewayIO/Transport/SocketAddress.swift": "addresses as the socket calls have them",
        "Sources/NVMeTCP/Connection/ControllerConnection+Encode.swift":
            "writes headers into the transmit slab",
        "Sources/NVMeTCP/Connection/ControllerConnection.swift": "reads the payload where it was received",
        "Sources/NVMeTCP/Connection/ExpectationTable.swift": "a slab of fixed size",
        "Sources/NVMeTCP/Connection/Framer.swift": "the staged header",
        "Sources/NVMeTCP/Connection/HostConnection+Encode.swift": "writes headers into the transmit slab",
        "Sources/NVMeTCP/Connection/HostConnection.swift": "reads the payload where it was received",
        "Sources/NVMeTCP/Connection/PDUEncoding.swift": "writes headers into the transmit slab",
        "Sources/NVMeTCP/Connection/PayloadChecksum.swift": "digests the payload where it lies",
        "Sources/NVMeTCP/Connection/TransferTable.swift": "a slab of fixed size",
        "Sources/NVMeTCP/Connection/TransmitBatch.swift": "the transmit slab, and the payloads it points to",
        "Sources/NVMeTCP/PDU/Capsules.swift": "a whole entry in one load, bounds checked by the span",
        "Sources/NVMeTCP/Wire/ByteReader.swift": "little-endian loads, bounds checked by the span",
        "Sources/NVMeTCP/Wire/CRC32C.swift": "the processor's instruction over a span",
        "Sources/gatewayd/Arguments/Endpoint.swift": "inet_pton and inet_ntop",
        "Sources/gatewayd/Machine.swift": "the C library's files and write",
        "Sources/RBDBackend/AIOCompletion.swift":
            "librbd's completions, and the slots that they come back to",
        "Sources/RBDBackend/CallThread.swift": "hands a thread its work",
        "Sources/RBDBackend/Cluster.swift": "librados's handles",
        "Sources/RBDBackend/ImageEncryption.swift": "a passphrase, which is cleared when it is freed",
        "Sources/RBDBackend/CompareAndWriteAbility.swift": "looks a function up by its name",
        "Sources/RBDBackend/ImageAdministration.swift": "librbd's handles, for the length of a call",
        "Sources/RBDBackend/ImageHandle.swift": "librbd's handle",
        "Sources/RBDBackend/InFlightSlab.swift": "a slab of fixed size",
        "Sources/RBDBackend/ClientThread.swift": "a semaphore, and the clock that it is waited on by",
        "Sources/RBDBackend/RBDError.swift": "strerror's text",
        "Sources/RBDBackend/RBDImageBackend.swift": "submits a shard's buffer to librbd",
        "Sources/RBDBackend/ImageWatch.swift": "the watch's context, while it is registered",
        "Sources/RBDBackend/WaitingRequests.swift": "a slab of fixed size",
    ]

    /// Files of `Sources` with an `@unchecked Sendable`: the comment there names the thread that owns the
    /// value.
    static let uncheckedSendable: [String: String] = [
        "Sources/GatewayCore/Backend/CompletionTicket.swift":
            "crosses once, from a backend's thread to the shard",
        "Sources/GatewayIO/Backend/FileBackend.swift": "an attached backend is its shard's thread's",
        "Sources/GatewayCore/Backend/MemoryBackend.swift": "a chunk is touched under its lock",
        "Sources/RBDBackend/Cluster.swift": "librados's handle, which any thread may use",
        "Sources/RBDBackend/ImageEncryption.swift": "written when it is made only",
        "Sources/RBDBackend/ImageHandle.swift": "librbd's handle, which any thread may use",
        "Sources/RBDBackend/InFlightSlab.swift": "a record belongs to the thread that holds its index",
        "Sources/RBDBackend/ClientThread.swift": "a semaphore, made for many threads",
        "Sources/RBDBackend/WaitingRequests.swift": "requests behind a mutex",
    ]

    /// Files longer than the limit: tables of the wire, which are read by looking up and not from top to
    /// bottom.
    static let longFiles: [String: String] = [
        "Sources/NVMeTCP/Base/StatusCodes.swift": "every status that the specification names"
    ]
}
