/* Stretches of rows or columns, and how a team shares them. */
#ifndef LINEAR_RANGE_H
#define LINEAR_RANGE_H

#include <stddef.h>

/* From `from` up to, not including, `to`. */
struct range {
    size_t from, to;
};

static inline size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* One of `members` shares of a range, in whole units; empty for those who come too late. */
static inline struct range share_of(size_t members, size_t member, struct range all, size_t unit)
{
    size_t units = all.to > all.from ? (all.to - all.from + unit - 1) / unit : 0;
    size_t end = larger(all.from, all.to);
    size_t first = all.from + units * member / members * unit;
    size_t last = all.from + units * (member + 1) / members * unit;
    return (struct range){smaller(first, end), smaller(last, end)};
}

#endif
