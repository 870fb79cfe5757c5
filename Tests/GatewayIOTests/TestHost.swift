// A host for the tests: a blocking socket around NVMeTCP's host side, one command at a time.

import CLiburing
import GatewayIO
import NVMeTCP
import Testing

/// One queue, as a host has it. Calls block: the target answers from threads of its own.
final class TestHost: @unchecked Sendable {
    // Sendable: one thread at a time.
    let socket: Int32
    private var connection: HostConnection
    private var batch = TransmitBatch()
    private var staging = [UInt8](repeating: 0, count: 65536)
    private var nextCommandID: UInt16 = 0

    struct Lost: Error {}

    /// Connects, and exchanges ICReq and ICResp.
    /// - Parameter receiveBytes: The most that the socket keeps for us (SO_RCVBUF).
    init(
        port: UInt16, host: String = "127.0.0.1", digests: Bool = false, transfers: Int = 1,
        receiveBytes: Int32? = nil
    ) throws {
        socket = try TestHost.connect(port: port, host: host, receiveBytes: receiveBytes)
        var parameters = HostConnection.Parameters()
        parameters.wantsHeaderDigest = digests
        parameters.wantsDataDigest = digests
        parameters.maximumReadyToTransfers = transfers
        connection = HostConnection(parameters)
        connection.reserveCommands(1024)
        let isEncoded = connection.encodeInitializeRequest(into: &batch)
        #expect(isEncoded)
        try send()
        var buffer: [UInt8] = []
        _ = try exchange(out: [], into: &buffer) { event in
            if case .initialized = event { return CompletionEntry(commandID: 0, status: .success) }
            return nil
        }
    }

    deinit { close(socket) }

