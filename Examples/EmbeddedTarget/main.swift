// A service that embeds a target with a store of its own: a disk that takes memory only where it was written.
// It prints the line to type on a host and serves until it is killed. Its argument is a port to listen on.

import GatewayCore
import GatewayIO
import Glibc
import Synchronization

/// 1 GiB in pages of 512 bytes, by number.
final class SparseDisk: BlockBackend {
    let geometry = BlockGeometry(byteCount: 1 << 30, deallocatedReads: .zeroes)
    private let pages = Mutex<[UInt64: [UInt8]]>([:])

    // Called on the target's threads for each command: nothing here may wait. A store that must wait returns
    // `.pending` and ends the request later, from any thread, with `request.ticket.complete(_:)`.
    func submit(_ request: BackendRequest) -> BackendSubmission {
        let dataCount = request.buffer == nil ? 0 : request.byteCount
        let data = UnsafeMutableRawBufferPointer(start: request.buffer, count: dataCount)
        let first = request.offset / 512
        return pages.withLock { pages in
            for index in 0..<request.byteCount / 512 {
                let (number, range) = (first + UInt64(index), index * 512..<(index + 1) * 512)
                switch request.operation {
                case .read: data[range].copyBytes(from: pages[number] ?? [UInt8](repeating: 0, count: 512))
                case .write: pages[number] = Array(data[range])
                case .writeZeroes, .deallocate: pages[number] = nil
                case .compare:
                    guard data[range].elementsEqual(pages[number] ?? [UInt8](repeating: 0, count: 512)) else {
                        return .completed(.miscompare)
                    }
                case .flush: break
                case .compareAndWrite: return .completed(.unsupported)
                }
            }
            return .completed(.success)
        }
    }
}

let disk = Namespace(
    id: 1, name: "sparse disk", uuid: 0x5f0c_7a11_9d2e_4b83_b6a4_1c29_e07d_3358, backend: SparseDisk())
let subsystem = Subsystem(
    nqn: "nqn.2026-11.com.example:embedded", serialNumber: "EXAMPLE1", access: .any, namespaces: [disk])
let port = CommandLine.arguments.dropFirst().first.flatMap { UInt16($0) } ?? 4420
let listener = ListenAddress(host: "127.0.0.1", port: port)
let target = try await Target.start(.init(listeners: [listener], subsystems: [subsystem], log: SilentLog()))
print("nvme connect -t tcp -a 127.0.0.1 -s \(target.listeners[0].port) -n \(subsystem.nqn)")
fflush(nil)
await target.run()
