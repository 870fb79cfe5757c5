// Where UUIDs come from when nobody configured them: from what identifies the store for good, by a rule that
// anybody can repeat (`uuidgen --sha1`). The same image has the same UUID after a restart, on another port
// and from another machine; a Linux host then refuses to see one image twice as two disks, which would
// corrupt it.

/// UUIDs derived from names (version 5).
///
/// Source: RFC 9562, "UUID Version 5".
enum StableIdentity {
    /// The name space of all of gatewayd's names. Chosen once, at random; another value would rename every
    /// disk.
    static let namespace: UInt128 = 0x7f0c_2a51_94d6_4c39_8a1e_d2b5_63f7_0e48

    /// The UUID of `name` in `namespace`.
    static func uuid(of name: String, in namespace: UInt128 = StableIdentity.namespace) -> UInt128 {
        var message = stride(from: 120, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: namespace >> UInt128($0))
        }
        message += Array(name.utf8)
        let digest = sha1(message)
        var uuid = UInt128(0)
        for word in digest.prefix(4) { uuid = uuid << 32 | UInt128(word) }
        uuid = uuid & ~(0xF << 76) | 5 << 76
        return uuid & ~(0x3 << 62) | 0x2 << 62
    }

    /// SHA-1 as five big-endian words. For UUIDs only, where the specification asks for it and nothing is
    /// secret: no reason to make every build of the program compile a cryptography library.
    ///
    /// Source: RFC 3174.
    static func sha1(_ message: [UInt8]) -> [UInt32] {
        var hash: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        var padded = message + [0x80]
        padded += [UInt8](repeating: 0, count: (120 - padded.count % 64) % 64)
        let bitCount = UInt64(message.count) * 8
        padded += stride(from: 56, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: bitCount >> UInt64($0))
        }
        for block in stride(from: 0, to: padded.count, by: 64) {
            var w = stride(from: block, to: block + 64, by: 4).map { at in
                padded[at..<at + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            }
            for t in 16..<80 { w.append(rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1)) }
            var (a, b, c, d, e) = (hash[0], hash[1], hash[2], hash[3], hash[4])
            for t in 0..<80 {
                let (f, k): (UInt32, UInt32) =
                    switch t {
                    case 0..<20: (b & c | ~b & d, 0x5A82_7999)
                    case 20..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                    case 40..<60: (b & c | b & d | c & d, 0x8F1B_BCDC)
                    default: (b ^ c ^ d, 0xCA62_C1D6)
                    }
                let next = rotate(a, 5) &+ f &+ e &+ w[t] &+ k
                (a, b, c, d, e) = (next, a, rotate(b, 30), c, d)
            }
            hash = zip(hash, [a, b, c, d, e]).map { $0 &+ $1 }
        }
        return hash
    }

    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word << count | word >> (32 - count)
    }
}
