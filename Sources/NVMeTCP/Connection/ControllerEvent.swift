// What a controller's end of a connection tells its driver, one at a time.

/// An event of `ControllerConnection`. Slots are the driver's own numbers.
public enum ControllerEvent: Equatable, Sendable {
    /// ICReq was good: `encodeInitializeResponse` is next.
    case initialized
    /// A command, with `dataLength` bytes of in-capsule data behind it. Where that is not 0,
    /// `acceptInCapsuleData` or `discardInCapsuleData` must follow before anything else is read.
    case command(SubmissionEntry, dataLength: Int)
    /// Staged payload: the driver copies `range` of the bytes to the slot's buffer, at `offset`.
    case payload(slot: UInt32, offset: Int, range: Range<Int>)
    /// The accepted in-capsule data, or all that one R2T asked for, have arrived. `digestValid` is false
    /// where any data digest was wrong: the command ends with a Transient Transport Error, the connection
    /// stays.
    case transferred(slot: UInt32, digestValid: Bool)
    /// The host broke the protocol: `encodeTermination`, then close.
    case fatal(FatalError)
    /// The host sent H2CTermReq: close without an answer.
    case terminated(TerminationRequest)
}
