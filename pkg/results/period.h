/* Weeks and months, by the days of result documents. */
#ifndef RESULTS_PERIOD_H
#define RESULTS_PERIOD_H

#include <stdint.h>

enum period_kind {
    PERIOD_WEEK,  /* of ISO 8601: from Monday, "2026-W47" */
    PERIOD_MONTH, /* "2026-11" */
    PERIOD_KINDS,
};

/* Days since 1970-01-01 of a text that begins with YYYY-MM-DD, as its schema has found. */
int32_t day_of_timestamp(const char *timestamp);

/* The number of the period that a day lies in: neighbours differ by one. */
int32_t period_of_day(enum period_kind kind, int32_t day);
int32_t first_day_of_period(enum period_kind kind, int32_t period);

#define PERIOD_NAME_SIZE 16
void period_name(enum period_kind kind, int32_t period, char name[PERIOD_NAME_SIZE]);
/* "2026-11-20" */
void day_name(int32_t day, char name[PERIOD_NAME_SIZE]);

#endif
