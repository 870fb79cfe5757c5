// A host's queue for tests: NVMeTCP's host side over the fixture's memory. One command at a time or several
// at once; what came back is looked up by command identifier.

import NVMeTCP

@testable import GatewayCore

/// One queue of a host.
final class TestHost {
    let place: ShardFixture.Place
    private unowned let fixture: ShardFixture
    private var wire: HostConnection
    private var outgoing: [UInt16: [UInt8]] = [:]
    private var incoming: [UInt16: [UInt8]] = [:]
    private var nextCommandID: UInt16 = 1
    private(set) var completions: [UInt16: CompletionEntry] = [:]
    /// The command identifiers of response capsules, in the order that they came.
    private(set) var responseOrder: [UInt16] = []
    private(set) var requestedTransfers = 0
    /// R2Ts that wait for `answerRequest`.
    private(set) var heldRequests: [DataRequest] = []
    /// Holds R2Ts instead of answering them at once.
    var holdsRequests = false
    /// Spoils the last byte of the data PDUs that it sends: their digest.
    var spoilsDigests = false
    private(set) var successFlags = 0
    private(set) var dataDigestErrors = 0
    /// The C2HTermReq that ended the connection.
    private(set) var termination: TerminationRequest?
    var isClosed = false
    /// Takes nothing that the target sends.
    var isDeaf = false
    /// Keeps R2Ts until `answerTransfer`, instead of answering each at once.
    var keepsTransfers = false
    private var keptTransfers: [UInt16: DataRequest] = [:]
    /// The commands whose data leaves with a wrong digest.
    var corruptedCommands: Set<UInt16> = []
    /// The identifier that the next command gets.
    var upcomingCommandID: UInt16 { nextCommandID }

    init(_ fixture: ShardFixture, _ place: ShardFixture.Place, _ parameters: HostConnection.Parameters) {
        self.fixture = fixture
        self.place = place
        wire = HostConnection(parameters)
        wire.reserveCommands(4096)
    }

    func initialize() {
        send { wire, batch in wire.encodeInitializeRequest(into: &batch) }
        fixture.pump()
    }

    /// Sends a command and gives what came back.
    /// - Parameter inCapsule: Whether `data` goes in the capsule, or waits for an R2T.
    func run(
        _ command: SubmissionEntry, data: [UInt8] = [], reading: Int = 0, inCapsule: Bool = true
    ) -> (completion: CompletionEntry?, data: [UInt8]) {
        let id = start(command, data: data, reading: reading, inCapsule: inCapsule)
        fixture.pump()
        return (completions[id], incoming[id] ?? [])
    }

    /// Sends a command without looking for its end.
    func start(
        _ command: SubmissionEntry, data: [UInt8] = [], reading: Int = 0, inCapsule: Bool = true
    ) -> UInt16 {
        var command = command
        let id = nextCommandID
        nextCommandID += 1
        command.commandID = id
        if command.dataPointerType == 0 { command.dword0 |= 1 << 14 }
        if command.sglLengthAndType == 0 {
            if !data.isEmpty, inCapsule {
                command.sgl = .inCapsule(length: UInt32(data.count))
            } else {
                command.sgl = .transport(length: UInt32(max(data.count, reading)))
            }
        }
        if reading > 0 {
            incoming[id] = [UInt8](repeating: 0xEE, count: reading)
            wire.expectData(commandID: id, length: reading)
        }
        if !data.isEmpty, !inCapsule {
            outgoing[id] = data
            wire.offerData(commandID: id, length: data.count)
        }
        let capsule = inCapsule ? data : []
        send(isCorrupted: inCapsule && corruptedCommands.contains(id)) { wire, batch in
            capsule.withUnsafeBytes { bytes in
                wire.encodeCommand(command, inCapsule: capsule.isEmpty ? nil : bytes, into: &batch)
            }
        }
        return id
    }

    func data(of id: UInt16) -> [UInt8] { incoming[id] ?? [] }

