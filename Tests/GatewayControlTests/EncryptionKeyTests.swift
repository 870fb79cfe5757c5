// Keys in the state as upstream encrypts them. The tokens below are from Python's `cryptography`, which
// upstream uses, with the key 00 01 ... 1F.

import Foundation
import GatewayControl
import Testing

@Suite("Encryption key")
struct EncryptionKeyTests {
    static let secret = "DHHC-1:00:secret:"
    static let kept = """
        Z0FBQUFBQWR3SjZ3QUFFQ0F3UUZCZ2NJQ1FvTERBME9ENGdpZGc2LUM3OTE2bl9iNnVrTmVjdjdpeDRD\
        TXJ6cGMzSkVWZGl6bk15TFlBcGg0S3lTR1h2MWhhUUM3Q25RQVNXMlVTSkE0c3VzUEZGdEc5RmpTVXM9
        """

    private func key(_ bytes: [UInt8] = Array(0..<32)) throws -> EncryptionKey {
        let base64 = Data(bytes).base64EncodedString()
        return try EncryptionKey(
            fileText: "-----BEGIN PRIVATE KEY-----\n\(base64)\n-----END PRIVATE KEY-----\n")
    }

    @Test("A key that upstream has encrypted is read")
    func upstream() throws {
        #expect(try key().reveal(ProtectedKey(text: Self.kept, isEncrypted: true)) == Self.secret)
    }

    @Test("A key that is encrypted here can be read here, and says nothing of itself")
    func roundTrip() throws {
        let kept = try #require(try key().protect(Self.secret))
        #expect(kept.isEncrypted)
        #expect(!kept.text.contains("secret"))
        #expect(try key().reveal(kept) == Self.secret)
        #expect(try key().protect(Self.secret) != kept)
    }

    @Test("Another key, a changed byte and an invalid key reveal nothing")
    func wrong() throws {
        let other = try key(Array(1..<33))
        #expect(other.reveal(ProtectedKey(text: Self.kept, isEncrypted: true)) == nil)
        #expect(try key().reveal(.invalid) == nil)
        let token = String(decoding: try #require(Data(base64Encoded: Self.kept)), as: UTF8.self)
        for index in [0, 20, 60, 100] {
            var changed = Array(token.utf8)
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let kept = ProtectedKey(text: Data(changed).base64EncodedString(), isEncrypted: true)
            #expect(try key().reveal(kept) == nil)
        }
        #expect(try key().reveal(ProtectedKey(text: "", isEncrypted: true)) == nil)
    }

    @Test("A key file that is too short, or is no base64, is refused", arguments: ["AAAA", "not base64!"])
    func file(text: String) {
        #expect(throws: ControlFailure.self) { try EncryptionKey(fileText: text) }
    }
}
