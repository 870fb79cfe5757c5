// Another client resizes an image that is open.

import GatewayCore
import RBDBackend
import Testing

@Suite("Resizes", .enabled(if: Live.isAvailable, Live.why))
struct ResizeTests {
    @Test("A grown image is announced, and its new space can be used")
    func grow() async throws {
        let cluster = try await Live.shared()
        try await cluster.withImage(8) { image in
            let (changes, continuation) = AsyncStream.makeStream(of: Void.self)
            image.onGeometryChange { continuation.yield() }
            try await cluster.rbd("resize", "--size", "16M", "\(image.spec)")
            for await _ in changes where image.geometry.byteCount == 16 << 20 { break }
            #expect(await image.perform(.write, at: 12 << 20, Bytes(4096, 3)) == .success)
            #expect(await image.read(4096, at: 12 << 20).1.isAll(3))
        }
    }

    @Test("A shrunk image is announced, and nothing beyond its end succeeds", arguments: [true, false])
    func shrink(isLockOwner: Bool) async throws {
        let cluster = try await Live.shared()
        try await cluster.withImage(16) { image in
            // A first write takes the exclusive lock: then the resize is done by this very client.
            if isLockOwner { #expect(await image.perform(.write, at: 12 << 20, Bytes(4096, 3)) == .success) }
            let (changes, continuation) = AsyncStream.makeStream(of: Void.self)
            image.onGeometryChange { continuation.yield() }
            try await cluster.rbd("resize", "--allow-shrink", "--size", "8M", "\(image.spec)")
            for await _ in changes where image.geometry.byteCount == 8 << 20 { break }
            #expect(await image.perform(.write, at: 12 << 20, Bytes(4096, 4)) != .success)
            #expect(await image.perform(.write, at: (8 << 20) - 512, Bytes(1024, 4)) != .success)
            #expect(await image.read(4096, at: 12 << 20).0 != .success)
            #expect(await image.perform(.write, at: (8 << 20) - 512, Bytes(512, 4)) == .success)
        }
    }
}
