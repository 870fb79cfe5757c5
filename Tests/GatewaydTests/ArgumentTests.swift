// What the command line's words mean: sizes, stores, addresses, names.

import GatewayCore
import NVMeTCP
import Testing

@testable import gatewayd

@Suite("Arguments")
struct ArgumentTests {
    @Test(
        "Sizes are bytes, or have a binary unit in any case",
        arguments: [
            ("4096", 4096), ("4k", 4096), ("4KiB", 4096), ("1MiB", 1 << 20), ("16gib", 16 << 30),
            ("2T", 2 << 40),
            ("0", 0), ("16777215TiB", 16_777_215 << 40),
        ] as [(String, UInt64)])
    func sizes(text: String, bytes: UInt64) throws {
        #expect(try ByteCount(text).bytes == bytes)
    }

    @Test(
        "A size that is no number, too large or of a doubtful unit is refused",
        arguments: ["", "GiB", "-1", "4KB", "4 KiB", "1.5GiB", "16777216TiB", "18446744073709551616"])
    func wrongSizes(text: String) {
        #expect(throws: UsageError.self) { try ByteCount(text) }
    }

    @Test(
        "A size prints as it can be typed in again",
        arguments: ["4KiB", "3MiB", "16GiB", "1TiB", "4095", "0", "1025KiB"])
    func sizeText(text: String) throws {
        #expect(try ByteCount(text).description == text)
    }

    @Test(
        "Stores are named by kind and place, and print as they were named",
        arguments: [
            "rbd:rbd/demo", "rbd:pool/space/image", "rbd:rbd/demo@before", "rbd:pool/space/image@before",
            "memory:1GiB", "null:16GiB", "file:/srv/disk.img", "file:a:b",
        ])
    func stores(text: String) throws {
        #expect(try BackendSpecification(text).description == text)
    }

    @Test(
        "A store without a kind, a place or an image is refused",
        arguments: [
            "", "demo", "rbd:", "rbd:demo", "rbd:/demo", "rbd:rbd/", "rbd:a/b/c/d", "rbd:rbd/demo@",
            "memory:",
            "memory:0", "memory:2TiB", "memory:much", "null:512", "file:", "iscsi:1", ":x",
        ])
    func wrongStores(text: String) {
        #expect(throws: UsageError.self) { try BackendSpecification(text) }
    }

    @Test(
        "Addresses are numeric, with a port or without",
        arguments: [
            ("127.0.0.1:4421", "127.0.0.1:4421"), ("192.0.2.1", "192.0.2.1:4420"),
            ("[::1]:8009", "[::1]:8009"),
            ("[2001:DB8:0:0::1]", "[2001:db8::1]:4420"), ("::1", "[::1]:4420"), ("0.0.0.0:0", "0.0.0.0:0"),
        ])
    func addresses(text: String, canonical: String) throws {
        #expect(try Endpoint(text).description == canonical)
    }

    @Test(
        "Names, brackets around IPv4 and ports out of range are no addresses",
        arguments: [
            "", "localhost", "localhost:4420", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
            "[127.0.0.1]:4420",
            "[::1", "[::1]4420", "256.0.0.1", "127.1",
        ])
    func wrongAddresses(text: String) {
        #expect(throws: UsageError.self) { try Endpoint(text) }
    }

    @Test("127.0.0.0/8 and ::1 are loopback, nothing else is")
    func loopback() throws {
        #expect(try Endpoint("127.255.0.9:1").isLoopback)
        #expect(try Endpoint("[::1]:1").isLoopback)
        #expect(try !Endpoint("0.0.0.0:1").isLoopback)
        #expect(try !Endpoint("[::]:1").isLoopback)
        #expect(try !Endpoint("[::ffff:192.0.2.1]:1").isLoopback)
    }

    @Test("A name that is no NQN is refused with the form of one")
    func names() {
        #expect(
            throws: UsageError(
                "'disk1' is no NQN: it starts with nqn.YYYY-MM., for example "
                    + "nqn.2026-11.com.example:disk1")
        ) { try NQN(argument: "disk1") }
    }
}
