// Reads, writes, flushes, zeroes and compares against a real image.

import GatewayCore
import RBDBackend
import Testing

@Suite("Requests against a live image", .enabled(if: Live.isAvailable, Live.why))
struct ReadWriteTests {
    @Test("What was written is read back, also by another client")
    func roundTrip() async throws {
        let cluster = try await Live.shared()
        try await cluster.withImage { image in
            let written = Bytes(128 << 10)
            written.fillPattern(1)
            // Across the boundary of two objects.
            let offset = UInt64(4 << 20) - 64 << 10
            #expect(await image.perform(.write, at: offset, written) == .success)
            let (result, read) = await image.read(128 << 10, at: offset)
            #expect(result == .success)
            #expect(read.array == written.array)
            try await cluster.withOpen(image.spec, readOnly: true) { other in
                let (result, read) = await other.read(128 << 10, at: offset)
                #expect(result == .success)
                #expect(read.array == written.array)
            }
        }
    }

    @Test(
        "A flush and a write with Force Unit Access end well, with and without the cache",
        arguments: [false, true])
    func flush(usesCache: Bool) async throws {
        try await Live.shared().withImage(usesCache: usesCache) { image in
            #expect(image.geometry.hasVolatileWriteCache == usesCache)
            let bytes = Bytes(4096, 7)
            #expect(await image.perform(.write, at: 0, bytes, forceUnitAccess: true) == .success)
            #expect(await image.perform(.write, at: 4096, bytes) == .success)
            #expect(await image.perform(.flush) == .success)
            #expect(await image.read(8192, at: 0).1.isAll(7))
        }
    }

    @Test("Zeroes are read back wherever they were written", arguments: [false, true])
    func writeZeroes(mayDeallocate: Bool) async throws {
        try await Live.shared().withImage { image in
            let ones = Bytes(12 << 20, 0xFF)
            #expect(await image.perform(.write, at: 0, ones) == .success)
            // Inside an object, to an object's end, a whole object and a bit, an odd number of 512-byte
            // blocks.
            for (offset, count) in [
                (512, 512), (8192, 4096), ((4 << 20) - 4096, 4096), ((4 << 20) + 512, (4 << 20) + 1024),
                ((9 << 20) + 512, 5 * 512),
            ] {
                let result = await image.perform(
                    .writeZeroes, at: UInt64(offset), byteCount: count, mayDeallocate: mayDeallocate)
                #expect(result == .success)
                let (read, bytes) = await image.read(count + 1024, at: UInt64(offset - 512))
                #expect(read == .success)
                let array = bytes.array
                #expect(array[..<512].allSatisfy { $0 == 0xFF }, "before \(offset)")
                #expect(array[512..<(512 + count)].allSatisfy { $0 == 0 }, "\(count) at \(offset)")
                #expect(
                    array[(512 + count)...].allSatisfy { $0 == (offset == (4 << 20) - 4096 ? 0xFF : 0xFF) })
            }
        }
    }

    @Test("A compare finds equal bytes equal and one other byte different")
    func compare() async throws {
        try await Live.shared().withImage { image in
            let bytes = Bytes(16 << 10)
            bytes.fillPattern(3)
            #expect(await image.perform(.write, at: 4096, bytes) == .success)
            #expect(await image.perform(.compare, at: 4096, bytes) == .success)
            let last = bytes.pointer.load(fromByteOffset: bytes.count - 1, as: UInt8.self)
            bytes.pointer.storeBytes(of: last ^ 1, toByteOffset: bytes.count - 1, as: UInt8.self)
            #expect(await image.perform(.compare, at: 4096, bytes) == .miscompare)
        }
    }

    @Test("A snapshot reads as it was, refuses writes, and has an identity of its own")
    func snapshot() async throws {
        let cluster = try await Live.shared()
        try await cluster.withImage { image in
            #expect(await image.perform(.write, at: 0, Bytes(4096, 1)) == .success)
            try await cluster.rbd("snap", "create", "\(image.spec)@s")
            #expect(await image.perform(.write, at: 0, Bytes(4096, 2)) == .success)
            var spec = image.spec
            spec.snapshot = "s"
            try await cluster.withOpen(spec) { snapshot in
                #expect(snapshot.geometry.isReadOnly)
                #expect(await snapshot.read(4096, at: 0).1.isAll(1))
                #expect(await snapshot.perform(.write, at: 0, Bytes(4096, 3)) == .readOnly)
                #expect(await snapshot.perform(.writeZeroes, byteCount: 4096) == .readOnly)
                #expect(await snapshot.perform(.deallocate, byteCount: 4096) == .readOnly)
                #expect(await snapshot.perform(.flush) == .success)
                #expect(snapshot.identity != image.identity)
                #expect(snapshot.identity.imageID == image.identity.imageID)
            }
        }
    }

    @Test("The identity stays when the image is renamed")
    func identity() async throws {
        let cluster = try await Live.shared()
        var before: ImageIdentity?
        var spec = ImageSpec(pool: "rbd", image: "")
        try await cluster.withImage { image in
            before = image.identity
            spec = image.spec
        }
        let renamed = ImageSpec(pool: "rbd", image: LiveCluster.newName())
        try await cluster.rbd("rename", "\(spec)", "\(renamed)")
        try await cluster.withOpen(renamed) { image in #expect(image.identity == before) }
    }
}
