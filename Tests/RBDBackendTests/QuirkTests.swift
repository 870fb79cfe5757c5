// What librbd does that nobody expects, each held by a test against a live cluster.

import Foundation
import GatewayCore
import RBDBackend
import Testing

@Suite("librbd's habits", .enabled(if: Live.isAvailable, Live.why))
struct QuirkTests {
    @Test("A write that crosses the image's end never reaches librbd")
    func pastTheEnd() async throws {
        try await Live.shared().withImage { image in
            let size = image.geometry.byteCount
            #expect(await image.perform(.write, at: size - 512, Bytes(512, 1)) == .success)
            for operation in [BackendOperation.write, .read, .writeZeroes, .deallocate, .compare] {
                #expect(await image.perform(operation, at: size - 512, Bytes(1024, 2)) == .outOfRange)
                #expect(await image.perform(operation, at: .max - 511, Bytes(1024, 2)) == .outOfRange)
            }
            #expect(await image.read(512, at: size - 512).1.isAll(1))
        }
    }

    @Test("A 4 KiB deallocate leaves data readable and says so; a large one reads zeroes")
    func smallDeallocate() async throws {
        try await Live.shared().withImage { image in
            #expect(image.geometry.deallocateGranularityByteCount == 64 << 10)
            #expect(image.geometry.optimalWriteByteCount == 4 << 20)
            #expect(image.geometry.deallocatedReads == .zeroes)
            #expect(await image.perform(.write, at: 0, Bytes(4 << 20, 0xFF)) == .success)
            #expect(await image.perform(.deallocate, at: 0, byteCount: 4096) == .success)
            #expect(await image.read(4096, at: 0).1.isAll(0xFF))
            #expect(await image.perform(.deallocate, at: 64 << 10, byteCount: 128 << 10) == .success)
            #expect(await image.read(128 << 10, at: 64 << 10).1.isAll(0))
            #expect(await image.read(64 << 10, at: 0).1.isAll(0xFF))
        }
    }

    @Test(
        "The granularity of deallocation is what librbd frees, whatever the layout",
        arguments: [
            ("", 64, 4096), ("--object-size 4K", 4, 4), ("--object-size 32M", 64, 32_768),
            ("--object-size 1M --stripe-unit 64K --stripe-count 4", 64, 256),
            ("--object-size 1M --stripe-unit 16K --stripe-count 4", 256, 64),
        ])
    func deallocateGranularity(create: String, freedKiB: Int, optimalKiB: UInt32) async throws {
        let freed = freedKiB << 10
        let options = create.split(separator: " ").map(String.init)
        try await Live.shared().withImage(64, create: options) { image in
            #expect(image.geometry.deallocateGranularityByteCount == UInt32(freed))
            #expect(image.geometry.optimalWriteByteCount == optimalKiB << 10)
            #expect(await image.perform(.write, at: 0, Bytes(1 << 20, 0xFF)) == .success)
            #expect(await image.perform(.deallocate, at: UInt64(freed), byteCount: freed) == .success)
            let read = await image.read(1 << 20, at: 0).1.array
            #expect(read[freed..<(2 * freed)].allSatisfy { $0 == 0 })
            #expect(read[..<freed].allSatisfy { $0 == 0xFF })
            #expect(read[(2 * freed)...].allSatisfy { $0 == 0xFF })
        }
    }

    @Test("The space of 6 GiB is freed, or zeroed, in one request")
    func largeRanges() async throws {
        try await Live.shared().withImage(6 << 10) { image in
            #expect(await image.perform(.write, at: 5 << 30, Bytes(4096, 9)) == .success)
            let all = Int(image.geometry.byteCount)
            #expect(await image.perform(.deallocate, byteCount: all) == .success)
            #expect(await image.read(4096, at: 5 << 30).1.isAll(0))
            #expect(await image.perform(.write, at: 5 << 30, Bytes(4096, 9)) == .success)
            #expect(await image.perform(.writeZeroes, byteCount: all, mayDeallocate: true) == .success)
            #expect(await image.read(4096, at: 5 << 30).1.isAll(0))
        }
    }

    @Test("What is freed or zeroed in a clone does not show its parent's data", arguments: [true, false])
    func clone(isDeallocate: Bool) async throws {
        let cluster = try await Live.shared()
        try await cluster.withImage { parent in
            #expect(await parent.perform(.write, at: 0, Bytes(8 << 20, 0xAA)) == .success)
            try await cluster.rbd("snap", "create", "\(parent.spec)@s")
            let child = ImageSpec(pool: "rbd", image: LiveCluster.newName())
            try await cluster.rbd(
                "clone", "--rbd-default-clone-format", "2", "\(parent.spec)@s", "\(child)")
            try await cluster.withOpen(child) { image in
                #expect(await image.read(4096, at: 0).1.isAll(0xAA))
                // A whole object, then a part of the next.
                let count = (4 << 20) + (128 << 10)
                let result =
                    isDeallocate
                    ? await image.perform(.deallocate, byteCount: count)
                    : await image.perform(.writeZeroes, byteCount: count, mayDeallocate: true)
                #expect(result == .success)
                #expect(await image.read(count, at: 0).1.isAll(0))
                #expect(await image.read(4096, at: UInt64(count)).1.isAll(0xAA))
            }
        }
    }

    @Test("A buffer belongs to its owner from the completion on: scribbling over it changes nothing")
    func zeroCopy() async throws {
        try await Live.shared().withImage(64) { image in
            await withTaskGroup(of: Void.self) { group in
                for writer in 0..<16 {
                    group.addTask {
                        let place = UInt64(writer) << 22
                        let bytes = Bytes(writer.isMultiple(of: 2) ? 4096 : 128 << 10)
                        for round in 0..<20 {
                            bytes.fillPattern(UInt64(writer << 8 | round))
                            let written = bytes.array
                            let result = await image.perform(.write, at: place, bytes)
                            bytes.fill(0xEE)
                            #expect(result == .success)
                            let (read, back) = await image.read(bytes.count, at: place)
                            #expect(read == .success)
                            #expect(back.array == written, "writer \(writer), round \(round)")
                        }
                    }
                }
            }
        }
    }

    @Test("A cache that the image's own settings turn on is reported, whatever the gateway asked for")
    func cacheOfTheImage() async throws {
        let cluster = try await Live.shared()
        try await cluster.withImage { image in
            #expect(!image.geometry.hasVolatileWriteCache)
            try await cluster.rbd("config", "image", "set", "\(image.spec)", "rbd_cache", "true")
            try await cluster.withOpen(image.spec, readOnly: true) { again in
                #expect(again.geometry.hasVolatileWriteCache)
                #expect(again.geometry.isReadOnly)
            }
        }
    }

    @Test("A striped image names its stripe as the optimal write")
    func striped() async throws {
        let create = ["--object-size", "1M", "--stripe-unit", "64K", "--stripe-count", "4"]
        try await Live.shared().withImage(create: create) { image in
            #expect(image.geometry.optimalWriteByteCount == 256 << 10)
            let bytes = Bytes(1 << 20)
            bytes.fillPattern(5)
            #expect(await image.perform(.write, at: 32 << 10, bytes) == .success)
            #expect(await image.read(1 << 20, at: 32 << 10).1.array == bytes.array)
        }
    }
}
