// The numbers that tell things apart: controllers, queues, namespaces, hosts. Names (NQNs) have their own
// file. Everything here is a plain value; GatewayCore's model and the wire structures hold them.

/// Controller Identifier (CNTLID). FFFFh in Connect asks a dynamic subsystem to choose; FFF0h and above are
/// reserved.
public typealias ControllerID = UInt16

/// Queue Identifier (QID): 0 is the Admin queue.
public typealias QueueID = UInt16

/// Namespace Identifier (NSID): 0 is none, FFFFFFFFh is all.
public typealias NamespaceID = UInt32

extension UInt16 {
    /// The controller identifier that asks for any controller (dynamic controller model).
    ///
    /// Source: NVM Express Base Specification, "Connect Command - Data", Controller ID (CNTLID).
    public static var anyController: ControllerID { 0xFFFF }

    /// The controller identifier that asks for any available static controller.
    public static var anyStaticController: ControllerID { 0xFFFE }

    /// The highest identifier a controller can have: FFEFh.
    public static var lastController: ControllerID { 0xFFEF }
}

extension UInt32 {
    /// The broadcast namespace identifier: all namespaces.
    public static var broadcastNamespace: NamespaceID { 0xFFFF_FFFF }
}

/// Host Identifier (HOSTID): 16 bytes that tell hosts apart for reservations; the NQN names the host.
///
/// Source: NVM Express Base Specification, "Connect Command - Data" and "Host Identifier". The number reads
/// as its text does: the wire's first byte is the highest.
public struct HostID: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt128

    public init(rawValue: UInt128) { self.rawValue = rawValue }

    /// No identifier: what a host that was not configured sends.
    public static var none: HostID { HostID(rawValue: 0) }
}

/// Namespace UUID (NIDT 3h): 16 bytes, in the order of the text (RFC 9562).
///
/// Source: NVM Express Base Specification, "Namespace Identification Descriptor".
public struct NamespaceUUID: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt128

    public init(rawValue: UInt128) { self.rawValue = rawValue }
}

/// Namespace Globally Unique Identifier (NGUID): 16 bytes, big-endian; 0 is none.
///
/// Source: NVM Command Set Specification, "Identify Namespace data structure".
public struct NGUID: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt128

    public init(rawValue: UInt128) { self.rawValue = rawValue }
}

/// IEEE Extended Unique Identifier (EUI64): 8 bytes, big-endian; 0 is none.
///
/// Source: NVM Command Set Specification, "Identify Namespace data structure".
public struct EUI64: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

extension HostID: LosslessStringConvertible {
    /// The text of a UUID: 8-4-4-4-12 hexadecimal digits.
    public init?(_ text: String) {
        guard let value = UInt128(uuidText: text) else { return nil }
        rawValue = value
    }

    public var description: String { rawValue.uuidText }
}

extension NamespaceUUID: LosslessStringConvertible {
    /// The text of a UUID: 8-4-4-4-12 hexadecimal digits.
    public init?(_ text: String) {
        guard let value = UInt128(uuidText: text) else { return nil }
        rawValue = value
    }

    public var description: String { rawValue.uuidText }
}

extension NGUID: CustomStringConvertible {
    /// 32 hexadecimal digits.
    public var description: String { rawValue.hexText }
}

extension EUI64: CustomStringConvertible {
    /// 16 hexadecimal digits.
    public var description: String { rawValue.hexText }
}

extension FixedWidthInteger where Self: UnsignedInteger {
    /// All digits of the number in hexadecimal, leading zeroes included.
    var hexText: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: Self.bitWidth / 4 - digits.utf8.count) + digits
    }
}

extension UInt128 {
    /// Reads 8-4-4-4-12 hexadecimal digits of either case; nil where the text is anything else.
    init?(uuidText text: some StringProtocol) {
        var value: UInt128 = 0
        var index = 0
        for character in text.utf8 {
            let isDash = index == 8 || index == 13 || index == 18 || index == 23
            index += 1
            if isDash {
                guard character == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = character.hexDigitValue, index <= 36 else { return nil }
                value = value << 4 | UInt128(digit)
            }
        }
        guard index == 36 else { return nil }
        self = value
    }

    /// 8-4-4-4-12 hexadecimal digits, lower case.
    var uuidText: String {
        var text = ""
        var index = 0
        for digit in hexText {
            if index == 8 || index == 12 || index == 16 || index == 20 { text.append("-") }
            text.append(digit)
            index += 1
        }
        return text
    }
}

extension UInt8 {
    /// The value of this ASCII character as a hexadecimal digit.
    var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
