// An image changes while it is open: what its requests end with, and what hosts are told of. Each statement
// of the table in Docs/RBD.md has its test here or in TroubleTests.swift.

import GatewayCore
import RBDBackend
import Testing

@Suite("Images that change while they are open", .enabled(if: Live.isAvailable, Live.why))
struct ChangeTests {
    /// Waits until the geometry is as it should be, told by nobody but the image.
    private func follow(
        _ image: RBDImageBackend, after change: () async throws -> Void,
        until isReached: (BlockGeometry) -> Bool
    ) async throws {
        let (changes, continuation) = AsyncStream.makeStream(of: Void.self)
        image.onGeometryChange { continuation.yield() }
        try await change()
        for await _ in changes where isReached(image.geometry) { break }
    }

    @Test("A grown image is announced, and its new space can be used")
    func grow() async throws {
        let cluster = try await Live.shared()
        try await cluster.withImage(8) { image in
            try await follow(image) {
                try await cluster.rbd("resize", "--size", "16M", "\(image.spec)")
            } until: {
                $0.byteCount == 16 << 20
            }
            #expect(await image.perform(.write, at: 12 << 20, Bytes(4096, 3)) == .success)
            #expect(await image.read(4096, at: 12 << 20).1.isAll(3))
        }
    }

    @Test(
        "A shrunk image is announced, and what is beyond its end is out of range", arguments: [true, false])
    func shrink(isLockOwner: Bool) async throws {
        let cluster = try await Live.shared()
        try await cluster.withImage(16) { image in
            // A first write takes the exclusive lock: then the resize is done by this very client.
            if isLockOwner { #expect(await image.perform(.write, at: 12 << 20, Bytes(4096, 3)) == .success) }
            try await follow(image) {
                try await cluster.rbd("resize", "--allow-shrink", "--size", "8M", "\(image.spec)")
            } until: {
                $0.byteCount == 8 << 20
            }
            #expect(await image.perform(.write, at: 12 << 20, Bytes(4096, 4)) == .outOfRange)
            #expect(await image.perform(.write, at: (8 << 20) - 512, Bytes(1024, 4)) == .outOfRange)
            #expect(await image.read(4096, at: 12 << 20).0 == .outOfRange)
            #expect(await image.perform(.write, at: (8 << 20) - 512, Bytes(512, 4)) == .success)
        }
    }

    @Test("Requests that are under way when the image shrinks end, each with its data or out of range")
    func shrinkUnderLoad() async throws {
        let cluster = try await Live.shared()
        try await cluster.withImage(64) { image in
            let results = await withTaskGroup(of: Set<BackendResult>.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        var seen: Set<BackendResult> = []
                        for _ in 0..<100_000 where !seen.contains(.outOfRange) {
                            let place = UInt64(32 << 20) + UInt64(writer) << 16 - 4096
                            seen.insert(await image.perform(.write, at: place, Bytes(8192, 1)))
                        }
                        return seen
                    }
                }
                group.addTask {
                    // An error here lets the writers run to their end without `.outOfRange`.
                    _ = try? await cluster.rbd("resize", "--allow-shrink", "--size", "32M", "\(image.spec)")
                    return []
                }
                return await group.reduce(into: Set()) { $0.formUnion($1) }
            }
            #expect(results.contains(.outOfRange))
            // librbd may hear of it first: then the host tries once more.
            #expect(results.subtracting([.success, .outOfRange, .internalError]).isEmpty)
            #expect(await image.perform(.write, at: 0, Bytes(4096, 1)) == .success)
        }
    }

    @Test(
        "A demoted image is write protected, and is written again when it is promoted",
        arguments: ["snapshot", "journal"])
    func demote(mode: String) async throws {
        let cluster = try await LiveCluster.start()
        let log = RecordingLog()
        try await cluster.rbd("mirror", "pool", "enable", "rbd", "image")
        let spec = ImageSpec(pool: "rbd", image: "demo")
        try await cluster.withOpen(spec, cluster.configuration(log: log)) { image in
            #expect(await image.perform(.write, at: 0, Bytes(4096, 1)) == .success)
            try await cluster.rbd("mirror", "image", "enable", "\(spec)", mode)
            #expect(await image.perform(.write, at: 0, Bytes(4096, 2)) == .success)
            #expect(!image.geometry.isReadOnly)
            try await follow(image) {
                try await cluster.rbd("mirror", "image", "demote", "\(spec)")
                // librbd tells nobody that a journaled image was demoted: the first request that fails does.
                if mode == "journal" {
                    #expect(await image.perform(.write, at: 0, Bytes(4096, 3)) == .unreachable)
                }
            } until: {
                $0.isReadOnly
            }
            for operation in [BackendOperation.write, .writeZeroes, .deallocate] {
                #expect(await image.perform(operation, at: 0, Bytes(4096, 3)) == .readOnly)
            }
            #expect(await image.perform(.flush) == .success)
            // librbd reads a journaled image only with its lock, which a demoted one does not give.
            let (result, bytes) = await image.read(4096, at: 0)
            #expect(result == (mode == "journal" ? .notReady : .success))
            if mode == "snapshot" { #expect(bytes.isAll(2)) }
            try await follow(image) {
                try await cluster.rbd("mirror", "image", "promote", "\(spec)")
            } until: {
                !$0.isReadOnly
            }
            #expect(await image.read(4096, at: 0).1.isAll(2))
            #expect(await image.perform(.write, at: 0, Bytes(4096, 4)) == .success)
            #expect(await image.read(4096, at: 0).1.isAll(4))
            #expect(log.count(of: "is not primary") == 1)
            #expect(log.count(of: "was promoted") == 1)
        }
        // Open from the beginning, it is what it is.
        try await cluster.rbd("mirror", "image", "demote", "\(spec)")
        try await cluster.withOpen(spec) { image in #expect(image.geometry.isReadOnly) }
        try await cluster.destroy()
    }

    @Test("Snapshots, a flatten, a new name and other features go unnoticed")
    func unnoticed() async throws {
        let cluster = try await Live.shared()
        try await cluster.withImage { parent in
            #expect(await parent.perform(.write, at: 0, Bytes(8 << 20, 0xAA)) == .success)
            try await cluster.rbd("snap", "create", "\(parent.spec)@s")
            let name = LiveCluster.newName()
            let spec = ImageSpec(pool: "rbd", image: name)
            try await cluster.rbd(
                "clone", "--rbd-default-clone-format", "2", "\(parent.spec)@s", "\(spec)")
            try await cluster.withOpen(spec) { image in
                var round: UInt8 = 0
                for command in [
                    "snap create \(spec)@a", "snap rm \(spec)@a", "flatten \(spec)", "snap create \(spec)@b",
                    "feature disable \(spec) fast-diff object-map", "feature disable \(spec) exclusive-lock",
                    "feature enable \(spec) exclusive-lock object-map", "rename \(spec) rbd/\(name)r",
                    "snap rm rbd/\(name)r@b",
                ] {
                    round += 1
                    try await cluster.rbd(words: command.split(separator: " ").map(String.init))
                    let bytes = Bytes(4096, round)
                    #expect(await image.perform(.write, at: 4096, bytes) == .success, "\(command)")
                    #expect(await image.read(4096, at: 4096).1.isAll(round), "\(command)")
                    #expect(await image.read(4096, at: 0).1.isAll(0xAA), "\(command)")
                    #expect(await image.perform(.flush) == .success, "\(command)")
                }
            }
        }
    }

    @Test("An image is not rolled back to a snapshot while hosts may write it")
    func rollback() async throws {
        let cluster = try await Live.shared()
        try await cluster.withImage { image in
            #expect(await image.perform(.write, at: 0, Bytes(4096, 1)) == .success)
            try await cluster.rbd("snap", "create", "\(image.spec)@s")
            #expect(await image.perform(.write, at: 0, Bytes(4096, 2)) == .success)
            await #expect(throws: (any Error).self) {
                try await cluster.rbd("snap", "rollback", "\(image.spec)@s")
            }
            #expect(await image.read(4096, at: 0).1.isAll(2))
        }
    }
}
