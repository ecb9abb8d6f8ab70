#include "results/gathered.h"

#include <math.h>

void gathered_free(struct gathered *gathered)
{
    free(gathered->values);
    *gathered = (struct gathered){0};
}

int gathered_add(struct gathered *gathered, const struct run_value *value, struct err *err)
{
    if (gathered->count == gathered->capacity) {
        size_t capacity = gathered->capacity ? gathered->capacity * 2 : 4;
        struct run_value *grown = reallocarray(gathered->values, capacity, sizeof *grown);
        if (!grown)
            return err_memory(err);
        gathered->values = grown;
        gathered->capacity = capacity;
    }
    gathered->values[gathered->count++] = *value;
    return 0;
}

static int order_of(double x, double y)
{
    return isnan(x) || isnan(y) ? isnan(x) - isnan(y) : (x > y) - (x < y);
}

/* Whoever is equal in all of them adds the same to every sum. */
static int by_content(const void *a, const void *b)
{
    const struct run_value *x = a;
    const struct run_value *y = b;
    int order = order_of(x->median, y->median);
    if (order == 0)
        order = order_of(x->mean, y->mean);
    if (order == 0)
        order = order_of(x->deviation, y->deviation);
    return order ? order : (x->samples > y->samples) - (x->samples < y->samples);
}

void gathered_sort(const struct gathered *gathered)
{
    if (gathered->count > 1)
        qsort(gathered->values, gathered->count, sizeof *gathered->values, by_content);
}

double gathered_median(const struct gathered *gathered)
{
    const size_t count = gathered->count;
    return count ? (gathered->values[(count - 1) / 2].median + gathered->values[count / 2].median) / 2 : NAN;
}

/* Sums over documents that both estimators are made of. */
struct sums {
    long double samples; /* N */
    long double squared; /* sum of n_i^2 */
    long double freedom; /* sum of n_i - 1 */
    long double within;  /* sum of (n_i - 1) s_i^2 */
    long double total;   /* sum of n_i mean_i */
};

static struct sums sums_of(const struct gathered *gathered)
{
    struct sums sums = {0};
    for (size_t i = 0; i < gathered->count; i++) {
        const struct run_value *value = &gathered->values[i];
        const long double n = value->samples;
        sums.samples += n;
        sums.squared += n * n;
        sums.total += n * value->mean;
        if (value->samples > 1) {
            sums.freedom += n - 1;
            sums.within += (n - 1) * value->deviation * value->deviation;
        }
    }
    return sums;
}

struct spread spread_of(const struct gathered *gathered)
{
    const struct sums sums = sums_of(gathered);
    if (sums.freedom <= 0)
        return (struct spread){NAN, NAN};
    const long double within = sums.within / sums.freedom;
    if (gathered->count < 2)
        return (struct spread){(double)sqrtl(within), NAN};
    const long double mean = sums.total / sums.samples;
    long double between = 0;
    for (size_t i = 0; i < gathered->count; i++) {
        const long double deviation = gathered->values[i].mean - mean;
        between += gathered->values[i].samples * deviation * deviation;
    }
    const long double freedom = (long double)(gathered->count - 1);
    const long double usual = (sums.samples - sums.squared / sums.samples) / freedom;
    const long double excess = (between / freedom - within) / usual;
    return (struct spread){(double)sqrtl(within), (double)sqrtl(fmaxl(excess, 0))};
}
