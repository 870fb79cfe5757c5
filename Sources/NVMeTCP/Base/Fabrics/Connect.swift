// The Connect command: what makes a TCP connection a queue of a controller. GatewayCore's ConnectHandler
// parses the entry and its 1,024 bytes of data; the host side makes both.

/// The fields of a Connect command's submission entry.
///
/// Source: NVM Express Base Specification, "Connect Command".
public struct ConnectCommand: Hashable, Sendable, BitwiseCopyable {
    /// Record Format (RECFMT), bytes 41:40: 0.
    public var recordFormat: UInt16
    /// Queue ID (QID), bytes 43:42: 0 creates the Admin queue and with it a controller.
    public var queueID: QueueID
    /// Submission Queue Size (SQSIZE), bytes 45:44, as it stands on the wire: one less than the entries.
    public var submissionQueueSize: UInt16
    /// Connect Attributes (CATTR), byte 46.
    public var attributes: Attributes
    /// Keep Alive Timeout (KATO), bytes 51:48, in milliseconds; 0 is none. Reserved for I/O queues.
    public var keepAliveMilliseconds: UInt32

    /// Entries of the queue: SQSIZE is 0's based. An Admin queue has at least 32, an I/O queue at least 2.
    public var queueEntries: Int { Int(submissionQueueSize) + 1 }

    /// Connect Attributes (CATTR).
    public struct Attributes: OptionSet, Hashable, Sendable, BitwiseCopyable {
        public var rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Disable SQ Flow Control (DISSQFC), bit 2: the host will not look at SQHD.
        public static let disableFlowControl = Attributes(rawValue: 1 << 2)
        /// Individual I/O Queue Deletion Support (IOQDS), bit 3: the host may send Disconnect on I/O queues.
        public static let individualQueueDeletion = Attributes(rawValue: 1 << 3)

        /// Priority Class, bits 1:0: 0 urgent, 1 high, 2 medium, 3 low; only under weighted round robin.
        public var priorityClass: UInt8 { rawValue & 0x3 }
    }

    public init(
        recordFormat: UInt16 = 0, queueID: QueueID, submissionQueueSize: UInt16, attributes: Attributes = [],
        keepAliveMilliseconds: UInt32 = 0
    ) {
        self.recordFormat = recordFormat
        self.queueID = queueID
        self.submissionQueueSize = submissionQueueSize
        self.attributes = attributes
        self.keepAliveMilliseconds = keepAliveMilliseconds
    }

    /// Reads the fields of a Connect command's entry.
    public init(_ entry: SubmissionEntry) {
        recordFormat = UInt16(entry.dword10.bits(0, 16))
        queueID = UInt16(entry.dword10.bits(16, 16))
        submissionQueueSize = UInt16(entry.dword11.bits(0, 16))
        attributes = Attributes(rawValue: UInt8(entry.dword11.bits(16, 8)))
        keepAliveMilliseconds = entry.dword12
    }

    /// The entry, its 1,024 bytes of data announced as in-capsule data.
    public func entry(commandID: UInt16) -> SubmissionEntry {
        var entry = SubmissionEntry(fabrics: .connect, commandID: commandID)
        entry.sgl = .inCapsule(length: UInt32(ConnectData.byteCount))
        entry.dword10 = UInt32(recordFormat) | UInt32(queueID) << 16
        entry.dword11 = UInt32(submissionQueueSize) | UInt32(attributes.rawValue) << 16
        entry.dword12 = keepAliveMilliseconds
        return entry
    }

    /// Byte offsets in the entry, for the error location of a refused Connect.
    public enum Offset {
        /// Record Format (RECFMT).
        public static let recordFormat: UInt16 = 40
        /// Queue ID (QID).
        public static let queueID: UInt16 = 42
        /// Submission Queue Size (SQSIZE).
        public static let submissionQueueSize: UInt16 = 44
        /// Connect Attributes (CATTR).
        public static let attributes: UInt16 = 46
        /// Keep Alive Timeout (KATO).
        public static let keepAlive: UInt16 = 48
    }
}

