// The revisions that every structure of this module follows, stated once. A citation elsewhere names the
// specification and the section's title; it means the revision given here.

/// The specifications that this module implements, by revision.
///
/// - NVM Express Base Specification, revision 2.1
/// - NVM Command Set Specification, revision 1.1
/// - NVM Express NVMe over TCP Transport Specification, revision 1.1
/// - RFC 3720 and RFC 9260 for CRC32C
///
/// A field that revision 2.1 does not define is reserved here: it is sent as zero and not looked at when
/// received. Where a later revision gives a value to an enumeration, the raw value still passes through.
public enum Spec {
    /// What the Version property (VS) and Identify Controller's VER say: 2.1.0.
    public static let baseVersion = Version(major: 2, minor: 1, tertiary: 0)
}

/// The value of the Version property (VS) and of Identify Controller's Version (VER): 4 bytes.
///
/// Source: NVM Express Base Specification, "Offset 8h: VS - Version". Bits 31:16 Major Version Number (MJR),
/// 15:8 Minor (MNR), 7:0 Tertiary (TER).
public struct Version: RawRepresentable, Hashable, Comparable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public init(major: UInt16, minor: UInt8, tertiary: UInt8) {
        rawValue = UInt32(major) << 16 | UInt32(minor) << 8 | UInt32(tertiary)
    }

    /// Major Version Number (MJR), bits 31:16.
    public var major: UInt16 { UInt16(rawValue >> 16) }

    /// Minor Version Number (MNR), bits 15:8.
    public var minor: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 8) }

    /// Tertiary Version Number (TER), bits 7:0.
    public var tertiary: UInt8 { UInt8(truncatingIfNeeded: rawValue) }

    public static func < (left: Version, right: Version) -> Bool { left.rawValue < right.rawValue }
}
