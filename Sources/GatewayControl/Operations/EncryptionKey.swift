// Keys as upstream's gateways keep them: encrypted with the key of a file that every gateway of the group
// has (`encryption_key`), as Fernet tokens (github.com/fernet/spec): AES-128 in CBC mode with an HMAC. A
// state that either gateway wrote can be read by the other.

internal import Crypto
internal import CryptoExtras
internal import Foundation
internal import Glibc

/// The key that hosts' and subsystems' keys are encrypted with.
public struct EncryptionKey: KeyProtection {
    private let signing: SymmetricKey
    private let encryption: SymmetricKey

    private static let byteCount = 32
    private static let version: UInt8 = 0x80
    private static let headerByteCount = 25
    private static let codeByteCount = 32

    /// Reads the text of a key file: base64 of 32 bytes or more, perhaps between the lines that PEM has
    /// around it.
    public init(fileText: String) throws(ControlFailure) {
        let base64 = fileText.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }.joined()
        guard let bytes = Data(base64Encoded: base64) else {
            throw ControlFailure(EINVAL, "The file with the encryption key is not base64")
        }
        guard bytes.count >= Self.byteCount else {
            throw ControlFailure(
                EINVAL,
                "The encryption key has length \(bytes.count) which is too short. The minimal length is "
                    + "\(Self.byteCount)")
        }
        // Fernet's key: the first half signs, the second encrypts.
        signing = SymmetricKey(data: bytes.prefix(16))
        encryption = SymmetricKey(data: bytes.dropFirst(16).prefix(16))
    }

    public func protect(_ key: String) -> ProtectedKey? {
        let iv = (0..<16).map { _ in UInt8.random(in: 0...255) }
        let seconds = UInt64(max(0, Date.now.timeIntervalSince1970))
        return token(key, seconds, iv).map {
            // Upstream encodes the token, which is text already, once more.
            ProtectedKey(text: Data($0.utf8).base64EncodedString(), isEncrypted: true)
        }
    }

    public func reveal(_ kept: ProtectedKey) -> String? {
        if kept == .invalid { return nil }
        guard kept.isEncrypted else { return kept.text }
        guard let text = Data(base64Encoded: kept.text) else { return nil }
        return contents(String(decoding: text, as: UTF8.self))
    }

    /// The Fernet token of a text.
    func token(_ text: String, _ seconds: UInt64, _ iv: [UInt8]) -> String? {
        guard let vector = try? AES._CBC.IV(ivBytes: iv),
            let encrypted = try? AES._CBC.encrypt(Data(text.utf8), using: encryption, iv: vector)
        else { return nil }
        let stamp = (0..<8).map { UInt8(truncatingIfNeeded: seconds >> (56 - 8 * $0)) }
        let signed = Data([Self.version] + stamp + iv) + encrypted
        let code = HMAC<SHA256>.authenticationCode(for: signed, using: signing)
        return (signed + Data(code)).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_")
    }

    /// What a token holds; nil if it was not made with this key.
    private func contents(_ token: String) -> String? {
        let base64 = token.replacing("-", with: "+").replacing("_", with: "/")
        guard let bytes = Data(base64Encoded: base64),
            bytes.count > Self.headerByteCount + Self.codeByteCount, bytes.first == Self.version
        else { return nil }
        let signed = bytes.dropLast(Self.codeByteCount)
        guard
            HMAC<SHA256>.isValidAuthenticationCode(
                bytes.suffix(Self.codeByteCount), authenticating: signed, using: signing),
            let vector = try? AES._CBC.IV(ivBytes: signed.dropFirst(9).prefix(16)),
            let text = try? AES._CBC.decrypt(
                signed.dropFirst(Self.headerByteCount), using: encryption, iv: vector)
        else { return nil }
        return String(bytes: text, encoding: .utf8)
    }
}
