// LUKS images: what a host stores is encrypted in the cluster and read back as it was, in pieces of any size,
// and what librbd does on encrypted images is reported as it is.

import Foundation
import GatewayCore
import Testing

@testable import RBDBackend

@Suite("Encrypted images", .enabled(if: Live.isAvailable, Live.why))
struct EncryptionTests {
    static let secret = "correct horse battery staple"

    /// A new image of 64 MiB, header included, formatted by `rbd`.
    private func formatted(
        _ cluster: LiveCluster, _ format: String, create: [String] = []
    ) async throws -> ImageSpec {
        let spec = ImageSpec(pool: "rbd", image: LiveCluster.newName())
        let file = cluster.directory + "/passphrase"
        try (Self.secret + "\n").write(toFile: file, atomically: true, encoding: .utf8)
        try await run(
            "rbd",
            ["--conf", cluster.configurationFile, "--id", "admin", "create", "--size", "64M"] + create
                + ["\(spec)"])
        try await cluster.rbd("encryption", "format", "\(spec)", format, file)
        return spec
    }

    private func withUnlocked(
        _ cluster: LiveCluster, _ spec: ImageSpec, _ body: (RBDImageBackend) async throws -> Void
    ) async throws {
        try await cluster.withOpen(spec, passphrase: passphrase(Self.secret + "\n"), body)
    }

    private func passphrase(_ text: String) -> Passphrase? { Passphrase(fileContent: Array(text.utf8)) }

    @Test(
        "Data in pieces of 512 bytes is read back as it was, and is ciphertext in the cluster",
        arguments: [("luks1", UInt64(4 << 20)), ("luks2", 16 << 20)])
    func readAndWrite(format: String, header: UInt64) async throws {
        let cluster = try await Live.shared()
        let spec = try await formatted(cluster, format)
        let plain = Bytes(256 << 10)
        plain.fillPattern(12)
        try await withUnlocked(cluster, spec) { image in
            #expect(image.geometry.byteCount == 64 << 20 - header)
            #expect(image.geometry.writeGranularityByteCount == 4096)
            #expect(image.geometry.deallocatedReads == .notReported)
            // An OSD would compare ciphertext.
            #expect(image.geometry.compareAndWriteByteCountMax == 0)
            // Across two objects, and not on a sector of librbd's.
            let place = UInt64(4 << 20) - (128 << 10) + 512
            #expect(await image.perform(.write, at: place, plain) == .success)
            #expect(await image.read(plain.count, at: place).1.array == plain.array)
            #expect(await image.perform(.compare, at: place, plain) == .success)
            try await neighbours(image)
            try await zeroes(image)
            #expect(await image.perform(.flush) == .success)
            // Told by nobody but librbd's watch; the size is still that without the header.
            let (changes, continuation) = AsyncStream.makeStream(of: Void.self)
            image.onGeometryChange { continuation.yield() }
            try await cluster.rbd("resize", "--size", "80M", "\(spec)")
            for await _ in changes where image.geometry.byteCount == 80 << 20 - header { break }
            let last = image.geometry.byteCount - 512
            #expect(await image.perform(.write, at: last, Bytes(512, 9)) == .success)
            #expect(await image.perform(.write, at: last + 512, Bytes(512, 9)) != .success)
            #expect(await image.read(512, at: last).1.isAll(9))
        }
        // Without the passphrase it is what the cluster has: a header, and nothing of the plain text.
        try await cluster.withOpen(spec, readOnly: true) { raw in
            #expect(raw.geometry.byteCount == 80 << 20)
            #expect(await raw.read(6, at: 0).1.array == [0x4C, 0x55, 0x4B, 0x53, 0xBA, 0xBE])
            let place = header + UInt64(4 << 20) - (128 << 10) + 512
            let stored = Data(await raw.read(plain.count, at: place).1.array)
            #expect(stored.range(of: Data(plain.array[0..<16])) == nil)
            #expect(stored.range(of: Data(plain.array[4096..<4112])) == nil)
        }
        #expect(try await openError(spec, "wrong")?.kind == .wrongPassphrase)
    }

    /// Writers of neighbouring 512-byte blocks at once: librbd reads, changes and writes its sector of 4096
    /// bytes, and loses none of them.
    private func neighbours(_ image: RBDImageBackend) async throws {
        for round in 0..<8 {
            await withTaskGroup(of: Void.self) { group in
                for block in 0..<16 {
                    group.addTask {
                        let result = await image.perform(
                            .write, at: UInt64(block) * 512, Bytes(512, UInt8(round * 16 + block)))
                        #expect(result == .success)
                    }
                }
            }
            for block in 0..<16 {
                let read = await image.read(512, at: UInt64(block) * 512)
                #expect(read.1.isAll(UInt8(round * 16 + block)), "round \(round), block \(block)")
            }
        }
    }

