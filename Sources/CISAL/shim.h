// ISA-L's CRC32C, which GatewayIO injects into NVMeTCP for payloads. Headers only.
#ifndef GATEWAYD_CISAL_SHIM_H
#define GATEWAYD_CISAL_SHIM_H
#include <features.h>
#include <isa-l/crc.h>

/// Whether ISA-L's fast CRC32C runs here; else it goes byte by byte through a table.
static inline int gw_isal_is_fast(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
#elif defined(__aarch64__)
    return 1;
#else
    return 0;
#endif
}
#endif
