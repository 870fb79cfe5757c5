// One power state of Identify Controller. Over Fabrics a controller has one, and it says nothing.

/// A Power State Descriptor: 32 bytes.
///
/// Source: NVM Express Base Specification, "Identify Controller data structure", Power State Descriptor.
public struct PowerState: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 32

    /// Bytes 1:0. Maximum Power (MP), in units of 10 mW, or of 0.1 mW where flags bit 0 (MXPS) is set.
    public var maximumPower: UInt16 = 0
    /// Byte 3. Bit 0 (MXPS, NOPS): scale of maximum power; bit 1: the state does no I/O.
    public var flags: UInt8 = 0
    /// Bytes 7:4. Entry Latency (ENLAT).
    public var entryLatencyMicroseconds: UInt32 = 0
    /// Bytes 11:8. Exit Latency (EXLAT).
    public var exitLatencyMicroseconds: UInt32 = 0
    /// Byte 12. Relative Read Throughput (RRT).
    public var relativeReadThroughput: UInt8 = 0
    /// Byte 13. Relative Read Latency (RRL).
    public var relativeReadLatency: UInt8 = 0
    /// Byte 14. Relative Write Throughput (RWT).
    public var relativeWriteThroughput: UInt8 = 0
    /// Byte 15. Relative Write Latency (RWL).
    public var relativeWriteLatency: UInt8 = 0
    /// Bytes 17:16. Idle Power (IDLP).
    public var idlePower: UInt16 = 0
    /// Byte 18. Idle Power Scale (IPS), bits 7:6.
    public var idlePowerScale: UInt8 = 0
    /// Bytes 21:20. Active Power (ACTP).
    public var activePower: UInt16 = 0
    /// Byte 22. Active Power Scale and Workload (APWS), bits 7:6 and 2:0.
    public var activePowerScale: UInt8 = 0

    public init() {}
}

extension PowerState: CodedFields {
    mutating func code(_ codec: inout FieldCodec) {
        codec.field(&maximumPower, at: 0)
        codec.field(&flags, at: 3)
        codec.field(&entryLatencyMicroseconds, at: 4)
        codec.field(&exitLatencyMicroseconds, at: 8)
        codec.field(&relativeReadThroughput, at: 12)
        codec.field(&relativeReadLatency, at: 13)
        codec.field(&relativeWriteThroughput, at: 14)
        codec.field(&relativeWriteLatency, at: 15)
        codec.field(&idlePower, at: 16)
        codec.field(&idlePowerScale, at: 18)
        codec.field(&activePower, at: 20)
        codec.field(&activePowerScale, at: 22)
    }
}

extension PowerState {
    /// Reads the 32 bytes at `offset`, which `bytes` must hold.
    public init(_ bytes: RawSpan, at offset: Int) { self.init(fields: bytes, at: offset) }

    /// Writes the 32 bytes at `offset`, reserved ones as zeroes.
    public func encode(into bytes: inout MutableRawSpan, at offset: Int) {
        encodeFields(into: &bytes, at: offset)
    }
}
