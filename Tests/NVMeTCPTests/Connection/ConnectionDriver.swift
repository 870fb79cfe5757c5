// Drivers for the transport tests: what a shard or an initiator does with a connection, on arrays. They
// follow the receive plan, keep a buffer per slot, and record events without staged payload, so that two runs
// that cut the same stream differently must record the same.

import Testing

@testable import NVMeTCP

/// Cuts a stream into receives.
enum Chunks {
    case whole
    case of(Int)
    /// Two receives: the first of so many bytes.
    case cut(Int)
    case random(SeededGenerator)

    mutating func next(_ remaining: Int) -> Int {
        switch self {
        case .whole: return remaining
        case .of(let count): return min(count, remaining)
        case .cut(let count):
            self = .whole
            return min(max(count, 1), remaining)
        case .random(var generator):
            let count = Int.random(in: 1...min(remaining, 6000), using: &generator)
            self = .random(generator)
            return count
        }
    }
}

final class ControllerDriver {
    var connection: ControllerConnection
    var batch = TransmitBatch()
    /// Every event but staged payload.
    var events: [ControllerEvent] = []
    /// What arrived, by slot; a slot's buffer is as long as its highest byte.
    var buffers: [UInt32: [UInt8]] = [:]
    var discards = false
    /// How many times the plan asked for payload in place.
    var directReceives = 0
    /// The slot that the next in-capsule data goes to.
    var nextSlot: UInt32 = 100
    /// Answers each event, as a controller would.
    var onEvent: ((ControllerDriver, ControllerEvent) -> Void)?

    init(_ parameters: ControllerConnection.Parameters = .init()) {
        connection = ControllerConnection(parameters)
        connection.reserveTransfers(16)
    }

    var fatal: FatalError? {
        for case .fatal(let error) in events { return error }
        return nil
    }

    func receive(_ bytes: [UInt8], _ chunks: Chunks = .whole) {
        var (chunks, position) = (chunks, 0)
        while position < bytes.count {
            let count = chunks.next(bytes.count - position)
            switch connection.receivePlan {
            case .nothing: return
            case .staged:
                stage(Array(bytes[position..<position + count]))
                position += count
            case .payload(let slot, let offset, let limit):
                let part = Array(bytes[position..<position + min(count, limit)])
                directReceives += 1
                put(part[...], slot, offset)
                if let event = connection.receivedPayload(part.span.bytes) { take(event) }
                stage([])
                position += part.count
            }
        }
    }

    private func stage(_ bytes: [UInt8]) {
        var position = 0
        while let event = connection.next(bytes.span.bytes, from: &position) {
            if case .payload(let slot, let offset, let range) = event {
                put(bytes[range], slot, offset)
            } else {
                take(event)
            }
        }
    }

    private func take(_ event: ControllerEvent) {
        events.append(event)
        if case .command(_, let length) = event, length > 0 {
            if discards {
                connection.discardInCapsuleData()
            } else {
                connection.acceptInCapsuleData(slot: nextSlot)
                nextSlot += 1
            }
        }
        onEvent?(self, event)
    }

    private func put(_ bytes: ArraySlice<UInt8>, _ slot: UInt32, _ offset: Int) {
        place(bytes, at: offset, in: &buffers[slot, default: []])
    }

    /// Appends what `encode` encodes; it must fit.
    func send(_ encode: (inout ControllerConnection, inout TransmitBatch) -> Bool) {
        #expect(encode(&connection, &batch))
    }

    /// What the batch holds; the batch is empty afterwards.
    func flush() -> [UInt8] { contents(&batch) }
}

final class HostDriver {
    var connection: HostConnection
    var batch = TransmitBatch()
    var events: [HostEvent] = []
    var buffers: [UInt32: [UInt8]] = [:]
    var directReceives = 0
    var onEvent: ((HostDriver, HostEvent) -> Void)?

    init(_ parameters: HostConnection.Parameters = .init()) {
        connection = HostConnection(parameters)
        connection.reserveCommands(16)
    }

    var fatal: FatalError? {
        for case .fatal(let error) in events { return error }
        return nil
    }

    func receive(_ bytes: [UInt8], _ chunks: Chunks = .whole) {
        var (chunks, position) = (chunks, 0)
        while position < bytes.count {
            let count = chunks.next(bytes.count - position)
            switch connection.receivePlan {
            case .nothing: return
            case .staged:
                stage(Array(bytes[position..<position + count]))
                position += count
            case .payload(let slot, let offset, let limit):
                let part = Array(bytes[position..<position + min(count, limit)])
                directReceives += 1
                place(part[...], at: offset, in: &buffers[slot, default: []])
                if let event = connection.receivedPayload(part.span.bytes) { take(event) }
                stage([])
                position += part.count
            }
        }
    }

    private func stage(_ bytes: [UInt8]) {
        var position = 0
        while let event = connection.next(bytes.span.bytes, from: &position) {
            if case .payload(let slot, let offset, let range) = event {
                place(bytes[range], at: offset, in: &buffers[slot, default: []])
            } else {
                take(event)
            }
        }
    }

    private func take(_ event: HostEvent) {
        events.append(event)
        onEvent?(self, event)
    }

    func send(_ encode: (inout HostConnection, inout TransmitBatch) -> Bool) {
        #expect(encode(&connection, &batch))
    }

    func flush() -> [UInt8] { contents(&batch) }
}

private func place(_ bytes: ArraySlice<UInt8>, at offset: Int, in buffer: inout [UInt8]) {
    if buffer.count < offset + bytes.count {
        buffer.append(contentsOf: repeatElement(0xEE, count: offset + bytes.count - buffer.count))
    }
    buffer.replaceSubrange(offset..<offset + bytes.count, with: bytes)
}

/// The bytes that a batch would send.
func contents(_ batch: inout TransmitBatch) -> [UInt8] {
    var bytes: [UInt8] = []
    for segment in batch.segments {
        bytes += UnsafeRawBufferPointer(start: segment.base, count: segment.count)
    }
    #expect(bytes.count == batch.byteCount)
    batch.reset()
    return bytes
}

/// Memory that outlives an encoder's reference to it: a test's payloads, never freed.
func payload(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    memory.copyBytes(from: bytes)
    return UnsafeRawBufferPointer(memory)
}
