// The error that answers one command, and only that command: the connection goes on. What ends a connection
// is NVMeTCP's FatalError.

public import NVMeTCP

/// Why a command fails, and which of its fields was wrong.
public struct CommandFailure: Error, Equatable, Sendable, BitwiseCopyable {
    public let status: Status
    /// Where the lowest wrong field starts, for the Error Information log's Parameter Error Location; nil if
    /// no field of the command is to blame.
    public let location: ParameterErrorLocation?
    /// The completion's dwords 1:0: 0 but for Connect, which reports the wrong parameter there.
    public let result: UInt64

    public init(_ status: Status, at location: ParameterErrorLocation? = nil, result: UInt64 = 0) {
        self.status = status
        self.location = location
        self.result = result
    }
}

/// Parameter Error Location: the byte and bit of the command that is wrong.
///
/// Source: NVM Express Base Specification, "Error Information Log Entry".
public struct ParameterErrorLocation: Equatable, Sendable, BitwiseCopyable {
    /// The byte in the submission queue entry, 0 to 63.
    public let byte: UInt8
    /// The bit in that byte, 0 to 7.
    public let bit: UInt8

    public init(byte: UInt8, bit: UInt8 = 0) {
        self.byte = byte
        self.bit = bit
    }
}

extension CommandFailure {
    /// Invalid Field in Command, not to be retried, for the field that starts here.
    static func invalidField(byte: UInt8, bit: UInt8 = 0) -> CommandFailure {
        CommandFailure(.invalidField.notRetryable, at: ParameterErrorLocation(byte: byte, bit: bit))
    }

    /// Invalid Namespace or Format, not to be retried.
    static var invalidNamespace: CommandFailure {
        CommandFailure(.invalidNamespaceOrFormat.notRetryable, at: ParameterErrorLocation(byte: 4))
    }

    /// Command Sequence Error, not to be retried as it is.
    static var outOfSequence: CommandFailure { CommandFailure(.commandSequenceError.notRetryable) }
}
