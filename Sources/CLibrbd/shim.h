// librados and librbd, for RBDBackend alone. Headers only.
#ifndef GATEWAYD_CLIBRBD_SHIM_H
#define GATEWAYD_CLIBRBD_SHIM_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <rados/librados.h>
#include <rbd/librbd.h>
#endif
