/*
 * Preloaded into a peer whose arrays are static: asks for huge pages for all large memory that the program
 * was started with, so that it is compared on the same pages as we have. What a peer allocates itself gets
 * them from glibc (GLIBC_TUNABLES=glibc.malloc.hugetlb=1).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LARGE_BYTES ((uintptr_t)16 << 20)
#define HUGE_PAGE_BYTES ((uintptr_t)2 << 20)

/* One line of /proc/self/maps: START-END RIGHTS, addresses in hexadecimal. */
static void ask_for(const char *line)
{
    char *rest;
    uintptr_t start = strtoul(line, &rest, 16);
    if (*rest != '-')
        return;
    uintptr_t end = strtoul(rest + 1, &rest, 16);
    if (strncmp(rest, " rw", 3) != 0)
        return;
    start = (start + HUGE_PAGE_BYTES - 1) & ~(HUGE_PAGE_BYTES - 1);
    end &= ~(HUGE_PAGE_BYTES - 1);
    if (start + LARGE_BYTES <= end)
        madvise((void *)start, end - start, MADV_HUGEPAGE); /* a wish */
}

__attribute__((constructor)) static void use_huge_pages(void)
{
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "re");
    if (!maps)
        return;
    while (fgets(line, sizeof line, maps))
        ask_for(line);
    fclose(maps);
}