    /// A connected socket that has said nothing.
    static func connect(
        port: UInt16, host: String = "127.0.0.1", receiveBytes: Int32? = nil
    ) throws -> Int32 {
        let address = try #require(SocketAddress(host: host, port: port))
        let socket = CLiburing.socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
        if var receiveBytes {
            setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receiveBytes, socklen_t(MemoryLayout<Int32>.size))
        }
        let status = address.withSockaddr { CLiburing.connect(socket, $0, $1) }
        guard socket >= 0, status == 0 else { throw Lost() }
        return socket
    }

    /// The queue's Connect.
    func connect(queue: UInt16 = 0, controller: UInt16 = 0xFFFF, subsystem: String, entries: UInt16 = 32)
        throws
        -> CompletionEntry
    {
        let data = try ConnectData(
            hostID: HostID(rawValue: 0x1234), controllerID: controller, subsystemNQN: NQN(subsystem),
            hostNQN: NQN("nqn.2014-08.org.nvmexpress:uuid:0b4ae4fe-96ee-4f1f-b9c5-6c1a46c6f8a1"))
        var bytes = [UInt8](repeating: 0, count: ConnectData.byteCount)
        bytes.withUnsafeMutableBytes { memory in
            var span = memory.mutableBytes
            data.encode(into: &span)
        }
        let command = ConnectCommand(
            queueID: queue, submissionQueueSize: entries - 1, keepAliveMilliseconds: queue == 0 ? 30_000 : 0)
        return try run(command.entry(commandID: 0), inCapsule: bytes)
    }

    /// Runs a command that carries its data in its capsule, or none.
    func run(_ entry: SubmissionEntry, inCapsule: [UInt8] = []) throws -> CompletionEntry {
        var entry = entry
        entry.commandID = takeCommandID()
        inCapsule.withUnsafeBytes { bytes in
            let isEncoded = connection.encodeCommand(
                entry, inCapsule: inCapsule.isEmpty ? nil : bytes, into: &batch)
            #expect(isEncoded)
        }
        var none: [UInt8] = []
        return try inCapsule.withUnsafeBytes { _ in
            try send()
            return try exchange(out: [], into: &none)
        }
    }

    /// Runs a command that reads `count` bytes.
    func read(_ entry: SubmissionEntry, count: Int) throws -> (CompletionEntry, [UInt8]) {
        var entry = entry
        entry.commandID = takeCommandID()
        entry.sgl = .transport(length: UInt32(count))
        connection.expectData(commandID: entry.commandID, length: count)
        let isEncoded = connection.encodeCommand(entry, inCapsule: nil, into: &batch)
        #expect(isEncoded)
        try send()
        var data = [UInt8](repeating: 0, count: count)
        let completion = try exchange(out: [], into: &data)
        return (completion, data)
    }

    /// Sends commands that read `count` bytes each, and reads nothing of what comes.
    func ask(_ entries: [SubmissionEntry], count: Int) throws {
        for var entry in entries {
            entry.commandID = takeCommandID()
            entry.sgl = .transport(length: UInt32(count))
            let isEncoded = connection.encodeCommand(entry, inCapsule: nil, into: &batch)
            #expect(isEncoded)
            try send()
        }
    }

    /// Waits until the connection has ended, reading nothing; false if that takes longer than a test may.
    func isReset() -> Bool {
        var descriptor = pollfd(fd: socket, events: 0, revents: 0)
        return poll(&descriptor, 1, 30_000) == 1
    }

    /// Runs a command whose data the controller asks for.
    func write(_ entry: SubmissionEntry, _ data: [UInt8]) throws -> CompletionEntry {
        var entry = entry
        entry.commandID = takeCommandID()
        entry.sgl = .transport(length: UInt32(data.count))
        connection.offerData(commandID: entry.commandID, length: data.count)
        let isEncoded = connection.encodeCommand(entry, inCapsule: nil, into: &batch)
        #expect(isEncoded)
        try send()
        var none: [UInt8] = []
        return try exchange(out: data, into: &none)
    }

    /// Sends all commands, each with its data in its capsule, before any answer is read.
    /// - Returns: the completions, in the order in which they came.
    func runAll(_ commands: [(entry: SubmissionEntry, data: [UInt8])]) throws -> [CompletionEntry] {
        for (entry, data) in commands {
            var entry = entry
            entry.commandID = takeCommandID()
            try data.withUnsafeBytes { bytes in
                let isEncoded = connection.encodeCommand(
                    entry, inCapsule: data.isEmpty ? nil : bytes, into: &batch)
                #expect(isEncoded)
                try send()
            }
        }
        var completions: [CompletionEntry] = []
        var none: [UInt8] = []
        _ = try exchange(out: [], into: &none) { event in
            guard case .response(let completion) = event else { return nil }
            completions.append(completion)
            return completions.count == commands.count ? completion : nil
        }
        return completions
    }

    private func takeCommandID() -> UInt16 {
        nextCommandID = (nextCommandID + 1) % 1024
        return nextCommandID
    }

    private func send() throws {
        for segment in batch.segments {
            var sent = 0
            while sent < segment.count {
                let count = CLiburing.send(
                    socket, segment.base! + sent, segment.count - sent, Int32(MSG_NOSIGNAL))
                guard count > 0 else { throw Lost() }
                sent += count
            }
        }
        batch.reset()
    }

    /// Receives until `isEnd` finds the completion that is waited for.
    private func exchange(
        out: [UInt8], into data: inout [UInt8],
        until isEnd: (HostEvent) -> CompletionEntry? = { event in
            if case .response(let completion) = event { return completion }
            if case .succeeded(let id) = event { return CompletionEntry(commandID: id, status: .success) }
            return nil
        }
    ) throws -> CompletionEntry {
        while true {
            if case .payload(_, let offset, let count) = connection.receivePlan {
                let received = data.withUnsafeMutableBytes {
                    recv(socket, $0.baseAddress! + offset, count, 0)
                }
                guard received > 0 else { throw Lost() }
                let event = data.withUnsafeBytes { bytes in
                    let piece = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + received])
                    return connection.receivedPayload(piece.bytes)
                }
                if let event, let completion = isEnd(event) { return completion }
                continue
            }
            let count = recv(socket, &staging, staging.count, 0)
            guard count > 0 else { throw Lost() }
            var position = 0
            while let event = connection.next(staging.span.bytes.extracting(0..<count), from: &position) {
                switch event {
                case .payload(_, let offset, let range):
                    data.replaceSubrange(offset..<offset + range.count, with: staging[range])
                case .readyToTransfer(let id, let tag, let offset, let length):
                    try answer(id, tag, out, offset, length)
                case .fatal, .terminated: throw Lost()
                default: break
                }
                if let completion = isEnd(event) { return completion }
            }
        }
    }

    private func answer(_ id: UInt16, _ tag: UInt16, _ out: [UInt8], _ offset: Int, _ length: Int) throws {
        try out.withUnsafeBytes { bytes in
            var done = 0
            while done < length {
                let count = min(length - done, 131_072)
                let piece = UnsafeRawBufferPointer(rebasing: bytes[offset + done..<offset + done + count])
                let isEncoded = connection.encodeData(
                    commandID: id, tag: tag, payload: piece, offset: offset + done,
                    isLast: done + count == length, into: &batch)
                #expect(isEncoded)
                try send()
                done += count
            }
        }
    }
}
