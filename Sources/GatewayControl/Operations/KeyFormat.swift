// The two forms of keys that people give: a pre-shared key of TLS (NVMe/TCP Transport Specification, PSK
// Interchange Format) and a secret of DH-HMAC-CHAP (NVMe Base Specification, Secret Interchange Format). Both
// are PREFIX:HASH:BASE64:, where the base64 is the key and its CRC-32.

internal import Foundation
internal import Glibc

/// A form of keys.
struct KeyFormat: Sendable {
    /// What a key of this form is called in messages.
    let name: String
    let prefix: String
    /// The key's length in bytes by HASH; nil for any.
    let lengths: [Int?]
    /// Characters.
    let countMax: Int

    static let psk = KeyFormat(
        name: "PSK", prefix: "NVMeTLSkey-1:", lengths: [nil, 32, 48], countMax: 199)
    static let dhchap = KeyFormat(
        name: "DH-HMAC-CHAP", prefix: "DHHC-1:", lengths: [nil, 32, 48, 64], countMax: 255)

    /// What is wrong with a key; nil if nothing is. The message does not hold the key.
    func problem(of key: String) -> ControlFailure? {
        guard let (errno, reason) = reason(against: key) else { return nil }
        return ControlFailure(errno, "Invalid \(name) key: \(reason)")
    }

    private func reason(against key: String) -> (Int32, String)? {
        if key.isEmpty { return (ENOKEY, "key can't be empty") }
        if !key.hasPrefix(prefix) { return (EINVAL, "key must start with \"\(prefix)\"") }
        if key.unicodeScalars.count > countMax {
            return (E2BIG, "key is too long, must be shorter than \(countMax + 1) characters")
        }
        if !key.hasSuffix(":") || key.utf8.count == prefix.utf8.count {
            return (EINVAL, "key must end with \":\"")
        }
        let parts = key.dropFirst(prefix.count).dropLast()
            .split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return (EINVAL, "should contain a \":\" delimiter") }
        if parts[0].isEmpty { return (EINVAL, "missing hash") }
        guard let hash = Int(parts[0]) else { return (EINVAL, "non numeric hash") }
        guard lengths.indices.contains(hash) else { return (EINVAL, "invalid key length") }
        if parts[1].isEmpty { return (EINVAL, "base64 part is missing") }
        guard let bytes = Data(base64Encoded: String(parts[1])) else {
            return (EINVAL, "base64 part is invalid")
        }
        return bytesReason(against: [UInt8](bytes), lengths[hash])
    }

    private func bytesReason(against bytes: [UInt8], _ length: Int?) -> (Int32, String)? {
        if let length, bytes.count != length + 4 { return (EINVAL, "invalid key length") }
        guard bytes.count > 4 else { return (EINVAL, "base64 part is missing") }
        let sum = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return Self.crc32(bytes.dropLast(4)) == sum ? nil : (EINVAL, "CRC-32 checksums mismatch")
    }

    /// CRC-32 as in IEEE 802.3, over a few bytes.
    private static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
    }
}
