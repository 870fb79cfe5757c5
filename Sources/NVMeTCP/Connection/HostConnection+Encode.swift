// The sending half of a host's end: each encoder appends one PDU to the batch, or answers false and appends
// nothing when the batch has no room. The order of calls is the order on the wire.

extension HostConnection {
    /// Appends ICReq: the first PDU, once.
    public mutating func encodeInitializeRequest(into batch: inout TransmitBatch) -> Bool {
        guard batch.hasRoom(InitializeRequest.byteCount, hasPayload: false) else { return false }
        // The arena's bytes are ours until the batch is reset.
        var bytes = unsafe batch.append(InitializeRequest.byteCount).mutableBytes
        request.encode(into: &bytes, at: 0)
        return true
    }

    /// Appends CapsuleCmd, with in-capsule data by reference where there is any: its buffer must stay as it
    /// is until the batch is sent. The entry's data pointer is the caller's to fill.
    public mutating func encodeCommand(
        _ entry: SubmissionEntry, inCapsule: UnsafeRawBufferPointer?, into batch: inout TransmitBatch
    ) -> Bool {
        let agreed = agreement
        guard let payload = unsafe inCapsule, payload.count > 0 else {
            return encodePlainCommand(entry, agreed, into: &batch)
        }
        let placement = PayloadPlacement(
            headerLength: CommandCapsule.byteCount, dataLength: payload.count,
            headerDigest: agreed.headerDigest, dataDigest: agreed.dataDigest,
            alignment: agreed.controllerDataAlignment)
        guard batch.hasRoom(placement.arenaLength, hasPayload: true) else { return false }
        // The arena's bytes are ours until the batch is reset.
        var bytes = unsafe batch.append(placement.dataOffset).mutableBytes
        CommandCapsule(header: placement.header(.commandCapsule, flags: placement.flags), entry: entry)
            .encode(into: &bytes, at: 0)
        placement.finishHeader(&bytes)
        unsafe batch.append(payload: payload)
        if agreed.dataDigest { unsafe batch.appendDataDigest(of: payload, parameters.checksum) }
        return true
    }

    private func encodePlainCommand(
        _ entry: SubmissionEntry, _ agreed: Negotiation, into batch: inout TransmitBatch
    ) -> Bool {
        let count = CommandCapsule.byteCount + (agreed.headerDigest ? 4 : 0)
        guard batch.hasRoom(count, hasPayload: false) else { return false }
        let header = CommonHeader(
            type: .commandCapsule, flags: agreed.headerDigest ? .headerDigest : [],
            headerLength: UInt8(CommandCapsule.byteCount), length: UInt32(count))
        // The arena's bytes are ours until the batch is reset.
        var bytes = unsafe batch.append(count).mutableBytes
        CommandCapsule(header: header, entry: entry).encode(into: &bytes, at: 0)
        if agreed.headerDigest { bytes.storeHeaderDigest(headerLength: CommandCapsule.byteCount) }
        return true
    }

    /// Appends H2CData, its payload by reference: the buffer must stay as it is until the batch is sent. A
    /// R2T's data leaves in order, in as many PDUs as `negotiated.maximumDataLength` asks for.
    ///
    /// - Parameters:
    ///   - tag: the R2T's TTAG.
    ///   - offset: DATAO, in bytes from the start of the command's data.
    ///   - isLast: LAST_PDU: the last PDU of this R2T.
    public mutating func encodeData(
        commandID: UInt16, tag: UInt16, payload: UnsafeRawBufferPointer, offset: Int, isLast: Bool,
        into batch: inout TransmitBatch
    ) -> Bool {
        let agreed = agreement
        precondition(payload.count <= agreed.maximumDataLength, "more data than MAXH2CDATA in one PDU")
        let placement = PayloadPlacement(
            headerLength: DataHeader.byteCount, dataLength: payload.count, headerDigest: agreed.headerDigest,
            dataDigest: agreed.dataDigest, alignment: agreed.controllerDataAlignment)
        guard batch.hasRoom(placement.arenaLength, hasPayload: true) else { return false }
        let flags = isLast ? placement.flags.union(.last) : placement.flags
        // The arena's bytes are ours until the batch is reset.
        var bytes = unsafe batch.append(placement.dataOffset).mutableBytes
        DataHeader(
            header: placement.header(.hostData, flags: flags), commandID: commandID, tag: tag,
            offset: UInt32(offset), length: UInt32(payload.count)
        ).encode(into: &bytes, at: 0)
        placement.finishHeader(&bytes)
        unsafe batch.append(payload: payload)
        if agreed.dataDigest { unsafe batch.appendDataDigest(of: payload, parameters.checksum) }
        if isLast { expectations.answered(commandID) }
        return true
    }

    /// Appends H2CTermReq, with the header of the offending PDU where this machine found it. The connection
    /// has ended.
    public mutating func encodeTermination(_ error: FatalError, into batch: inout TransmitBatch) -> Bool {
        framer.encodeTermination(.hostTermination, error, into: &batch)
    }

    private var agreement: Negotiation {
        guard let negotiated else { preconditionFailure("a PDU before ICResp") }
        return negotiated
    }
}
