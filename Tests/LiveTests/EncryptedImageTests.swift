// A Linux host on LUKS images: file systems, fio and the commands of nvme-cli, and nothing of what it wrote
// is in the cluster as it wrote it. A plain image gets it, too: then the search is one that finds. The
// steps are in Scripts/guest-tests/encrypted.sh.

import Foundation
import Testing

extension Live {
    @Suite("Encrypted images", .needsGuest, .needsCeph)
    struct EncryptedImageTests {
        private static let marker = "this is what the host wrote, word by word"

        @Test("are used by a Linux host, and hold nothing of it in plain text", .timeLimit(.minutes(8)))
        func linuxHost() async throws {
            try await CephCluster.with(.memory) { cluster in
                let file = cluster.folder + "/passphrase"
                try "open sesame\n".write(toFile: file, atomically: true, encoding: .utf8)
                var options = cluster.options
                let images = ["luks1", "luks2", "plain"]
                for image in images {
                    try await cluster.rbd("create", "--size", "64M", "rbd/\(image)")
                    if image == "plain" { continue }
                    try await cluster.rbd("encryption", "format", "rbd/\(image)", image, file)
                    options += ["--encryption-passphrase-file", "rbd:rbd/\(image)=\(file)"]
                }
                try await Gateway.with(images.map { "rbd:rbd/\($0)" }, options: options) { gateway in
                    var guest = Guest()
                    for (index, image) in images.dropLast().enumerated() {
                        guest.answers["grow-\(index + 1)"] = {
                            try await cluster.rbd("resize", "--size", "80M", "rbd/\(image)")
                        }
                    }
                    try await guest.run(
                        "encrypted.sh", Guest.hostAddress, String(gateway.port), gateway.nqn, Self.marker,
                        "3", "1", "2")
                }
                #expect(try await isPlain("luks1", cluster) == false)
                #expect(try await isPlain("luks2", cluster) == false)
                #expect(try await isPlain("plain", cluster))
            }
        }

        /// Whether the marker is anywhere in the image as the cluster has it.
        private func isPlain(_ image: String, _ cluster: CephCluster) async throws -> Bool {
            let file = cluster.folder + "/\(image)"
            try await cluster.rbd("export", "--no-progress", "rbd/\(image)", file)
            defer { try? FileManager.default.removeItem(atPath: file) }
            let search = try ChildProcess("grep", ["-qaF", Self.marker, file])
            let code = try await search.exit(seconds: 120)
            try #require(code == 0 || code == 1)
            return code == 0
        }
    }
}
