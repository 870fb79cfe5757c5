// The Supported Log Pages log (LID 00h): which log pages a controller has. GatewayCore derives it from its
// log page table.

/// The Supported Log Pages log page: 1,024 bytes, four for each of the 256 identifiers.
///
/// Source: NVM Express Base Specification, "Supported Log Pages".
public struct SupportedLogPages: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 1024

    /// What each log page supports; an identifier that is not here is not supported.
    public var pages: [LogPageID: Support]

    public init(_ pages: [LogPageID: Support] = [:]) { self.pages = pages }

    /// A LID Supported and Effects data structure: 4 bytes.
    public struct Support: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
        public var rawValue: UInt32

        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// LID Supported (LSUPP), bit 0, and nothing else.
        public static let supported = Support(rawValue: 1)

        /// LID Supported (LSUPP), bit 0.
        public var isSupported: Bool {
            get { rawValue.bit(0) }
            set { rawValue.setBit(0, to: newValue) }
        }

        /// Index Offset Supported (IOS), bit 1.
        public var indexOffset: Bool {
            get { rawValue.bit(1) }
            set { rawValue.setBit(1, to: newValue) }
        }

        /// LID Specific Parameter (LIDSP), bits 31:16: for Discovery, bit 0 extended entries, 1 port local
        /// entries only, 2 all entries of the NVM subsystem.
        public var parameter: UInt16 {
            get { UInt16(rawValue.bits(16, 16)) }
            set { rawValue.setBits(16, 16, to: UInt32(newValue)) }
        }
    }

    /// Reads the log page; nil where `bytes` is shorter than 1,024 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= SupportedLogPages.byteCount else { return nil }
        pages = [:]
        for index in 0..<256 {
            let support = Support(rawValue: bytes.uint32(at: index * 4))
            if support.rawValue != 0 { pages[LogPageID(rawValue: UInt8(index))] = support }
        }
    }

    /// Writes the 1,024 bytes at the start of `bytes`.
    public func encode(into bytes: inout MutableRawSpan) {
        bytes.zero(count: SupportedLogPages.byteCount)
        for (page, support) in pages { bytes.store(support.rawValue, at: Int(page.rawValue) * 4) }
    }
}
