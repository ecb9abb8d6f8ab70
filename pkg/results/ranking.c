#include "results/ranking.h"

#include <math.h>
#include <string.h>

static int by_value_and_name(const void *a, const void *b)
{
    const struct place *x = a;
    const struct place *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return strcmp(x->type->name, y->type->name);
}

static int from_the_top(const void *a, const void *b)
{
    const struct place *x = a;
    const struct place *y = b;
    return x->value == y->value ? by_value_and_name(a, b) : by_value_and_name(b, a);
}

struct place *rank_types(const struct published_ranking *ranking, const struct listed *listed, size_t *count,
                         struct err *err)
{
    struct place *places = calloc(listed->count + 1, sizeof *places);
    if (!places) {
        err_memory(err);
        return NULL;
    }
    *count = 0;
    for (size_t i = 0; i < listed->count; i++) {
        double value = gathered_median(&listed->types[i]->fields[ranking->field]);
        if (!isnan(value))
            places[(*count)++] = (struct place){listed->types[i], value};
    }
    qsort(places, *count, sizeof *places, ranking->highest_first ? from_the_top : by_value_and_name);
    return places;
}
