// Bytes that wait: in a socket's buffers, and in a host's line of what it has to send.

/// Bytes, first in, first out.
struct ByteQueue {
    private var bytes: [UInt8] = []
    private var head = 0

    var count: Int { bytes.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }

    mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }

    /// Takes the first `count` bytes out.
    mutating func take(_ count: Int) -> [UInt8] {
        precondition(count <= self.count, "there are so many")
        let taken = Array(bytes[head..<head + count])
        drop(count)
        return taken
    }

    /// Takes the first `count` bytes out, to `destination`.
    mutating func take(_ count: Int, to destination: UnsafeMutableRawPointer) {
        precondition(count <= self.count, "there are so many")
        bytes.withUnsafeBytes { raw in
            if count > 0 { destination.copyMemory(from: raw.baseAddress! + head, byteCount: count) }
        }
        drop(count)
    }

    mutating func removeAll() {
        bytes = []
        head = 0
    }

    private mutating func drop(_ count: Int) {
        head += count
        if head == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 65536, head > bytes.count / 2 {
            bytes.removeFirst(head)
            head = 0
        }
    }
}
