// ISA-L's CRC32C, which GatewayIO injects into NVMeTCP for payloads. Headers only.
#ifndef GATEWAYD_CISAL_SHIM_H
#define GATEWAYD_CISAL_SHIM_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <isa-l/crc.h>
#endif
