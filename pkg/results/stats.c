#include "results/stats.h"

#include <math.h>
#include <string.h>

/* Two-sided 95 %. */
#define CONFIDENCE 0.95
#define NORMAL_QUANTILE_975 1.959963984540054

/* From here on the expansion for many degrees of freedom is exact to ten digits. */
#define MANY_DEGREES 200

/* Iglewicz and Hoaglin: the factors make both deviations estimate the standard deviation of normal data. */
#define OUTLIER_SCORE 3.5
#define MEDIAN_DEVIATION_TO_SIGMA 1.482602218505602
#define MEAN_DEVIATION_TO_SIGMA 1.2533141373155001

void summary_free(struct summary *summary)
{
    free(summary->outliers);
    *summary = (struct summary){0};
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of_sorted(const double *sorted, size_t count)
{
    size_t middle = count / 2;
    return count % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

double median_in_place(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_value);
    return median_of_sorted(values, count);
}

/* P(|T| <= t), by the finite series in cos(theta), tan(theta) = t / sqrt(degrees): Abramowitz and Stegun,
 * 26.7.3 and 26.7.4. */
static double student_t_within(double t, size_t degrees)
{
    double theta = atan(t / sqrt((double)degrees));
    double cosine = cos(theta);
    bool odd = degrees % 2 == 1;
    double term = odd ? cosine : 1;
    double sum = degrees > 1 ? term : 0;
    for (size_t k = odd ? 2 : 1; k + 2 < degrees; k += 2) {
        term *= cosine * cosine * (double)k / (double)(k + 1);
        sum += term;
    }
    return odd ? M_2_PI * (theta + sin(theta) * sum) : sin(theta) * sum;
}

/* The quantile from that of the normal distribution: Abramowitz and Stegun, 26.7.5. */
static double student_t_expansion(double degrees)
{
    double z = NORMAL_QUANTILE_975;
    double z2 = z * z;
    double g1 = z * (z2 + 1) / 4;
    double g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
    double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
    double g4 = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;
    return z + (g1 + (g2 + (g3 + g4 / degrees) / degrees) / degrees) / degrees;
}

double student_t_95(size_t degrees_of_freedom)
{
    if (degrees_of_freedom >= MANY_DEGREES)
        return student_t_expansion((double)degrees_of_freedom);
    double low = 1;
    double high = 13; /* one degree of freedom: 12.706 */
    for (int i = 0; i < 80; i++) {
        double middle = (low + high) / 2;
        if (student_t_within(middle, degrees_of_freedom) < CONFIDENCE)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

/* log of the probability that k of n samples lie below the median. */
static double log_binomial_half(size_t n, size_t k)
{
    int sign = 0;
    return lgamma_r((double)n + 1, &sign) - lgamma_r((double)k + 1, &sign) -
           lgamma_r((double)(n - k) + 1, &sign) - (double)n * M_LN2;
}

/* The narrowest pair of order statistics, equally far from both ends, that holds the median with at least 95
 * %: the l-th smallest and the l-th largest for the largest l with P(fewer than l lie below) <= 2.5 %. */
static struct interval median_interval(const double *sorted, size_t count)
{
    double tail = 0;
    size_t l = 0;
    while (l < count / 2) {
        double next = tail + exp(log_binomial_half(count, l));
        if (next > (1 - CONFIDENCE) / 2)
            break;
        tail = next;
        l++;
    }
    if (l == 0)
        return (struct interval){0};
    return (struct interval){.known = true, .low = sorted[l - 1], .high = sorted[count - l]};
}

static void fill_moments(struct summary *summary, const double *samples)
{
    size_t n = summary->count;
    long double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += samples[i];
    long double mean = sum / (long double)n;
    long double squares = 0;
    for (size_t i = 0; i < n; i++)
        squares += (samples[i] - mean) * (samples[i] - mean);
    summary->mean = (double)mean;
    summary->standard_deviation = n > 1 ? (double)sqrtl(squares / (long double)(n - 1)) : NAN;
    summary->coefficient_of_variation =
        summary->mean != 0 ? summary->standard_deviation / summary->mean : NAN;
    if (n > 1) {
        double half = student_t_95(n - 1) * summary->standard_deviation / sqrt((double)n);
        summary->mean_interval = (struct interval){true, summary->mean - half, summary->mean + half};
    }
}

/* What a normal distribution with this spread about the median would have for a standard deviation. */
static double robust_sigma(double *scratch, const double *samples, size_t count, double median)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        scratch[i] = fabs(samples[i] - median);
        sum += scratch[i];
    }
    double deviation = median_in_place(scratch, count);
    return deviation > 0 ? deviation * MEDIAN_DEVIATION_TO_SIGMA
                         : sum / (double)count * MEAN_DEVIATION_TO_SIGMA;
}

static int fill_outliers(struct summary *summary, double *scratch, const double *samples, struct err *err)
{
    double sigma = robust_sigma(scratch, samples, summary->count, summary->median);
    summary->outliers = calloc(summary->count, sizeof *summary->outliers);
    if (!summary->outliers)
        return err_memory(err);
    for (size_t i = 0; i < summary->count; i++)
        if (fabs(samples[i] - summary->median) > OUTLIER_SCORE * sigma)
            summary->outliers[summary->outlier_count++] = i;
    return 0;
}

int summarize(const double *samples, size_t count, struct summary *summary, struct err *err)
{
    *summary = (struct summary){.count = count};
    if (count == 0)
        return err_set(err, ERR_DATA, "there are no samples to summarize");
    AUTO_FREE double *sorted = calloc(count, sizeof *sorted);
    if (!sorted)
        return err_memory(err);
    memcpy(sorted, samples, count * sizeof *sorted);
    summary->median = median_in_place(sorted, count);
    summary->minimum = sorted[0];
    summary->maximum = sorted[count - 1];
    summary->median_interval = median_interval(sorted, count);
    fill_moments(summary, samples);
    return fill_outliers(summary, sorted, samples, err);
}
