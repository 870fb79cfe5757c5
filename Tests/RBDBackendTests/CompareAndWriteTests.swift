// Compare-and-write in librbd: what it does, how much at once, where it is not offered, and that two clients
// of one image lose no step.

import GatewayCore
import Testing

@testable import RBDBackend

@Suite("How much librbd compares and writes at once")
struct CompareAndWriteAbilityTests {
    private static let mebibytes4 = 4 << 20
    private static let rows: [(unit: Int, readOnly: Bool, cache: Bool, takesUnits: Bool, result: Int)] = [
        (mebibytes4, false, false, false, 512), (mebibytes4, false, false, true, mebibytes4),
        (512, false, false, false, 512), (512, false, false, true, 512), (256, false, false, false, 0),
        (256, false, false, true, 0), (mebibytes4, true, false, false, 0), (mebibytes4, true, false, true, 0),
        (mebibytes4, false, true, false, 0), (mebibytes4, false, true, true, 0),
    ]

    @Test(
        "A stripe unit, or a sector before Ceph 17.2.6; nothing without writes or behind a cache",
        arguments: rows)
    func table(stripeUnit: Int, isReadOnly: Bool, hasCache: Bool, takesStripeUnits: Bool, byteCount: Int) {
        #expect(
            CompareAndWriteAbility.byteCountMax(
                stripeUnit: UInt64(stripeUnit), isReadOnly: isReadOnly, hasCache: hasCache,
                takesStripeUnits: takesStripeUnits) == UInt32(byteCount))
    }
}

@Suite("Compare-and-write", .enabled(if: Live.isAvailable, Live.why))
struct CompareAndWriteTests {
    @Test("It writes where the bytes are as expected, and nothing where they are not")
    func writes() async throws {
        try await Live.shared().withImage { image in
            let (zeroes, ones, twos) = (Bytes(512), Bytes(512, 1), Bytes(512, 2))
            // Never written: zeroes.
            #expect(await image.perform(.compareAndWrite, at: 1024, zeroes, writing: ones) == .success)
            #expect(await image.perform(.compareAndWrite, at: 1024, zeroes, writing: twos) == .miscompare)
            #expect(await image.read(512, at: 1024).1.isAll(1))
            let almost = Bytes(512, 1)
            almost.pointer.storeBytes(of: 0, toByteOffset: 511, as: UInt8.self)
            #expect(await image.perform(.compareAndWrite, at: 1024, almost, writing: twos) == .miscompare)
            #expect(await image.perform(.compareAndWrite, at: 1024, ones, writing: twos) == .success)
            #expect(await image.read(512, at: 512).1.isAll(0))
            #expect(await image.read(512, at: 1024).1.isAll(2))
            #expect(await image.read(512, at: 1536).1.isAll(0))
        }
    }

    @Test("It is offered as far as this librbd goes, and no further")
    func offered() async throws {
        try await Live.shared().withImage { image in
            let byteCountMax = Int(image.geometry.compareAndWriteByteCountMax)
            #expect(byteCountMax == (CompareAndWriteAbility.takesStripeUnits ? 4 << 20 : 512))
            let most = Bytes(byteCountMax)
            #expect(await image.perform(.compareAndWrite, at: 4 << 20, most, writing: most) == .success)
            let more = Bytes(2 * byteCountMax)
            #expect(await image.perform(.compareAndWrite, at: 0, more, writing: more) == .internalError)
        }
    }

    @Test("It is not offered read-only or behind a cache")
    func notOffered() async throws {
        let cluster = try await Live.shared()
        try await cluster.withImage { image in
            try await cluster.withOpen(image.spec, readOnly: true) { again in
                #expect(again.geometry.compareAndWriteByteCountMax == 0)
                let zeroes = Bytes(512)
                #expect(await again.perform(.compareAndWrite, zeroes, writing: zeroes) == .readOnly)
            }
            try await cluster.withOpen(image.spec, cluster.configuration(usesCache: true)) { again in
                #expect(again.geometry.hasVolatileWriteCache)
                #expect(again.geometry.compareAndWriteByteCountMax == 0)
            }
        }
    }

    @Test("What a clone's parent holds is compared", arguments: [true, false])
    func clone(isEqual: Bool) async throws {
        let cluster = try await Live.shared()
        try await cluster.withImage { parent in
            #expect(await parent.perform(.write, at: 0, Bytes(8192, 7)) == .success)
            try await cluster.rbd("snap", "create", "\(parent.spec)@s")
            let child = ImageSpec(pool: "rbd", image: LiveCluster.newName())
            try await cluster.rbd(
                "clone", "--rbd-default-clone-format", "2", "\(parent.spec)@s", "\(child)")
            try await cluster.withOpen(child) { image in
                let expected = Bytes(512, isEqual ? 7 : 0)
                let result = await image.perform(.compareAndWrite, at: 512, expected, writing: Bytes(512, 8))
                #expect(result == (isEqual ? .success : .miscompare))
                #expect(await image.read(512, at: 0).1.isAll(7))
                #expect(await image.read(512, at: 512).1.isAll(isEqual ? 8 : 7))
            }
        }
    }

    @Test(
        "Two clients that count in one block lose no step, whether they hand a lock over or have none",
        arguments: ["layering,exclusive-lock", "layering"])
    func counting(features: String) async throws {
        let cluster = try await Live.shared()
        let stepCount = 50
        try await cluster.withImage(create: ["--image-feature", features]) { one in
            try await cluster.withOpen(one.spec) { other in
                async let first = count(stepCount, in: one)
                async let second = count(stepCount, in: other)
                #expect(await first)
                #expect(await second)
                let last = await one.read(512, at: 0).1
                #expect(last.pointer.load(as: UInt64.self) == UInt64(2 * stepCount))
            }
        }
    }

    /// Adds so many to the number at the image's start, one at a time; false if a request failed.
    private func count(_ stepCount: Int, in image: RBDImageBackend) async -> Bool {
        var done = 0
        var known: UInt64 = 0
        while done < stepCount {
            let (expected, next) = (Bytes(512), Bytes(512))
            expected.pointer.storeBytes(of: known, as: UInt64.self)
            next.pointer.storeBytes(of: known + 1, as: UInt64.self)
            switch await image.perform(.compareAndWrite, expected, writing: next) {
            case .success:
                done += 1
                known += 1
            case .miscompare:
                let (result, bytes) = await image.read(512, at: 0)
                guard result == .success else { return false }
                known = bytes.pointer.load(as: UInt64.self)
            default:
                return false
            }
        }
        return true
    }
}
