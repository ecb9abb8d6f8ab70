#include "results/grade.h"

#include "base/attributes.h"

#include <math.h>

const struct grade grades[] = {
    {"A", "six results or more, and the 95 % interval of the median reaches no further than 2 % from it"},
    {"B", "three results or more, and the 95 % interval of the mean reaches no further than 5 % from it"},
    {"C", "two results or more, with a coefficient of variation of at most 10 %"},
    {"D", "anything else: a single result says nothing about the next one"},
};
_Static_assert(ARRAY_LENGTH(grades) == GRADES, "the header counts otherwise");

/* From the middle to the farther end, as a share of the middle. */
static bool reaches_at_most(struct interval interval, double middle, double share)
{
    double reach = fmax(middle - interval.low, interval.high - middle);
    return interval.known && middle > 0 && reach <= share * middle;
}

const char *grade_of(const struct summary *medians)
{
    if (medians->count >= 6 && reaches_at_most(medians->median_interval, medians->median, 0.02))
        return grades[0].letter;
    if (medians->count >= 3 && reaches_at_most(medians->mean_interval, medians->mean, 0.05))
        return grades[1].letter;
    if (medians->count >= 2 && medians->coefficient_of_variation <= 0.10)
        return grades[2].letter;
    return grades[GRADES - 1].letter;
}
