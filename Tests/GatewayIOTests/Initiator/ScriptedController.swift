// A controller that knows nothing: it reads so many bytes, answers with these, and so on. What an initiator
// makes of a peer's mistakes is tested with it; what it sends can be looked at byte by byte.

import CLiburing
import Synchronization

/// One step of a script.
struct ScriptStep: Sendable {
    /// How many bytes to wait for.
    var reads: Int
    /// What is sent then.
    var replies: [UInt8]

    /// ICReq, answered by a good ICResp: no digests, MAXH2CDATA 128 KiB.
    static let initialize = ScriptStep(reads: 128, replies: initializeResponse(version: 0))
    /// The Connect of a queue: CapsuleCmd with 1,024 bytes of data.
    static let connectByteCount = 72 + 1024

    /// ICResp: type 01h, HLEN and PLEN 128, PFV in bytes 9:8, MAXH2CDATA in bytes 15:12.
    static func initializeResponse(version: UInt8) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 128)
        (bytes[0], bytes[2], bytes[4], bytes[8], bytes[14]) = (0x01, 128, 128, version, 0x02)
        return bytes
    }

    /// CapsuleResp: type 05h, HLEN and PLEN 24, then the completion: result, SQHD, SQID, CID and status.
    static func response(commandID: UInt8, status: UInt16 = 0, result: UInt32 = 0) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 24)
        (bytes[0], bytes[2], bytes[4], bytes[20]) = (0x05, 24, 24, commandID)
        for index in 0..<4 { bytes[8 + index] = UInt8(truncatingIfNeeded: result >> UInt32(8 * index)) }
        // Bit 0 is the phase tag.
        (bytes[22], bytes[23]) = (UInt8(truncatingIfNeeded: status << 1), UInt8(status >> 7))
        return bytes
    }
}

/// Listens on a port of its own and plays a script to the first who connects.
final class ScriptedController: Sendable {
    let port: UInt16
    private let listener: Int32
    private let heard = Mutex<[[UInt8]]?>(nil)
    private let thread = Mutex<pthread_t>(0)

    /// - Parameter readsToEnd: whether it goes on reading after the script until the peer closes, and notes
    ///   that too.
    init(_ script: [ScriptStep], readsToEnd: Bool = false) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var count = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = listener
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(socket, generic, count) | listen(socket, 1) | getsockname(socket, generic, &count)
            }
        }
        precondition(status == 0, "no port to listen on")
        port = UInt16(bigEndian: address.sin_port)
        start { [self] in play(script, readsToEnd) }
    }

    /// What the peer sent, step by step; waits for the script's end.
    func transcript() -> [[UInt8]] {
        let thread = thread.withLock { $0 }
        pthread_join(thread, nil)
        return heard.withLock { $0 ?? [] }
    }

    private func play(_ script: [ScriptStep], _ readsToEnd: Bool) {
        let peer = accept(listener, nil, nil)
        var heard: [[UInt8]] = []
        for step in script {
            heard.append(read(peer, step.reads))
            _ = step.replies.withUnsafeBytes {
                send(peer, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
        }
        if readsToEnd { heard.append(read(peer, 4096)) }
        close(peer)
        close(listener)
        self.heard.withLock { $0 = heard }
    }

    private func read(_ socket: Int32, _ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let received = recv(socket, &bytes, count, Int32(MSG_WAITALL))
        return Array(bytes.prefix(max(0, received)))
    }

    private final class Work {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private func start(_ run: @escaping @Sendable () -> Void) {
        thread.withLock { thread in
            let work = Unmanaged.passRetained(Work(run)).toOpaque()
            let status = pthread_create(
                &thread, nil,
                { argument in
                    Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().run()
                    return nil
                }, work)
            precondition(status == 0, "no thread")
        }
    }
}
