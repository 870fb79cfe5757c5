// Counts what a program takes from the heap and how often it counts references, when preloaded (LD_PRELOAD). At the end
// of the program, one line of JSON goes to the file that ALLOCATION_COUNTS names. Benchmarks only.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static atomic_ulong allocations, retains;

static void count(void) { atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed); }

void *malloc(size_t size) { count(); return __libc_malloc(size); }
void *calloc(size_t items, size_t size) { count(); return __libc_calloc(items, size); }
void *realloc(void *old, size_t size) { count(); return __libc_realloc(old, size); }
void *aligned_alloc(size_t alignment, size_t size) { count(); return __libc_memalign(alignment, size); }
int posix_memalign(void **memory, size_t alignment, size_t size) {
    count();
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}

// The Swift runtime's, in its C convention (one argument, given back; the runtime saves the other registers that its
// own convention wants saved, and so must who stands before it).
__attribute__((preserve_most)) void *swift_retain(void *object) {
    static void *(*next)(void *) __attribute__((preserve_most));
    if (!next) next = dlsym(RTLD_NEXT, "swift_retain");
    atomic_fetch_add_explicit(&retains, 1, memory_order_relaxed);
    return next(object);
}

__attribute__((destructor)) static void report(void) {
    const char *path = getenv("ALLOCATION_COUNTS");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file) return;
    fprintf(file, "{\"allocations\":%lu,\"retains\":%lu}\n", allocations, retains);
    fclose(file);
}
