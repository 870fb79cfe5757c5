// The status of a command: 15 bits of a completion. `StatusCodes.swift` names the values; handlers throw them
// inside a CommandFailure.

/// The Status Field of a completion, without the phase tag: 15 bits.
///
/// Source: NVM Express Base Specification, "Completion Queue Entry: Status Field". Bits 7:0 Status Code (SC),
/// 10:8 Status Code Type (SCT), 12:11 Command Retry Delay (CRD), 13 More (M), 14 Do Not Retry (DNR).
public struct Status: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt16

    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// A status of this type and code, with no retry delay, not More, and retry left to the host.
    @inlinable
    public init(type: UInt8, code: UInt8) { rawValue = UInt16(type & 0x7) << 8 | UInt16(code) }

    /// Status Code (SC).
    @inlinable
    public var code: UInt8 { UInt8(truncatingIfNeeded: rawValue) }

    /// Status Code Type (SCT): 0 generic, 1 command specific, 2 media and data integrity, 3 path related, 7
    /// vendor.
    @inlinable
    public var type: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 8) & 0x7 }

    /// Command Retry Delay (CRD): 0, or which of the controller's three delays (CRDT) the host should wait.
    @inlinable
    public var retryDelay: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 11) & 0x3 }

    /// Do Not Retry (DNR): the same command would fail again.
    @inlinable
    public var doNotRetry: Bool { rawValue & 0x4000 != 0 }

    /// More (M): the Error Information log holds more about this one.
    @inlinable
    public var more: Bool { rawValue & 0x2000 != 0 }

    /// The same status with Do Not Retry set.
    @inlinable
    public var notRetryable: Status { Status(rawValue: rawValue | 0x4000) }

    /// The same status with More set.
    @inlinable
    public var withMore: Status { Status(rawValue: rawValue | 0x2000) }

    /// The same status with a Command Retry Delay, 1 to 3, or none, 0.
    @inlinable
    public func withRetryDelay(_ delay: UInt8) -> Status {
        Status(rawValue: rawValue & ~0x1800 | UInt16(delay & 0x3) << 11)
    }

    /// Type and code alone: what two statuses are compared by in a `switch`.
    @inlinable
    public var kind: Status { Status(rawValue: rawValue & 0x7FF) }

    @inlinable
    public var isSuccess: Bool { rawValue & 0x7FF == 0 }

    /// Matches on type and code, whatever DNR, More and CRD are.
    @inlinable
    public static func ~= (pattern: Status, value: Status) -> Bool { pattern.kind == value.kind }
}
