#include "results/period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAYS_PER_WEEK 7
#define MONTHS_PER_YEAR 12
#define MONDAY_OFFSET 3 /* 1970-01-01 was a Thursday */
#define DATE_LENGTH 10

struct date {
    int32_t year;
    int32_t month; /* from 1 */
    int32_t day;
};

static int32_t floor_divide(int32_t a, int32_t b)
{
    return a / b - (a % b < 0);
}

/* Both ways by the count of days in eras of 400 years that begin in March, so that the leap day is a year's
 * last (Fliegel and Van Flandern's idea, "A machine algorithm for processing calendar dates", CACM 11(10),
 * 1968). */
#define DAYS_PER_ERA 146097
#define YEARS_PER_ERA 400
#define DAYS_TO_1970 719468 /* from 0000-03-01 */

static int32_t day_of_date(struct date date)
{
    int32_t year = date.month <= 2 ? date.year - 1 : date.year;
    int32_t era = floor_divide(year, YEARS_PER_ERA);
    int32_t of_era = year - era * YEARS_PER_ERA;
    int32_t month = (date.month + 9) % MONTHS_PER_YEAR; /* March is 0 */
    int32_t of_year = (153 * month + 2) / 5 + date.day - 1;
    return era * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_TO_1970;
}

static struct date date_of_day(int32_t day)
{
    int32_t shifted = day + DAYS_TO_1970;
    int32_t era = floor_divide(shifted, DAYS_PER_ERA);
    int32_t of_era = shifted - era * DAYS_PER_ERA;
    int32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int32_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int32_t month = (5 * of_year + 2) / 153; /* March is 0 */
    struct date date = {.month = month < 10 ? month + 3 : month - 9,
                        .day = of_year - (153 * month + 2) / 5 + 1};
    date.year = year + era * YEARS_PER_ERA + (date.month <= 2);
    return date;
}

/* Digits that are known to be there. */
static int32_t number_at(const char *text, size_t at, size_t count)
{
    int32_t number = 0;
    for (size_t i = at; i < at + count; i++)
        number = number * 10 + (text[i] - '0');
    return number;
}

int32_t day_of_timestamp(const char *timestamp)
{
    if (strlen(timestamp) < DATE_LENGTH)
        return 0;
    return day_of_date(
        (struct date){number_at(timestamp, 0, 4), number_at(timestamp, 5, 2), number_at(timestamp, 8, 2)});
}

int32_t period_of_day(enum period_kind kind, int32_t day)
{
    if (kind == PERIOD_WEEK)
        return floor_divide(day + MONDAY_OFFSET, DAYS_PER_WEEK);
    struct date date = date_of_day(day);
    return date.year * MONTHS_PER_YEAR + date.month - 1;
}

int32_t first_day_of_period(enum period_kind kind, int32_t period)
{
    if (kind == PERIOD_WEEK)
        return period * DAYS_PER_WEEK - MONDAY_OFFSET;
    int32_t year = floor_divide(period, MONTHS_PER_YEAR);
    return day_of_date((struct date){year, period - year * MONTHS_PER_YEAR + 1, 1});
}

void day_name(int32_t day, char name[PERIOD_NAME_SIZE])
{
    struct date date = date_of_day(day);
    snprintf(name, PERIOD_NAME_SIZE, "%04d-%02d-%02d", (int)date.year % 10000, (int)date.month % 100,
             (int)date.day % 100);
}

/* A week belongs to the year of its Thursday, whose first Thursday is in week 1. */
static void week_name(int32_t week, char name[PERIOD_NAME_SIZE])
{
    int32_t thursday = first_day_of_period(PERIOD_WEEK, week) + 3;
    int32_t year = date_of_day(thursday).year;
    int32_t number = (thursday - day_of_date((struct date){year, 1, 1})) / DAYS_PER_WEEK + 1;
    snprintf(name, PERIOD_NAME_SIZE, "%04d-W%02d", (int)year % 10000, (int)number % 100);
}

void period_name(enum period_kind kind, int32_t period, char name[PERIOD_NAME_SIZE])
{
    if (kind == PERIOD_WEEK) {
        week_name(period, name);
        return;
    }
    struct date date = date_of_day(first_day_of_period(kind, period));
    snprintf(name, PERIOD_NAME_SIZE, "%04d-%02d", (int)date.year % 10000, (int)date.month % 100);
}
