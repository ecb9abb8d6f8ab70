/* The types of a file in the order of one figure. For the makers of processed files; no one else includes
 * this. */
#ifndef RESULTS_RANKING_H
#define RESULTS_RANKING_H

#include "results/listing.h"

struct place {
    const struct type_results *type;
    double value;
};

/* The listed types that have the figure, best first, names deciding ties; the caller free()s the array. NULL:
 * out of memory. */
struct place *rank_types(const struct published_ranking *ranking, const struct listed *listed, size_t *count,
                         struct err *err);

#endif
