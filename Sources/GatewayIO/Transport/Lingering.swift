// The sockets of connections that ended here while their peers went on: what still comes is read and dropped
// until the peer closes too, or its time is over. To close at once would answer those bytes with a reset,
// which can overtake our last PDU; C2HTermReq says why a connection ends, and the host is to read it
// (NVMe/TCP Transport Specification, "Transport Error Handling": the host closes, and is waited for).

import CLiburing
import GatewayCore

/// A shard's table of such sockets. The core knows nothing of them: their connections have ended.
struct Lingering {
    /// One socket. A wait for its next bytes is in flight as long as it is in the table.
    struct Entry {
        let socket: Int32
        let generation: UInt32
        let until: Instant
        var isOver = false
    }

    private(set) var entries: [Entry?] = []
    private var generation: UInt32 = 0
    /// When the first one's time is over.
    private(set) var deadline: Instant?

    /// The entry that a completed wait is of; nil if it has gone.
    func entry(of operation: Operation) -> Entry? {
        let index = Int(operation.index)
        guard index < entries.count, let entry = entries[index] else { return nil }
        return entry.generation == operation.generation ? entry : nil
    }

    /// Takes a socket in, and gives the tag to wait with; nil if the table is full.
    mutating func add(_ socket: Int32, until: Instant) -> Operation? {
        let index = entries.firstIndex { $0 == nil } ?? entries.count
        guard index < Bounds.lingeringMax else { return nil }
        generation = (generation &+ 1) & Operation.generationMask
        let entry = Entry(socket: socket, generation: generation, until: until)
        if index == entries.count { entries.append(entry) } else { entries[index] = entry }
        findDeadline()
        return Operation(.linger, index: UInt32(index), generation: generation)
    }

    mutating func remove(_ operation: Operation) {
        entries[Int(operation.index)] = nil
        findDeadline()
    }

    /// The sockets whose time is over, each told once.
    mutating func takeOverdue(at now: Instant) -> [Int32] {
        var sockets: [Int32] = []
        for index in entries.indices {
            guard let entry = entries[index], !entry.isOver, entry.until <= now else { continue }
            entries[index]?.isOver = true
            sockets.append(entry.socket)
        }
        findDeadline()
        return sockets
    }

    private mutating func findDeadline() {
        deadline = entries.lazy.compactMap { $0 }.filter { !$0.isOver }.map(\.until).min()
    }
}

extension Shard {
    /// Ends our direction of a socket, and closes it once the peer has ended its own.
    func linger(_ socket: Int32) {
        shutdown(socket, Int32(SHUT_WR))
        if dropReceived(socket), !isDraining,
            let wait = lingering.add(
                socket, until: now.advanced(byMilliseconds: Bounds.lingerMilliseconds))
        {
            reactor.ring.pollReadable(wait, descriptor: socket)
        } else {
            CLiburing.close(socket)
        }
    }

    /// More came of a socket that lingers, or its end.
    func lingered(_ completion: Completion) {
        guard let entry = lingering.entry(of: completion.operation) else { return }
        if !entry.isOver, dropReceived(entry.socket) {
            reactor.ring.pollReadable(completion.operation, descriptor: entry.socket)
        } else {
            CLiburing.close(entry.socket)
            lingering.remove(completion.operation)
            descriptorIsFree()
        }
    }

    /// Ends the sockets whose peers had their time: their waits complete.
    func endLingering() {
        guard let deadline = lingering.deadline, deadline <= now else { return }
        for socket in lingering.takeOverdue(at: now) { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    /// Closes what lingers when the shard ends.
    func closeLingering() {
        for case let entry? in lingering.entries { CLiburing.close(entry.socket) }
    }

    /// Drops what there is, up to a bound; false if the peer has ended the stream.
    private func dropReceived(_ socket: Int32) -> Bool {
        var left = Bounds.lingerByteCount
        while left > 0 {
            // MSG_TRUNC: TCP drops the bytes and copies none.
            let count = recv(socket, nil, left, Int32(MSG_DONTWAIT | MSG_TRUNC))
            if count <= 0 { return count < 0 && gw_errno() == EAGAIN }
            left -= count
        }
        return true
    }
}
