// The yardstick: the least a server can do for a 4 KiB NVMe/TCP read or write on one epoll thread, with no target behind
// it. `gatewayd bench` connects to it as to any controller (the answers are canned) and every read or write costs one
// recv share, one writev share and nothing else: 72 bytes in, 24 + 4096 out, or 72 + 4096 in, 24 out.
// It checks nothing a peer sends beyond what keeps it in its buffers. Benchmarks only: never a target for data.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

enum { IN_MAX = 1 << 18, BATCH = 256, HEADER_MAX = 128, TRANSFER_MAX = 131072, BLOCK = 512 };

struct connection {
    int fd, count, first;           // iovecs waiting, and the first that is not wholly sent
    size_t have;                    // bytes in `in`
    uint32_t cc;                    // Controller Configuration, as the host set it
    size_t used;                    // bytes of `headers` that `out` refers to
    struct iovec out[2 * BATCH];
    uint8_t headers[BATCH * 24 + HEADER_MAX], in[IN_MAX];
};

static uint8_t zeroes[TRANSFER_MAX], controller[4096], namespace[4096], list[4096];
static uint64_t blocks = (16ull << 30) / BLOCK;

static void put(uint8_t *p, uint64_t value, int bytes) { memcpy(p, &value, bytes); }
static uint64_t get(const uint8_t *p, int bytes) { uint64_t v = 0; memcpy(&v, p, bytes); return v; }

// One PDU out: a header of `length` bytes, and `data` behind it. Headers that follow each other share an iovec.
static uint8_t *emit(struct connection *c, int type, int flags, int length, const void *data, uint32_t bytes) {
    uint8_t *h = c->headers + c->used;
    struct iovec *last = c->out + c->count - 1;
    memset(h, 0, length), c->used += length;
    h[0] = type, h[1] = flags, h[2] = length, h[3] = bytes ? length : 0, put(h + 4, length + bytes, 4);
    if (c->count && (uint8_t *)last->iov_base + last->iov_len == h) last->iov_len += length;
    else c->out[c->count++] = (struct iovec){h, length};
    if (bytes) c->out[c->count++] = (struct iovec){(void *)data, bytes};
    return h;
}

static void respond(struct connection *c, const uint8_t *sqe, uint64_t result, unsigned head) {
    uint8_t *h = emit(c, 0x05, 0, 24, NULL, 0);
    put(h + 8, result, 8), put(h + 16, head, 2), memcpy(h + 20, sqe + 2, 2);
}

// C2HData, the last and only PDU of its command, which it also completes (LAST_PDU, SUCCESS).
static void data(struct connection *c, const uint8_t *sqe, const void *bytes, uint32_t count) {
    uint8_t *h = emit(c, 0x07, 0x0C, 24, bytes, count);
    memcpy(h + 8, sqe + 2, 2), put(h + 16, count, 4);
}

static void fabrics(struct connection *c, const uint8_t *sqe) {
    uint64_t cap = 1023 | 1 << 16 | 20 << 24 | 1ull << 37, value = 0;
    switch (sqe[4]) {
    case 0x00: if (get(sqe + 44, 4) == 0x14) c->cc = get(sqe + 48, 4);          // Property Set
        return respond(c, sqe, 0, 0);
    case 0x01: return respond(c, sqe, 1, sqe[46] & 4 ? 0xFFFF : 0);             // Connect: controller 1
    case 0x04:                                                                  // Property Get
        switch (get(sqe + 44, 4)) {
        case 0x00: value = cap; break;
        case 0x08: value = 0x20100; break;
        case 0x14: value = c->cc; break;
        case 0x1C: value = (c->cc & 1) | (c->cc & 0xC000 ? 8 : 0);
        }
        return respond(c, sqe, value, 0);
    default: return respond(c, sqe, 0, 0);
    }
}

static void command(struct connection *c, const uint8_t *sqe, int admin) {
    uint32_t length = get(sqe + 32, 4), cns = sqe[40];
    if (sqe[0] == 0x7F) return fabrics(c, sqe);
    if (sqe[0] == 0x02 && !admin) return data(c, sqe, zeroes, length < TRANSFER_MAX ? length : TRANSFER_MAX);
    if (sqe[0] == 0x06) return data(c, sqe, cns == 1 ? controller : cns == 0 ? namespace : list, 4096);
    respond(c, sqe, sqe[0] == 0x09 && sqe[40] == 7 ? 126 | 126 << 16 : 0, 0);
}

