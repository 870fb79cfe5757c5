// Sockets and waits that the tests of this folder share.

import CLiburing
import Testing

@testable import GatewayIO

/// Two connected sockets: the near one for the code under test, the far one for the test, which blocks on it.
final class SocketPair {
    let near: Int32
    private(set) var far: Int32

    init() {
        var pair: [Int32] = [0, 0]
        let status = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair)
        precondition(status == 0, "socketpair failed")
        (near, far) = (pair[0], pair[1])
    }

    deinit {
        close(near)
        closeFar()
    }

    func closeFar() {
        if far >= 0 { close(far) }
        far = -1
    }

    func write(_ bytes: [UInt8]) {
        #expect(CLiburing.write(far, bytes, bytes.count) == bytes.count)
    }

    func read(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let received = recv(far, &bytes, count, Int32(MSG_WAITALL))
        return Array(bytes.prefix(max(0, received)))
    }
}

extension Ring {
    /// The next completion, waiting for it.
    func wait() -> Completion {
        while true {
            if let completion = next() { return completion }
            submit(wait: true)
        }
    }
}
