// Bytes out: each connection has a list of operations that have something to say. When none of its sends is
// in flight the driver asks for a batch, which takes as many as fit; what becomes ready meanwhile leaves in
// the next.

public import NVMeTCP

extension TargetShard {
    /// Fills `batch` with what the connection has to send; it stays empty if there is nothing.
    public func fill(_ batch: inout TransmitBatch, for id: ConnectionID, at now: Instant) {
        guard let connection = unsafe connections[id], unsafe connection.pointee.phase != .closing else {
            return
        }
        unsafe connection.pointee.isTransmitRequested = false
        if unsafe connection.pointee.sendsInitializeResponse,
            unsafe connection.pointee.wire.encodeInitializeResponse(into: &batch)
        {
            unsafe connection.pointee.sendsInitializeResponse = false
        }
        while batch.byteCount < limits.sendBytesMax,
            let slot = unsafe connection.pointee.ready.popFirst(in: slab)
        {
            if unsafe !encode(slab[slot], on: connection, into: &batch) {
                // No room: it stays first in line for the next batch.
                unsafe connection.pointee.ready.prepend(slot, in: slab)
                break
            }
        }
        if unsafe connection.pointee.ready.isEmpty, let error = unsafe connection.pointee.fatalError,
            unsafe connection.pointee.wire.encodeTermination(error, into: &batch)
        {
            unsafe connection.pointee.fatalError = nil
        }
        if !batch.isEmpty { unsafe connection.pointee.sendingSince = now }
    }

    /// A batch was sent, or never will be: what it referred to is free.
    public func sent(_ batch: borrowing TransmitBatch, for id: ConnectionID) {
        guard let connection = unsafe connections[id] else {
            preconditionFailure("sends end before `closed`")
        }
        unsafe connection.pointee.sendingSince = nil
        unsafe connection.pointee.sendingCount -= batch.slotsToRelease.count
        for index in unsafe 0..<batch.slotsToRelease.count {
            unsafe free(slab[batch.slotsToRelease[index]], of: connection)
        }
        let isSilent = unsafe connection.pointee.ready.isEmpty && connection.pointee.fatalError == nil
        if unsafe isSilent && (connection.pointee.phase == .terminating || connection.pointee.closesWhenSent)
        {
            unsafe beginClose(connection)
        } else if isSilent, isDraining {
            unsafe closeIfDrained(connection)
        } else if unsafe !connection.pointee.ready.isEmpty || connection.pointee.fatalError != nil {
            unsafe requestTransmit(connection)
        }
        unsafe resumeIfPossible(connection)
    }

    /// Tells the driver that the connection has something to send.
    func requestTransmit(_ connection: UnsafeMutablePointer<QueueConnection>) {
        guard unsafe !connection.pointee.isTransmitRequested else { return }
        unsafe connection.pointee.isTransmitRequested = true
        unsafe enqueue(.transmit(connection.pointee.id))
    }

    /// Puts an operation's R2T or answer in the line.
    func makeReady(
        _ operation: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        unsafe connection.pointee.ready.append(operation.pointee.slot, in: slab)
        unsafe requestTransmit(connection)
    }

    /// Encodes what the operation has to say; false, with nothing written, if the batch has no room.
    private func encode(
        _ operation: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>,
        into batch: inout TransmitBatch
    ) -> Bool {
        if unsafe operation.pointee.state == .requestingData {
            return unsafe requestData(operation, on: connection, into: &batch)
        }
        precondition(unsafe operation.pointee.state == .answering, "only these two are ever in the line")
        return unsafe encodeAnswer(operation, on: connection, into: &batch)
    }

    /// Asks for as much of a command's data as may be outstanding. No R2T asks for more than one H2CData PDU
    /// may bring: Linux before 5.16 sends all that an R2T asks for in one, whatever MAXH2CDATA says.
    /// - Returns: Whether all of that was asked for; false if the batch has no room.
    private func requestData(
        _ operation: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>,
        into batch: inout TransmitBatch
    ) -> Bool {
        while unsafe operation.pointee.requestedByteCount < operation.pointee.byteCount,
            unsafe operation.pointee.transferCount < connection.pointee.transfersPerCommand
        {
            let offset = unsafe operation.pointee.requestedByteCount
            let length = unsafe min(operation.pointee.byteCount - offset, limits.hostDataBytesMax)
            guard
                unsafe connection.pointee.wire.encodeReadyToTransfer(
                    slot: operation.pointee.slot, commandID: operation.pointee.command.commandID,
                    offset: offset, length: length, into: &batch)
            else { return false }
            unsafe operation.pointee.requestedByteCount += length
            unsafe operation.pointee.transferCount += 1
        }
        unsafe operation.pointee.state = .receivingData
        return true
    }

    /// SQHD: where flow control is disabled it is reserved, but for the Connect that agrees to it, which says
    /// so with FFFFh (Base Specification, "Connect Command and Response").
    private func submissionQueueHead(
        for operation: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>
    ) -> UInt16 {
        guard unsafe connection.pointee.isFlowControlDisabled else {
            return unsafe connection.pointee.submissionQueueHead
        }
        let isAgreed =
            unsafe operation.pointee.status.isSuccess && ConnectRequest.isConnect(operation.pointee.command)
        return isAgreed ? 0xFFFF : 0
    }

    private func encodeAnswer(
        _ operation: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>,
        into batch: inout TransmitBatch
    ) -> Bool {
        let isFlowControlDisabled = unsafe connection.pointee.isFlowControlDisabled
        let completion = unsafe CompletionEntry(
            result: operation.pointee.result,
            submissionQueueHead: submissionQueueHead(for: operation, on: connection),
            commandID: operation.pointee.command.commandID, status: operation.pointee.status)
        let sendsData =
            unsafe operation.pointee.direction == .controllerToHost && operation.pointee.status.isSuccess
            && operation.pointee.byteCount > 0
        guard sendsData else {
            guard unsafe connection.pointee.wire.encodeResponse(completion, into: &batch) else {
                return false
            }
            unsafe connection.pointee.unreportedCount = 0
            unsafe free(operation, of: connection)
            return true
        }
        guard batch.hasRoomForAnswer, let buffer = unsafe operation.pointee.buffer else { return false }
        // The response capsule is left out where it would say nothing (TCP Transport Specification, "C2HData
        // PDU").
        let isSuccess = isFlowControlDisabled && completion.result == 0 && completion.status == .success
        // Valid: the buffer is the operation's until `sent` releases the slot.
        let payload = unsafe UnsafeRawBufferPointer(start: buffer.base, count: operation.pointee.byteCount)
        let hasData = unsafe connection.pointee.wire.encodeData(
            commandID: completion.commandID, payload: payload, offset: 0, isLast: true, isSuccess: isSuccess,
            into: &batch)
        precondition(hasData, "room for two PDUs was there")
        if !isSuccess {
            let hasResponse = unsafe connection.pointee.wire.encodeResponse(completion, into: &batch)
            precondition(hasResponse, "room for two PDUs was there")
            unsafe connection.pointee.unreportedCount = 0
        }
        unsafe batch.releaseAfterSend(slot: operation.pointee.slot)
        unsafe operation.pointee.state = .sending
        unsafe connection.pointee.sendingCount += 1
        return true
    }
}
