// What ends one connection: a fatal error status and its information, as a termination request carries them.
// The header rules and both machines make them; the driver hands them to encodeTermination and closes.

/// Fatal Error Status (FES): bytes 9:8 of a termination request. An unknown value is a value.
///
/// Source: NVMe over TCP Transport Specification, "C2HTermReq" and "H2CTermReq", FES.
public struct FatalErrorStatus: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt16

    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// 01h Invalid PDU Header Field; FEI is the field's byte offset.
    public static let invalidHeaderField = FatalErrorStatus(rawValue: 0x01)
    /// 02h PDU Sequence Error: a PDU that this state or this direction does not allow.
    public static let sequenceError = FatalErrorStatus(rawValue: 0x02)
    /// 03h Header Digest Error; FEI is the digest that was received.
    public static let headerDigestError = FatalErrorStatus(rawValue: 0x03)
    /// 04h Data Transfer Out of Range: data outside what the command or the R2T covers.
    public static let dataOutOfRange = FatalErrorStatus(rawValue: 0x04)
    /// 05h, from a controller: Data Transfer Limit Exceeded.
    public static let dataLimitExceeded = FatalErrorStatus(rawValue: 0x05)
    /// 05h, from a host: R2T Limit Exceeded.
    public static let readyToTransferLimitExceeded = FatalErrorStatus(rawValue: 0x05)
    /// 06h Unsupported Parameter; FEI is the field's byte offset.
    public static let unsupportedParameter = FatalErrorStatus(rawValue: 0x06)
}

/// A peer's mistake that ends its connection, and nothing else.
///
/// Source: NVMe over TCP Transport Specification, "Fatal Errors".
public struct FatalError: Error, Hashable, Sendable, BitwiseCopyable {
    /// FES.
    public var status: FatalErrorStatus
    /// Fatal Error Information (FEI): a byte offset for header fields and parameters, a digest for header
    /// digests, else 0.
    public var information: UInt32

    @inlinable
    public init(status: FatalErrorStatus, information: UInt32 = 0) {
        self.status = status
        self.information = information
    }

    /// The header field that starts at byte `offset` has a value that is not allowed.
    public static func invalidHeaderField(_ offset: Int) -> FatalError {
        FatalError(status: .invalidHeaderField, information: UInt32(offset))
    }

    /// A PDU that this state or this direction does not allow.
    public static let sequenceError = FatalError(status: .sequenceError)

    /// The header's digest does not match it; `received` is the digest as it came.
    public static func headerDigest(received: UInt32) -> FatalError {
        FatalError(status: .headerDigestError, information: received)
    }

    /// Data outside what the command or the R2T covers.
    public static let dataOutOfRange = FatalError(status: .dataOutOfRange)

    /// More data in one PDU than the controller takes.
    public static let dataLimitExceeded = FatalError(status: .dataLimitExceeded)

    /// More R2Ts for one command than the host allows.
    public static let readyToTransferLimitExceeded = FatalError(status: .readyToTransferLimitExceeded)

    /// The parameter that starts at byte `offset` has a value that we do not support.
    public static func unsupportedParameter(_ offset: Int) -> FatalError {
        FatalError(status: .unsupportedParameter, information: UInt32(offset))
    }
}

extension FatalError: CustomStringConvertible {
    public var description: String {
        "fatal error status \(status.rawValue), information \(information)"
    }
}
