// What a host's end of a connection tells its driver, one at a time.

/// An event of `HostConnection`. Payload slots are command identifiers.
public enum HostEvent: Equatable, Sendable {
    /// ICResp was good: commands may be sent.
    case initialized(InitializeResponse)
    /// The controller asks for `length` bytes of the command's data, from `offset` on: `encodeData` with this
    /// tag.
    case readyToTransfer(commandID: UInt16, tag: UInt16, offset: Int, length: Int)
    /// Staged payload: the driver copies `range` of the bytes to the command's buffer, at `offset`. `slot` is
    /// the command identifier.
    case payload(slot: UInt32, offset: Int, range: Range<Int>)
    /// The data that just arrived for this command is wrong. The command still ends with `.response` or
    /// `.succeeded`.
    case dataDigestError(commandID: UInt16)
    /// The last C2HData PDU of this command had SUCCESS: it has ended, and no response follows.
    case succeeded(commandID: UInt16)
    /// A command has ended.
    case response(CompletionEntry)
    /// The controller broke the protocol: `encodeTermination`, then close.
    case fatal(FatalError)
    /// The controller sent C2HTermReq: close without an answer.
    case terminated(TerminationRequest)
}
