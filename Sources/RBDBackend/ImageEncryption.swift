// Encrypted images: the passphrase that an operator gives for one, and the call that makes librbd decrypt
// and encrypt. Opening calls it, on its thread, before anything asks for the image's size.

internal import CLibrbd
internal import Glibc

/// What unlocks a LUKS image. It never prints itself, and its memory is cleared when nobody holds it.
@safe public final class Passphrase: @unchecked Sendable, CustomStringConvertible, CustomReflectable {
    // Sendable: written in the initializer only.
    private let bytes: UnsafeMutablePointer<CChar>
    private let count: Int

    /// No passphrase is longer: who names a wrong file hears of it.
    public static let byteCountMax = 8192

    /// The content of a passphrase file, whose last newline does not count, as for `rbd encryption format`.
    /// - Returns: nil if it is empty or longer than `byteCountMax`.
    public init?(fileContent: [UInt8]) {
        count = fileContent.count - (fileContent.last == UInt8(ascii: "\n") ? 1 : 0)
        unsafe bytes = .allocate(capacity: max(count, 1))
        for (index, byte) in fileContent.prefix(count).enumerated() {
            unsafe (bytes + index).initialize(to: CChar(bitPattern: byte))
        }
        guard (1...Self.byteCountMax).contains(count) else { return nil }
    }

    deinit {
        unsafe explicit_bzero(bytes, count)
        unsafe bytes.deallocate()
    }

    public var description: String { "(a passphrase)" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    func withBytes<Result>(_ body: (UnsafePointer<CChar>, Int) -> Result) -> Result {
        defer { extendLifetime(self) }
        return unsafe body(bytes, count)
    }
}

/// How an image is encrypted, as its first bytes say.
enum EncryptionFormat {
    case luks1
    /// Sectors of 4096 bytes, as librbd formats it: what is written in smaller pieces it reads, changes and
    /// writes, and loses nothing.
    case luks2

    /// A LUKS header begins with its magic and, big-endian, its version.
    ///
    /// Source: LUKS On-Disk Format Specification 1.1, "phdr"; LUKS2 On-Disk Format Specification, "Binary
    /// Header".
    init?(header: [UInt8]) {
        guard header.count >= 8, header.prefix(6) == [0x4C, 0x55, 0x4B, 0x53, 0xBA, 0xBE], header[6] == 0
        else { return nil }
        switch header[7] {
        case 1: self = .luks1
        case 2: self = .luks2
        case _: return nil
        }
    }
}

extension ImageHandle {
    /// Makes librbd decrypt what is read and encrypt what is written from here on; the image is smaller by
    /// its header then.
    ///
    /// Takes seconds of a processor: a LUKS key is slow to derive, so that guessing is.
    func unlock(_ passphrase: Passphrase, _ spec: ImageSpec) throws(RBDError) {
        let format = try encryptionFormat(spec)
        let code = unsafe passphrase.withBytes { bytes, count in
            // librbd reads the options during the call only.
            switch format {
            case .luks1:
                var options = unsafe rbd_encryption_luks1_format_options_t(
                    alg: RBD_ENCRYPTION_ALGORITHM_AES256, passphrase: bytes, passphrase_size: count)
                return unsafe rbd_encryption_load(
                    image, RBD_ENCRYPTION_FORMAT_LUKS1, &options, MemoryLayout.size(ofValue: options))
            case .luks2:
                var options = unsafe rbd_encryption_luks2_format_options_t(
                    alg: RBD_ENCRYPTION_ALGORITHM_AES256, passphrase: bytes, passphrase_size: count)
                return unsafe rbd_encryption_load(
                    image, RBD_ENCRYPTION_FORMAT_LUKS2, &options, MemoryLayout.size(ofValue: options))
            }
        }
        switch code {
        case 0: return
        case -EPERM:
            throw RBDError(
                .wrongPassphrase, object: "image \(spec)", code: EPERM,
                reason: "the passphrase does not unlock it",
                nextStep: "Name the file with the passphrase that it was formatted with.")
        case -ENOTSUP, -ENOSYS:
            throw RBDError(
                .encryption, object: "image \(spec)", code: -code,
                reason: "this librbd can't decrypt it",
                nextStep: "Install a librbd that was built with encryption, or one that knows this cipher.")
        case let code: throw .returned(code, "rbd_encryption_load", object: "image \(spec)")
        }
    }

    private func encryptionFormat(_ spec: ImageSpec) throws(RBDError) -> EncryptionFormat {
        var header = [UInt8](repeating: 0, count: 8)
        let count = header.count
        let read = unsafe header.withUnsafeMutableBytes { bytes in
            unsafe rbd_read(image, 0, count, bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
        }
        guard read >= 0 || read == -Int(EINVAL) else {
            throw .returned(Int32(read), "rbd_read", object: "image \(spec)")
        }
        guard let format = EncryptionFormat(header: header) else {
            throw RBDError(
                .encryption, object: "image \(spec)", reason: "it has no LUKS header to unlock",
                nextStep: "Leave the passphrase out, or format it with `rbd encryption format \(spec) luks2 "
                    + "FILE`, which drops what is on it.")
        }
        return format
    }
}
