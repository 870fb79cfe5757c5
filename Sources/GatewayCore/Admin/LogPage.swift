// The bytes of one log page, built whole for each Get Log Page command; the reply takes the part that was
// asked for.

internal import NVMeTCP

/// A log page as it stands now.
struct LogPage {
    private var bytes: [UInt8]

    init(byteCount: Int) { bytes = Array(repeating: 0, count: byteCount) }

    var byteCount: Int { bytes.count }

    /// Lets `encode` write into the page.
    mutating func write(_ encode: (inout MutableRawSpan) -> Void) {
        unsafe bytes.withUnsafeMutableBytes { buffer in
            // The buffer is the array's own for the length of this call.
            var span = unsafe buffer.mutableBytes
            encode(&span)
        }
    }

    /// Copies the page from `offset` on into `reply`, as far as both go; the rest of the reply stays zero.
    func copy(from offset: Int, into reply: inout MutableRawSpan) {
        let count = max(0, min(reply.byteCount, bytes.count - offset))
        for index in 0..<count { reply.store(bytes[offset + index], at: index) }
    }
}