    /// Bytes as they are, for what no well-behaved host sends.
    func sendRaw(_ bytes: [UInt8]) {
        fixture.deliver(bytes, from: place)
        fixture.pump()
    }

    func receive(_ bytes: [UInt8]) {
        var position = 0
        while true {
            let event = bytes.withUnsafeBytes { raw -> HostEvent? in
                if case .payload(let slot, let offset, let count) = wire.receivePlan, position < bytes.count {
                    let taken = min(count, bytes.count - position)
                    let piece = UnsafeRawBufferPointer(rebasing: raw[position..<position + taken])
                    incoming[UInt16(slot)]!.replaceSubrange(offset..<offset + taken, with: piece)
                    position += taken
                    return wire.receivedPayload(piece.bytes)
                }
                return wire.next(raw.bytes, from: &position)
            }
            if let event {
                serve(event, bytes)
            } else if position == bytes.count || wire.receivePlan == .nothing {
                return
            }
        }
    }

    private func serve(_ event: HostEvent, _ bytes: [UInt8]) {
        switch event {
        case .initialized: break
        case .readyToTransfer(let id, let tag, let offset, let length):
            requestedTransfers += 1
            let request = DataRequest(commandID: id, tag: tag, offset: offset, length: length)
            if keepsTransfers {
                keptTransfers[id] = request
            } else if holdsRequests {
                heldRequests.append(request)
            } else {
                sendData(request)
            }
        case .payload(let slot, let offset, let range):
            incoming[UInt16(slot)]!.replaceSubrange(offset..<offset + range.count, with: bytes[range])
        case .dataDigestError: dataDigestErrors += 1
        case .succeeded(let id):
            successFlags += 1
            completions[id] = CompletionEntry(commandID: id, status: .success)
        case .response(let completion):
            completions[completion.commandID] = completion
            responseOrder.append(completion.commandID)
        case .fatal(let error): preconditionFailure("the target broke the protocol: \(error)")
        case .terminated(let request): termination = request
        }
    }

    /// Sends the data that a kept R2T asks for; nothing if none came for this command.
    func answerTransfer(_ id: UInt16) {
        guard let request = keptTransfers.removeValue(forKey: id) else { return }
        sendData(request)
        fixture.pump()
    }

    /// An R2T.
    struct DataRequest: Equatable {
        let commandID: UInt16
        let tag: UInt16
        let offset: Int
        let length: Int
    }

    /// Answers the oldest R2T that is held.
    func answerRequest() {
        sendData(heldRequests.removeFirst())
        fixture.pump()
    }

    /// What was agreed on with the target.
    var agreed: Negotiation? { wire.negotiated }

    /// Answers an R2T in pieces no longer than the target takes.
    private func sendData(_ request: DataRequest) {
        let pieceMax = Int(wire.negotiated!.maximumDataLength)
        var done = 0
        let isCorrupted = spoilsDigests || corruptedCommands.contains(request.commandID)
        while done < request.length {
            let count = min(request.length - done, pieceMax)
            let isLast = done + count == request.length
            let start = request.offset + done
            let bytes = Array(outgoing[request.commandID]![start..<start + count])
            send(isCorrupted: isCorrupted) { wire, batch in
                bytes.withUnsafeBytes {
                    wire.encodeData(
                        commandID: request.commandID, tag: request.tag, payload: $0, offset: start,
                        isLast: isLast, into: &batch)
                }
            }
            done += count
        }
    }

    private func send(
        isCorrupted: Bool = false, _ encode: (inout HostConnection, inout TransmitBatch) -> Bool
    ) {
        var batch = TransmitBatch(pduCountMax: 4)
        precondition(encode(&wire, &batch), "one PDU fits an empty batch")
        var bytes = batch.segments.flatMap { Array(UnsafeRawBufferPointer(start: $0.base, count: $0.count)) }
        // The data digest is the last thing of a PDU.
        if isCorrupted { bytes[bytes.count - 1] ^= 1 }
        fixture.deliver(bytes, from: place)
    }
}
