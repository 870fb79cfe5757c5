// NQNs and identifiers: what is refused and why, and how they stand on the wire.

import NVMeTCP
import Testing

@Suite("NVMe Qualified Names")
struct NQNTests {
    @Test(
        "Names in use are accepted",
        arguments: [
            "nqn.2014-08.org.nvmexpress.discovery",
            "nqn.2014-08.org.nvmexpress:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
            "nqn.2014-08.com.vmware:nvme:esx_01",
            "nqn.2016-06.io.spdk:cnode1",
            "nqn.2001-04.com.ceph:demo group",
            "nqn.2024-12.example:Größe",
        ])
    func accepted(text: String) throws {
        let name = try NQN(text)
        #expect(name.text == text)
        #expect(name.description == text)
    }

    @Test(
        "A malformed name is refused, and the reason named",
        arguments: [
            ("", NQN.Fault.prefix),
            ("iqn.2014-08.org.example:a", .prefix),
            ("nqn.2014-8.org.example:a", .prefix),
            ("nqn.2014-13.org.example:a", .prefix),
            ("nqn.2014-00.org.example:a", .prefix),
            ("nqn.20a4-01.org.example:a", .prefix),
            ("nqn.2014-08", .prefix),
            ("nqn.2014-08.", .domain),
            ("nqn.2014-08.:a", .domain),
            ("nqn.2014-08.org..example:a", .domain),
            ("nqn.2014-08.org.-example:a", .domain),
            ("nqn.2014-08.org.example-:a", .domain),
            ("nqn.2014-08.org.exa_mple:a", .domain),
            ("nqn.2014-08.org.example:a\u{7}", .controlCharacter),
            ("nqn.2014-08.org.example:a\u{0}", .controlCharacter),
            ("nqn.2014-08.org.nvmexpress:uuid:f81d4fae", .uuid),
            ("nqn.2014-08.org.nvmexpress:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6x", .uuid),
            ("nqn.2014-08.org.nvmexpress:uuid:f81d4fae+7dec-11d0-a765-00a0c91e6bf6", .uuid),
        ])
    func refused(text: String, fault: NQN.Fault) {
        #expect(throws: fault) { try NQN(text) }
    }

    @Test("223 bytes are the most, and one more is too long")
    func length() throws {
        let prefix = "nqn.2014-08.org.example:"
        let longest = prefix + String(repeating: "a", count: 223 - prefix.utf8.count)
        #expect(try NQN(longest).text.utf8.count == 223)
        #expect(throws: NQN.Fault.tooLong) { try NQN(longest + "a") }
        // Two bytes each in UTF-8: the bound is bytes, not characters.
        #expect(throws: NQN.Fault.tooLong) { try NQN(prefix + String(repeating: "é", count: 100)) }
    }

    @Test("Names that look alike but differ in bytes are different names")
    func equality() throws {
        let composed = try NQN("nqn.2014-08.org.example:\u{E9}")
        let decomposed = try NQN("nqn.2014-08.org.example:e\u{301}")
        #expect(composed.text == decomposed.text)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, try NQN("nqn.2014-08.org.example:\u{E9}")]).count == 2)
    }

    @Test("A name fills its 256-byte field with zeroes behind it, and reads back")
    func field() throws {
        let bytes = encoded(256) { NQN.discovery.encode(into: &$0, at: 0) }
        #expect(Array(bytes.prefix(36)) == Array("nqn.2014-08.org.nvmexpress.discovery".utf8))
        #expect(bytes.dropFirst(36).allSatisfy { $0 == 0 })
        #expect(try decoded(bytes) { try NQN($0, at: 0) } == .discovery)
    }

    @Test("A field without an end, or that is not UTF-8, is refused")
    func badFields() {
        var bytes = [UInt8]("nqn.2014-08.org.example:".utf8)
        bytes += [UInt8](repeating: UInt8(ascii: "a"), count: 256 - bytes.count)
        #expect(throws: NQN.Fault.encoding) { try decoded(bytes) { try NQN($0, at: 0) } }
        bytes[30] = 0xFF
        bytes[40] = 0
        #expect(throws: NQN.Fault.encoding) { try decoded(bytes) { try NQN($0, at: 0) } }
    }

    @Test("The UUID form is made from a UUID")
    func uuidForm() throws {
        let uuid = try #require(NamespaceUUID("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"))
        #expect(
            NQN(uuid: uuid).text == "nqn.2014-08.org.nvmexpress:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6")
        #expect(try NQN(NQN(uuid: uuid).text) == NQN(uuid: uuid))
    }
}

@Suite("Identifiers")
struct IdentifierTests {
    @Test("A UUID's text and number read in the same order")
    func uuidText() throws {
        let uuid = try #require(NamespaceUUID("00112233-4455-6677-8899-aabbccddeeff"))
        #expect(uuid.rawValue == 0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF)
        #expect(uuid.description == "00112233-4455-6677-8899-aabbccddeeff")
        #expect(HostID("00112233-4455-6677-8899-aabbccddeeff")?.rawValue == uuid.rawValue)
    }

    @Test(
        "Text that is not a UUID is refused",
        arguments: [
            "", "00112233-4455-6677-8899-aabbccddeef", "00112233-4455-6677-8899-aabbccddeeff0",
            "0011223344556677-8899-aabbccddeeff--", "g0112233-4455-6677-8899-aabbccddeeff",
        ])
    func notUUID(text: String) {
        #expect(NamespaceUUID(text) == nil)
        #expect(HostID(text) == nil)
    }

    @Test("NGUID and EUI64 show all their digits")
    func hexText() {
        #expect(NGUID(rawValue: 0xAB).description == "000000000000000000000000000000ab")
        #expect(EUI64(rawValue: 0x0123_4567_89AB_CDEF).description == "0123456789abcdef")
    }
}