    /// Zeroes are zeroes, whatever their size; nothing is deallocated, and what was there stays.
    private func zeroes(_ image: RBDImageBackend) async throws {
        let base = UInt64(16 << 20)
        #expect(await image.perform(.write, at: base, Bytes(12 << 20, 0xFF)) == .success)
        for (offset, count) in [(512, 512), (8192, 4096), (12_800, 1 << 20), (4 << 20, 4 << 20)] {
            for mayDeallocate in [false, true] {
                let place = base + UInt64(offset)
                let result = await image.perform(
                    .writeZeroes, at: place, byteCount: count, mayDeallocate: mayDeallocate)
                #expect(result == .success)
                #expect(await image.read(count, at: place).1.isAll(0), "\(count) at \(offset)")
                #expect(await image.read(512, at: place + UInt64(count)).1.isAll(0xFF))
                #expect(await image.perform(.write, at: place, Bytes(count, 0xFF)) == .success)
            }
        }
        let all = Int(12 << 20)
        #expect(await image.perform(.deallocate, at: base, byteCount: all) == .unsupported)
        #expect(await image.read(all, at: base).1.isAll(0xFF))
    }

    @Test("A snapshot of an encrypted image with objects of 32 MiB is unlocked like the image")
    func snapshot() async throws {
        let cluster = try await Live.shared()
        var spec = try await formatted(cluster, "luks2", create: ["--object-size", "32M"])
        try await withUnlocked(cluster, spec) { image in
            // The header takes a whole object, so that a host's alignment is the objects'.
            #expect(image.geometry.byteCount == 32 << 20)
            #expect(await image.perform(.write, at: 4096, Bytes(4096, 1)) == .success)
            try await cluster.rbd("snap", "create", "\(image.spec)@s")
            #expect(await image.perform(.write, at: 4096, Bytes(4096, 2)) == .success)
        }
        spec.snapshot = "s"
        try await withUnlocked(cluster, spec) { image in
            #expect(image.geometry.isReadOnly)
            #expect(await image.read(4096, at: 4096).1.isAll(1))
        }
    }

    private func openError(_ spec: ImageSpec, _ text: String) async throws -> RBDError? {
        do {
            try await Live.shared().withOpen(spec, passphrase: passphrase(text)) { _ in }
            return nil
        } catch let error as RBDError {
            #expect(!"\(error)".contains(text))
            return error
        }
    }

    @Test("An image that is not encrypted is not unlocked, and the error says what to do")
    func plain() async throws {
        let cluster = try await Live.shared()
        try await cluster.withImage { image in
            let error = try await openError(image.spec, "sesame")
            #expect(error?.kind == .encryption)
            #expect("\(try #require(error))".contains("no LUKS header"))
        }
    }
}

@Suite("Passphrases")
struct PassphraseTests {
    @Test("The last newline of a passphrase file does not count; an empty or endless one is none")
    func files() {
        for (text, length) in [("a\n", 1), ("a", 1), ("a\n\n", 2), (" a ", 3)] {
            #expect(Passphrase(fileContent: Array(text.utf8))?.withBytes { $1 } == length)
        }
        #expect(Passphrase(fileContent: []) == nil)
        #expect(Passphrase(fileContent: [10]) == nil)
        #expect(Passphrase(fileContent: [UInt8](repeating: 65, count: 8193)) == nil)
        #expect(Passphrase(fileContent: [UInt8](repeating: 65, count: 8192)) != nil)
    }

    @Test("A passphrase does not print itself")
    func printed() throws {
        let passphrase = try #require(Passphrase(fileContent: Array("sesame".utf8)))
        #expect("\(passphrase)" == "(a passphrase)")
        var text = ""
        dump(passphrase, to: &text)
        #expect(!text.contains("sesame"))
        #expect(!String(reflecting: passphrase).contains("sesame"))
    }

    @Test("The format is read from the header's first eight bytes")
    func formats() {
        let magic: [UInt8] = [0x4C, 0x55, 0x4B, 0x53, 0xBA, 0xBE]
        #expect(EncryptionFormat(header: magic + [0, 1]) == .luks1)
        #expect(EncryptionFormat(header: magic + [0, 2]) == .luks2)
        #expect(EncryptionFormat(header: magic + [0, 3]) == nil)
        #expect(EncryptionFormat(header: magic + [1, 1]) == nil)
        #expect(EncryptionFormat(header: magic) == nil)
        #expect(EncryptionFormat(header: [UInt8](repeating: 0, count: 8)) == nil)
    }
}
