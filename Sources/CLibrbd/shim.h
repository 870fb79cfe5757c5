// librados and librbd, for RBDBackend alone. Headers only.
#ifndef GATEWAYD_CLIBRBD_SHIM_H
#define GATEWAYD_CLIBRBD_SHIM_H
// No _GNU_SOURCE: the C library's headers must look as they do in Swift's Glibc module and in CLiburing, or a program
// that imports several of them does not compile (fd_set differs).
#include <features.h>
#include <rados/librados.h>
#include <rbd/librbd.h>
#endif