static int flush(struct connection *c) {        // 1: all sent, 0: the socket is full, -1: it broke
    while (c->first < c->count) {
        int n = c->count - c->first;
        ssize_t sent = writev(c->fd, c->out + c->first, n < 1024 ? n : 1024);
        if (sent < 0) return errno == EAGAIN ? 0 : -1;
        while (c->first < c->count && (size_t)sent >= c->out[c->first].iov_len) sent -= c->out[c->first++].iov_len;
        if (sent) c->out[c->first].iov_base += sent, c->out[c->first].iov_len -= sent;
    }
    return c->first = c->count = c->used = 0, 1;
}

static int serve(struct connection *c) {        // all whole PDUs that are there, one writev for each batch of them
    for (;;) {
        size_t at = 0;
        while (c->have - at >= 8 && c->used < BATCH * 24) {
            uint8_t *pdu = c->in + at;
            uint32_t length = get(pdu + 4, 4);
            if (length < 8 || length > IN_MAX) return -1;
            if (c->have - at < length) break;
            if (pdu[0] == 0x00) put(emit(c, 0x01, 0, 128, NULL, 0) + 12, TRANSFER_MAX, 4);
            else if (pdu[0] == 0x04 && length >= 72) command(c, pdu + 8, c->cc != 0);
            else return -1;
            at += length;
        }
        memmove(c->in, c->in + at, c->have -= at);
        int sent = c->count ? flush(c) : 1;
        if (sent != 1) return sent;
        if (at == 0) return 1;
    }
}

int main(int argc, char **argv) {
    int port = argc > 1 ? atoi(argv[1]) : 0, one = 1, ring = epoll_create1(0);
    int timeout = argc > 2 && !strcmp(argv[2], "--poll") ? 0 : -1;      // never sleeps
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {AF_INET, htons(port), {htonl(INADDR_LOOPBACK)}, {0}};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (void *)&address, sizeof address) || listen(listener, 64)) return perror("listen"), 1;
    memset(controller + 4, ' ', 68), memcpy(controller + 24, "epoll responder", 15);
    put(controller + 78, 1, 2), controller[77] = 5, put(controller + 80, 0x20100, 4), controller[111] = 1;
    put(controller + 320, 10, 2), controller[512] = 0x66, controller[513] = 0x44, put(controller + 514, 1024, 2);
    put(controller + 516, 1, 4), put(controller + 536, 0x00100001, 4);
    put(controller + 1792, (64 + 8192) / 16, 4), put(controller + 1796, 1, 4), controller[1803] = 1;
    put(namespace, blocks, 8), put(namespace + 8, blocks, 8), put(namespace + 16, blocks, 8), namespace[130] = 9;
    list[0] = 1;
    struct epoll_event event = {EPOLLIN, {.ptr = NULL}}, events[64];
    epoll_ctl(ring, EPOLL_CTL_ADD, listener, &event);
    socklen_t length = sizeof address;
    getsockname(listener, (void *)&address, &length);
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port)), fflush(stdout);
    for (;;) for (int i = 0, n = epoll_wait(ring, events, 64, timeout); i < n; i++) {
        struct connection *c = events[i].data.ptr;
        if (!c) {
            int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
            if (fd < 0 || !(c = calloc(1, sizeof *c))) continue;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            c->fd = fd, event.data.ptr = c, event.events = EPOLLIN;
            epoll_ctl(ring, EPOLL_CTL_ADD, fd, &event);
            continue;
        }
        int state = c->count ? flush(c) : 1;
        if (state == 1) {
            size_t room = IN_MAX - c->have;
            ssize_t got = room ? recv(c->fd, c->in + c->have, room, 0) : 0;
            if (got > 0) c->have += got;
            state = (got == 0 && room) || (got < 0 && errno != EAGAIN) ? -1 : serve(c);
        }
        if (state < 0) { close(c->fd), free(c); continue; }
        uint32_t want = state ? EPOLLIN : EPOLLOUT;     // a full socket is not read from
        event.data.ptr = c, event.events = want;
        if (state == 0 || (events[i].events & EPOLLOUT)) epoll_ctl(ring, EPOLL_CTL_MOD, c->fd, &event);
    }
}
