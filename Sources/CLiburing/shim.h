// liburing and the socket calls around it, for GatewayIO alone. Headers only: `static inline` where a C macro has no Swift form.
#ifndef GATEWAYD_CLIBURING_SHIM_H
#define GATEWAYD_CLIBURING_SHIM_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <liburing.h>
#endif
