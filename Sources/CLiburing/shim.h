// liburing and the socket calls around it, for GatewayIO alone. Headers only: `static inline` where a C macro has no Swift form.
#ifndef GATEWAYD_CLIBURING_SHIM_H
#define GATEWAYD_CLIBURING_SHIM_H
// Before liburing.h defines _XOPEN_SOURCE: the C library's headers must look as they do in Swift's Glibc module, or a
// program that imports both does not compile. No _GNU_SOURCE for the same reason.
#include <features.h>
#include <liburing.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/// `errno` is a macro.
static inline int gw_errno(void) { return errno; }

/// RLIMIT_* are enumerators whose type is an int in C and an enumeration in C++.
static inline uint64_t gw_memlock_limit(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_MEMLOCK, &limit) == 0 ? (uint64_t)limit.rlim_cur : 0;
}

/// IOSQE_* are shifts by an enumerator, which Swift does not import.
static inline void gw_sqe_select_buffer(struct io_uring_sqe *sqe, unsigned short group) {
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = group;
}

/// The completion at the head of the ring, or NULL: no system call (io_uring_for_each_cqe is a macro).
static inline struct io_uring_cqe *gw_peek_cqe(struct io_uring *ring) {
    unsigned head = *ring->cq.khead;
    if (head == io_uring_smp_load_acquire(ring->cq.ktail)) return NULL;
    return &ring->cq.cqes[head & *ring->cq.kring_mask];
}

/// Whether the kernel waits for this thread to enter it: with work of the ring, or with completions that found no room.
static inline bool gw_wants_enter(struct io_uring *ring) {
    return IO_URING_READ_ONCE(*ring->sq.kflags) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW);
}

/// Tells the processor that this is a loop that waits.
static inline void gw_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// EFD_* are enumerators and macros of one name.
static inline int gw_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/// prctl(2) is variadic.
static inline void gw_set_thread_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

/// open(2) is variadic.
static inline int gw_open(const char *path, int flags) { return open(path, flags | O_CLOEXEC); }

/// openat(2) is variadic: a file of a folder, to read.
static inline int gw_open_at(int folder, const char *name) { return openat(folder, name, O_RDONLY | O_CLOEXEC); }

/// The same, empty and to write; only its owner may read it.
static inline int gw_create_at(int folder, const char *name) {
    return openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

/// Takes a folder for this process alone, as long as it is open; flock(2) shares its name with a structure.
static inline int gw_lock(int fd) { return flock(fd, LOCK_EX | LOCK_NB); }

/// The size of an open block device in bytes, 0 if it can't be told. ioctl(2) is variadic.
static inline uint64_t gw_device_size(int fd) {
    uint64_t size = 0;
    return ioctl(fd, BLKGETSIZE64, &size) == 0 ? size : 0;
}

/// Raises the soft limit of descriptors to the hard one; how many that is, or 0.
static inline uint64_t gw_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? (uint64_t)limit.rlim_cur : 0;
}
#endif
