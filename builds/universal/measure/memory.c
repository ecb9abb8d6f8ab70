#include "measure/memory.h"

#include "topology/system_file.h"

#include <inttypes.h>
#include <sys/mman.h>
#include <unistd.h>

size_t memory_rounded(size_t bytes)
{
    size_t unit = bytes >= HUGE_PAGE_BYTES ? HUGE_PAGE_BYTES : (size_t)sysconf(_SC_PAGESIZE);
    return (bytes + unit - 1) / unit * unit;
}

/*
 * A mapping larger by one huge page has an aligned part; what stands over on both sides is given back, but
 * for a page behind it that no one may touch: it keeps the kernel from merging neighbouring regions, so that
 * the placement of each can be looked up, and an overrun from going unnoticed.
 */
static char *map_aligned(size_t bytes)
{
    size_t guard = (size_t)sysconf(_SC_PAGESIZE);
    size_t larger = bytes + guard + HUGE_PAGE_BYTES;
    char *base = mmap(NULL, larger, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        return NULL;
    size_t before = (HUGE_PAGE_BYTES - (uintptr_t)base % HUGE_PAGE_BYTES) % HUGE_PAGE_BYTES;
    size_t behind = larger - before - bytes - guard;
    if (before > 0)
        munmap(base, before);
    if (behind > 0)
        munmap(base + before + bytes + guard, behind);
    mprotect(base + before + bytes, guard, PROT_NONE);
    return base + before;
}

int memory_map(struct memory_budget *budget, size_t bytes, struct memory_region *region, struct err *err)
{
    size_t rounded = memory_rounded(bytes);
    *region = (struct memory_region){0};
    if (rounded < bytes || rounded > budget->limit - budget->used)
        return err_set(err, ERR_UNSUPPORTED,
                       "%zu bytes of memory are needed on top of %" PRIu64 ", and the limit is %" PRIu64,
                       bytes, budget->used, budget->limit);
    char *base = map_aligned(rounded);
    if (!base)
        return err_set(err, ERR_UNSUPPORTED, "the kernel does not give %zu bytes of memory", rounded);
    /* Either is a wish: a kernel without huge pages refuses both, and what came out is reported. */
    madvise(base, rounded, rounded >= HUGE_PAGE_BYTES ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    budget->used += rounded;
    *region = (struct memory_region){base, rounded};
    return 0;
}

void memory_unmap(struct memory_budget *budget, struct memory_region *region)
{
    if (region->bytes == 0)
        return;
    munmap(region->base, region->bytes + (size_t)sysconf(_SC_PAGESIZE)); /* and the guard */
    budget->used -= region->bytes;
    *region = (struct memory_region){0};
}

struct optional_u64 memory_on_huge_pages(const char *root)
{
    char text[4096];
    if (!system_file_read(root, "/proc/self/smaps_rollup", text, sizeof text))
        return (struct optional_u64){0};
    struct optional_u64 kib = system_text_number(text, "AnonHugePages");
    kib.value *= 1024;
    return kib;
}
