// The error that answers one command, and only that command: the connection goes on. What ends a connection
// is NVMeTCP's FatalError.

public import NVMeTCP

/// Why a command fails, and which of its fields was wrong.
public struct CommandFailure: Error, Equatable, Sendable, BitwiseCopyable {
    public let status: Status
    /// Where the lowest wrong field starts, for the Error Information log's Parameter Error Location; nil if
    /// no field of the command is to blame.
    public let location: ParameterErrorLocation?
    /// The completion's dwords 1:0: 0 but for Connect, which reports the wrong parameter there, and Copy,
    /// which reports the range that was not copied.
    public let result: UInt64
    /// The first block that the failure is about; nil if it is about none.
    let block: FailedBlock?

    public init(_ status: Status, at location: ParameterErrorLocation? = nil, result: UInt64 = 0) {
        self.init(status, at: location, result: result, block: nil)
    }

    init(_ status: Status, at location: ParameterErrorLocation?, result: UInt64 = 0, block: FailedBlock?) {
        self.status = status
        self.location = location
        self.result = result
        self.block = block
    }
}

/// A logical block that could not be had.
struct FailedBlock: Equatable, BitwiseCopyable, Sendable {
    /// The namespace, which is not the command's own if it is a Copy's source.
    let namespaceID: UInt32
    let lba: UInt64
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
