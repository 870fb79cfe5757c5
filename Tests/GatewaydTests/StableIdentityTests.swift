// UUIDs from names: against the values that the specifications print, since they must never change.

import NVMeTCP
import Testing

@testable import gatewayd

@Suite("Stable identity")
struct StableIdentityTests {
    @Test("SHA-1 gives the digests of RFC 3174's test suite")
    func sha1() {
        let abc = StableIdentity.sha1(Array("abc".utf8))
        #expect(abc == [0xA999_3E36, 0x4706_816A, 0xBA3E_2571, 0x7850_C26C, 0x9CD0_D89D])
        let long = StableIdentity.sha1(Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
        #expect(long == [0x8498_3E44, 0x1C3B_D26E, 0xBAAE_4AA1, 0xF951_29E5, 0xE546_70F1])
        let million = StableIdentity.sha1([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
        #expect(million == [0x34AA_973C, 0xD4C4_DAA4, 0xF61E_EB2B, 0xDBAD_2731, 0x6534_016F])
    }

    @Test("A UUID is that of RFC 9562's example of version 5")
    func version5() {
        let dns: UInt128 = 0x6ba7_b810_9dad_11d1_80b4_00c0_4fd4_30c8
        let uuid = StableIdentity.uuid(of: "www.example.com", in: dns)
        #expect(NamespaceUUID(rawValue: uuid).description == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
    }

    @Test("A name keeps its UUID from version to version of the program")
    func stable() {
        // From another implementation: Python's uuid.uuid5, over a name of two blocks.
        let uuid = StableIdentity.uuid(of: String(repeating: "x", count: 100))
        #expect(NamespaceUUID(rawValue: uuid).description == "b15af04d-2a0a-58b3-9e54-58fe8f2bab9a")
    }
}
