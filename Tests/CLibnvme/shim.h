// The oracle for wire layouts: libnvme's own structures, whose sizes and offsets the tests compare ours with.
#ifndef GATEWAYD_CLIBNVME_SHIM_H
#define GATEWAYD_CLIBNVME_SHIM_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <nvme/types.h>
#include <nvme/ioctl.h>
#endif
