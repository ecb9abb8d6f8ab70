#include "results/fingerprint.h"

#include "results/stats.h"

#include <string.h>

/* In so many digits a measured number may repeat by itself; */
#define STABLE_DIGITS 4
/* and so many the benchmark program prints. */
#define MOST_DIGITS 9

/* Significant decimal digits, of the 15 that a double holds: 41.25 has four, 1024 has four, 5.0 has one. */
static size_t significant_digits(double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.14e", value);
    size_t digits = 0;
    size_t zeros = 0; /* at the end, so far */
    for (const char *at = text; *at && *at != 'e'; at++) {
        if (*at < '0' || *at > '9')
            continue;
        digits++;
        zeros = *at == '0' ? zeros + 1 : 0;
    }
    return digits - zeros;
}

static size_t telling_digits(double value)
{
    size_t digits = significant_digits(value);
    if (digits <= STABLE_DIGITS)
        return 0;
    return (digits < MOST_DIGITS ? digits : MOST_DIGITS) - STABLE_DIGITS;
}

/* The values are sorted in place. */
static void weigh(double *values, size_t count, struct fingerprint *fingerprint)
{
    if (count == 0)
        return;
    median_in_place(values, count);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && values[i] == values[i - 1])
            continue;
        fingerprint->distinct++;
        fingerprint->digits += telling_digits(values[i]);
    }
    fingerprint->digits += fingerprint->distinct - 1;
}

int fingerprint_of(const cJSON *numbers, struct fingerprint *fingerprint, struct err *err)
{
    *fingerprint = (struct fingerprint){0};
    size_t count = 0;
    AUTO_FREE double *values = calloc((size_t)cJSON_GetArraySize(numbers) + 1, sizeof *values);
    if (!values)
        return err_memory(err);
    const cJSON *number;
    cJSON_ArrayForEach(number, numbers) values[count++] = number->valuedouble;
    if (sha256_hex(values, count * sizeof *values, fingerprint->sha256, err) < 0)
        return -1;
    weigh(values, count, fingerprint);
    return 0;
}
