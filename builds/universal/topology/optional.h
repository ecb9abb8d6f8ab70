/* A number that the machine may hide: unknown is unknown, never zero. */
#ifndef TOPOLOGY_OPTIONAL_H
#define TOPOLOGY_OPTIONAL_H

#include <stdbool.h>
#include <stdint.h>

struct optional_u64 {
    bool known;
    uint64_t value;
};

static inline struct optional_u64 known_u64(uint64_t value)
{
    return (struct optional_u64){true, value};
}

/* The smaller of two, where an unknown one does not count. */
static inline struct optional_u64 smaller_known(struct optional_u64 a, struct optional_u64 b)
{
    if (!a.known || !b.known)
        return a.known ? a : b;
    return a.value < b.value ? a : b;
}

#endif
