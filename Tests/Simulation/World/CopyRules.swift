// What a Copy may ask of stores: to read a piece of a range, then to write the very same blocks where they
// go, and so on; what it reads must be what a host could have read there.

import GatewayCore
import NVMeTCP

enum CopyRules {
    static func complaint(
        of request: BackendRequest, to store: FaultingBackend, for command: SimulatedCommand
    ) -> String? {
        let wish = command.wish
        let progress = command.progress
        guard progress.range < wish.ranges.count else { return "a request too many" }
        guard let source = command.source(progress.range, in: store.world), let destination = command.store
        else { return "a copy between namespaces that are not there" }
        let isWrite = progress.readCount > 0
        guard store === (isWrite ? destination : source) else { return "a request to another store" }
        guard request.operation == (isWrite ? .write : .read) else { return "asked for \(request.operation)" }
        guard request.forceUnitAccess == (isWrite && wish.forceUnitAccess) else { return "FUA was lost" }
        let count = request.byteCount / store.blockByteCount
        let range = wish.ranges[progress.range]
        guard count > 0, progress.blocks + count <= range.count, !isWrite || count == progress.readCount
        else { return "asked for \(request.byteCount) bytes" }
        let before = wish.ranges[..<progress.range].reduce(0) { $0 + $1.count }
        let start = wish.destination + before
        // A range that its destination overlaps from above is copied from its end.
        let isBackward = source === destination && start > range.lowerBound && start < range.upperBound
        let place = isBackward ? range.count - progress.blocks - count : progress.blocks
        let from = (isWrite ? start : range.lowerBound) + place
        guard request.offset == UInt64(from * store.blockByteCount) else {
            return "asked for block \(request.offset / UInt64(store.blockByteCount)) instead of \(from)"
        }
        guard isWrite else {
            command.progress.readCount = count
            return nil
        }
        command.progress.readCount = 0
        command.progress.advance(count, in: wish.ranges)
        return write(request, command, from: source, range.lowerBound + place, to: destination, start + place)
    }

    /// The values that are written are those of the source at some time since the Copy was sent.
    private static func write(
        _ request: BackendRequest, _ command: SimulatedCommand, from source: FaultingBackend, _ first: Int,
        to destination: FaultingBackend, _ place: Int
    ) -> String? {
        let bytes = UnsafeRawBufferPointer(start: request.buffer, count: request.byteCount)
        let values = BlockPattern.values(of: bytes, blockByteCount: destination.blockByteCount)
        for (index, value) in values.enumerated() {
            guard let value else { return "it writes bytes to block \(place + index) that nobody wrote" }
            let block = first + index
            guard source.shadow.permits(value, block: block, since: command.start, besides: command.number)
            else {
                return "it copies \(value) from block \(block), which may be "
                    + source.shadow.describe(block, since: command.start)
            }
            destination.noteCopied(value)
            command.copied.append((place + index, value))
            destination.shadow.begin(command.number, block: place + index, value: value)
        }
        return nil
    }
}
