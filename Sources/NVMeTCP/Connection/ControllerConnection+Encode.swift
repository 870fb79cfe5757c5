// The sending half of a controller's end: each encoder appends one PDU to the batch, or answers false and
// appends nothing when the batch has no room. The order of calls is the order on the wire.

extension ControllerConnection {
    /// Appends ICResp. To be called once, after `.initialized`.
    public mutating func encodeInitializeResponse(into batch: inout TransmitBatch) -> Bool {
        guard let negotiated else { preconditionFailure("ICResp before ICReq") }
        guard batch.hasRoom(InitializeResponse.byteCount, hasPayload: false) else { return false }
        // The arena's bytes are ours until the batch is reset.
        var bytes = unsafe batch.append(InitializeResponse.byteCount).mutableBytes
        InitializeResponse(
            dataAlignment: parameters.dataAlignment, headerDigest: negotiated.headerDigest,
            dataDigest: negotiated.dataDigest, maximumDataLength: UInt32(negotiated.maximumDataLength)
        ).encode(into: &bytes, at: 0)
        return true
    }

    /// Appends R2T and opens the transfer that H2CData PDUs will fill.
    ///
    /// - Parameters:
    ///   - slot: the driver's number for the buffer that the data goes to; `offset` counts from its start.
    ///   - offset: R2TO, in bytes from the start of the command's data.
    ///   - length: R2TL, in bytes, above 0. Not above MAXH2CDATA where old Linux hosts are to be served: they
    ///     send all that a R2T asks for in one PDU, whatever ICResp said.
    public mutating func encodeReadyToTransfer(
        slot: UInt32, commandID: UInt16, offset: Int, length: Int, into batch: inout TransmitBatch
    ) -> Bool {
        precondition(length > 0, "a R2T asks for something")
        let agreed = agreement
        let count = ReadyToTransfer.byteCount + (agreed.headerDigest ? 4 : 0)
        guard batch.hasRoom(count, hasPayload: false) else { return false }
        let tag = transfers.open(slot: slot, commandID: commandID, offset: offset, length: length)
        let header = CommonHeader(
            type: .readyToTransfer, flags: agreed.headerDigest ? .headerDigest : [],
            headerLength: UInt8(ReadyToTransfer.byteCount), length: UInt32(count))
        // The arena's bytes are ours until the batch is reset.
        var bytes = unsafe batch.append(count).mutableBytes
        ReadyToTransfer(
            header: header, commandID: commandID, tag: tag, offset: UInt32(offset), length: UInt32(length)
        ).encode(into: &bytes, at: 0)
        if agreed.headerDigest { bytes.storeHeaderDigest(headerLength: ReadyToTransfer.byteCount) }
        return true
    }

    /// Appends C2HData, its payload by reference: the buffer must stay as it is until the batch is sent.
    ///
    /// - Parameters:
    ///   - offset: DATAO, in bytes from the start of the command's data.
    ///   - isLast: LAST_PDU.
    ///   - isSuccess: SUCCESS: no response capsule follows. Only with `isLast`, and only where the queue has
    ///     submission queue flow control disabled.
    public mutating func encodeData(
        commandID: UInt16, payload: UnsafeRawBufferPointer, offset: Int, isLast: Bool, isSuccess: Bool,
        into batch: inout TransmitBatch
    ) -> Bool {
        precondition(isLast || !isSuccess, "SUCCESS stands in the last PDU only")
        let agreed = agreement
        let placement = PayloadPlacement(
            headerLength: DataHeader.byteCount, dataLength: payload.count, headerDigest: agreed.headerDigest,
            dataDigest: agreed.dataDigest, alignment: agreed.hostDataAlignment)
        guard batch.hasRoom(placement.arenaLength, hasPayload: true) else { return false }
        var flags = placement.flags
        if isLast { flags.insert(.last) }
        if isSuccess { flags.insert(.success) }
        // The arena's bytes are ours until the batch is reset.
        var bytes = unsafe batch.append(placement.dataOffset).mutableBytes
        DataHeader(
            header: placement.header(.controllerData, flags: flags), commandID: commandID,
            offset: UInt32(offset), length: UInt32(payload.count)
        ).encode(into: &bytes, at: 0)
        placement.finishHeader(&bytes)
        unsafe batch.append(payload: payload)
        if agreed.dataDigest { unsafe batch.appendDataDigest(of: payload, parameters.checksum) }
        return true
    }

    /// Appends CapsuleResp.
    public mutating func encodeResponse(_ completion: CompletionEntry, into batch: inout TransmitBatch)
        -> Bool
    {
        let hasDigest = agreement.headerDigest
        let count = ResponseCapsule.byteCount + (hasDigest ? 4 : 0)
        guard batch.hasRoom(count, hasPayload: false) else { return false }
        let header = CommonHeader(
            type: .responseCapsule, flags: hasDigest ? .headerDigest : [],
            headerLength: UInt8(ResponseCapsule.byteCount), length: UInt32(count))
        // The arena's bytes are ours until the batch is reset.
        var bytes = unsafe batch.append(count).mutableBytes
        ResponseCapsule(header: header, entry: completion).encode(into: &bytes, at: 0)
        if hasDigest { bytes.storeHeaderDigest(headerLength: ResponseCapsule.byteCount) }
        return true
    }

    /// Appends C2HTermReq, with the header of the offending PDU where this machine found it. The connection
    /// has ended.
    public mutating func encodeTermination(_ error: FatalError, into batch: inout TransmitBatch) -> Bool {
        framer.encodeTermination(.controllerTermination, error, into: &batch)
    }

    private var agreement: Negotiation {
        guard let negotiated else { preconditionFailure("a PDU before ICReq") }
        return negotiated
    }
}
