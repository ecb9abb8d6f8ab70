#include "measure/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts values and returns the middle. */
static double median_in_place(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    size_t middle = count / 2;
    return count % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double median_of(const double *values, size_t count)
{
    double sorted[STATISTICS_MAX];
    memcpy(sorted, values, count * sizeof *values);
    return median_in_place(sorted, count);
}

double student_t95(size_t degrees_of_freedom)
{
    const double z = 1.959964;
    double n = (double)degrees_of_freedom;
    double first = (pow(z, 3) + z) / (4 * n);
    double second = (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / (96 * n * n);
    double third = (3 * pow(z, 7) + 19 * pow(z, 5) + 17 * pow(z, 3) - 15 * z) / (384 * n * n * n);
    return z + first + second + third;
}

double relative_interval(const double *values, size_t count)
{
    if (count < 2)
        return INFINITY;
    double deviations[STATISTICS_MAX];
    double median = median_of(values, count);
    for (size_t i = 0; i < count; i++)
        deviations[i] = fabs(values[i] - median);
    double of_few = (double)count / ((double)count - 0.8);
    double spread = 1.4826 * of_few * median_in_place(deviations, count);
    return 1.25 * student_t95(count - 1) * spread / sqrt((double)count) / median;
}