/// The data of a Connect command: 1,024 bytes.
///
/// Source: NVM Express Base Specification, "Connect Command - Data".
public struct ConnectData: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 1024

    /// Bytes 15:0. Host Identifier (HOSTID).
    public var hostID: HostID
    /// Bytes 17:16. Controller ID (CNTLID): FFFFh for a new controller, else the one this I/O queue belongs
    /// to.
    public var controllerID: ControllerID
    /// Bytes 511:256. NVM Subsystem NVMe Qualified Name (SUBNQN); nil where the field holds no valid name.
    public var subsystemNQN: NQN?
    /// Bytes 767:512. Host NVMe Qualified Name (HOSTNQN); nil where the field holds no valid name.
    public var hostNQN: NQN?

    public init(hostID: HostID, controllerID: ControllerID = .anyController, subsystemNQN: NQN, hostNQN: NQN)
    {
        self.hostID = hostID
        self.controllerID = controllerID
        self.subsystemNQN = subsystemNQN
        self.hostNQN = hostNQN
    }

    /// Reads the data; nil where `bytes` is shorter than 1,024 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= ConnectData.byteCount else { return nil }
        hostID = HostID(rawValue: bytes.uint128(at: 0).byteSwapped)
        controllerID = bytes.uint16(at: 16)
        subsystemNQN = NQN.field(bytes, at: Int(Offset.subsystemNQN))
        hostNQN = NQN.field(bytes, at: Int(Offset.hostNQN))
    }

    /// Writes the data at the start of `bytes`.
    public func encode(into bytes: inout MutableRawSpan) {
        bytes.zero(count: ConnectData.byteCount)
        bytes.store(hostID.rawValue.byteSwapped, at: 0)
        bytes.store(controllerID, at: 16)
        subsystemNQN?.encode(into: &bytes, at: Int(Offset.subsystemNQN))
        hostNQN?.encode(into: &bytes, at: Int(Offset.hostNQN))
    }

    /// Byte offsets in the data, for the error location of a refused Connect.
    public enum Offset {
        /// Host Identifier (HOSTID).
        public static let hostID: UInt16 = 0
        /// Controller ID (CNTLID).
        public static let controllerID: UInt16 = 16
        /// NVM Subsystem NVMe Qualified Name (SUBNQN).
        public static let subsystemNQN: UInt16 = 256
        /// Host NVMe Qualified Name (HOSTNQN).
        public static let hostNQN: UInt16 = 512
    }
}

/// What a Connect's completion holds in its first dwords.
///
/// Source: NVM Express Base Specification, "Connect Response".
public enum ConnectResponse {
    /// The result of a Connect that succeeded: Controller ID (CNTLID) in bytes 1:0, Authentication and
    /// Security Requirements (AUTHREQ) in bytes 3:2.
    public static func success(
        controllerID: ControllerID, authenticationRequired: Bool = false, secureChannelRequired: Bool = false
    ) -> UInt64 {
        UInt64(controllerID) | (authenticationRequired ? 1 << 17 : 0) | (secureChannelRequired ? 1 << 18 : 0)
    }

    /// The result of a Connect refused with Connect Invalid Parameters: Invalid Parameter Offset (IPO) in
    /// bytes 1:0, Invalid Attributes (IATTR) in byte 2, whose bit 0 says that the offset is into the data,
    /// not the entry.
    public static func invalidParameters(offset: UInt16, inData: Bool) -> UInt64 {
        UInt64(offset) | (inData ? 1 << 16 : 0)
    }

    /// Controller ID (CNTLID) of a Connect that succeeded.
    public static func controllerID(_ result: UInt64) -> ControllerID { UInt16(result.bits(0, 16)) }

    /// Whether in-band authentication must follow (AUTHREQ.ATR), bit 17 of the result.
    public static func authenticationRequired(_ result: UInt64) -> Bool { result.bit(17) }

    /// Whether authentication must set up a secure channel (AUTHREQ.ASCR), bit 18 of the result.
    public static func secureChannelRequired(_ result: UInt64) -> Bool { result.bit(18) }
}

extension SubmissionEntry {
    /// A Fabrics command's entry: opcode 7Fh, SGLs for data, the type in byte 4, all else zero.
    public init(fabrics type: FabricsType, commandID: UInt16) {
        self.init(opcode: AdminOpcode.fabrics.rawValue)
        dword0 |= 1 << 14
        self.commandID = commandID
        dword1 = UInt32(type.rawValue)
    }
}
