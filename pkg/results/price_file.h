/* Prices joined with what was measured. For the makers of processed files; no one else includes this. */
#ifndef RESULTS_PRICE_FILE_H
#define RESULTS_PRICE_FILE_H

#include "results/aggregate_state.h"

/* The names of all types that have results, whichever file they are for. */
int measured_types(const struct aggregate *aggregate, struct words *names, struct err *err);

/* Why a type has no price; NULL: it has one. Belongs to the table of prices, or is static. */
const char *why_without_price(const struct aggregate *aggregate, const char *instance_type);

/* The names of the costs that can't be told of a type for want of the figure that they are about. */
int missing_costs(const struct aggregate *aggregate, const char *instance_type, struct words *missing,
                  struct err *err);

#endif
