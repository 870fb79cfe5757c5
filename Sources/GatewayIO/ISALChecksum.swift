// CRC32C of payloads by ISA-L, which is several times faster than the processor's instruction alone; NVMeTCP
// takes it as a PayloadChecksum.

import CISAL
package import NVMeTCP

extension PayloadChecksum {
    /// ISA-L's where this processor makes it fast (SSE4.2 and carry-less multiplication), else the standard
    /// one.
    package static let fastest: PayloadChecksum = gw_isal_is_fast() != 0 ? isal : .standard

    /// `crc32_iscsi` continues a register that is not inverted, as we have it. It takes lengths of 31 bits.
    private static let isal = unsafe PayloadChecksum { register, bytes, count in
        precondition(count <= Int(Int32.max), "a payload is shorter than 2 GiB")
        // It does not write, though its parameter is not const.
        return unsafe crc32_iscsi(
            UnsafeMutableRawPointer(mutating: bytes)?.assumingMemoryBound(to: UInt8.self), Int32(count),
            register)
    }
}
