// The processor's CRC32C instruction, for NVMeTCP's digests of short headers. It has no Swift form; nothing else is here.
#ifndef GATEWAYD_CCRC32C_SHIM_H
#define GATEWAYD_CCRC32C_SHIM_H
#include <stdint.h>
#include <stddef.h>
#if defined(__x86_64__)
#include <crc32intrin.h>

static inline int gw_has_crc32_instruction(void) { return __builtin_cpu_supports("sse4.2") != 0; }

/// Continues `crc` (the register, not inverted) over `count` bytes.
__attribute__((target("sse4.2")))
static inline uint32_t gw_crc32c_update(uint32_t crc, const void *bytes, size_t count) {
    const unsigned char *p = (const unsigned char *)bytes;
    uint64_t wide = crc;
    for (; count >= 8; count -= 8, p += 8) {
        uint64_t word;
        __builtin_memcpy(&word, p, 8);
        wide = _mm_crc32_u64(wide, word);
    }
    uint32_t narrow = (uint32_t)wide;
    for (; count > 0; count--, p++) narrow = _mm_crc32_u8(narrow, *p);
    return narrow;
}
#else
static inline int gw_has_crc32_instruction(void) { return 0; }
static inline uint32_t gw_crc32c_update(uint32_t crc, const void *bytes, size_t count) {
    (void)bytes; (void)count;
    return crc;
}
#endif
#endif
