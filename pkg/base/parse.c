#include "base/parse.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

struct cursor cursor_over(const char *text)
{
    return (struct cursor){text, text + strlen(text)};
}

bool cursor_done(const struct cursor *cursor)
{
    return cursor->at == cursor->end;
}

bool cursor_skip(struct cursor *cursor, char c)
{
    if (cursor_done(cursor) || *cursor->at != c)
        return false;
    cursor->at++;
    return true;
}

bool cursor_number(struct cursor *cursor, uint32_t *value)
{
    uint64_t number = 0;
    const char *at = cursor->at;
    for (; at < cursor->end && is_digit(*at); at++) {
        number = number * 10 + (uint64_t)(*at - '0');
        if (number > UINT32_MAX)
            return false;
    }
    if (at == cursor->at)
        return false;
    cursor->at = at;
    *value = (uint32_t)number;
    return true;
}

size_t cursor_while(struct cursor *cursor, bool (*accept)(char c))
{
    const char *start = cursor->at;
    while (!cursor_done(cursor) && accept(*cursor->at))
        cursor->at++;
    return (size_t)(cursor->at - start);
}

/* Reads leading digits; *rest is what follows them. */
static int read_digits(const char *text, uint64_t *value, const char **rest, struct err *err)
{
    if (!is_digit(text[0]))
        return err_set(err, ERR_DATA, "'%.64s' is not a whole number", text);
    errno = 0;
    char *end = NULL;
    *value = strtoull(text, &end, 10);
    if (errno)
        return err_set(err, ERR_DATA, "'%.64s' is too large", text);
    *rest = end;
    return 0;
}

static int check_range(const char *text, uint64_t value, uint64_t min, uint64_t max, const char *unit,
                       struct err *err)
{
    if (value < min || value > max)
        return err_set(err, ERR_DATA, "'%.64s' is not between %" PRIu64 " and %" PRIu64 "%s", text, min, max,
                       unit);
    return 0;
}

int parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value, struct err *err)
{
    const char *rest = NULL;
    uint64_t number = 0;
    if (read_digits(text, &number, &rest, err) < 0)
        return -1;
    if (*rest)
        return err_set(err, ERR_DATA, "'%.64s' is not a whole number", text);
    if (check_range(text, number, min, max, "", err) < 0)
        return -1;
    *value = number;
    return 0;
}

int parse_double(const char *text, double min, double max, double *value, struct err *err)
{
    bool plain = is_digit(text[0]) || (text[0] == '-' && is_digit(text[1]));
    errno = 0;
    char *end = NULL;
    double number = plain ? strtod(text, &end) : 0;
    if (!plain || *end || errno || !isfinite(number))
        return err_set(err, ERR_DATA, "'%.64s' is not a number", text);
    if (number < min || number > max)
        return err_set(err, ERR_DATA, "'%.64s' is not between %g and %g", text, min, max);
    *value = number;
    return 0;
}

struct unit {
    const char *name;
    uint64_t factor;
};

/* A kind of number with a unit behind it. */
struct measure {
    const struct unit *units;
    size_t count;
    const char *example; /* what it looks like, for who got it wrong */
    const char *base;    /* the unit of its limits */
};

/* A number followed by one of the units. */
static int parse_with_unit(const char *text, const struct measure *measure, uint64_t min, uint64_t max,
                           uint64_t *value, struct err *err)
{
    const char *rest = NULL;
    uint64_t number = 0;
    if (!is_digit(text[0]))
        return err_set(err, ERR_DATA, "'%.64s' is not %s", text, measure->example);
    if (read_digits(text, &number, &rest, err) < 0)
        return -1;
    for (size_t i = 0; i < measure->count; i++) {
        if (strcmp(rest, measure->units[i].name) != 0)
            continue;
        if (number > UINT64_MAX / measure->units[i].factor)
            return err_set(err, ERR_DATA, "'%.64s' is too large", text);
        number *= measure->units[i].factor;
        if (check_range(text, number, min, max, measure->base, err) < 0)
            return -1;
        *value = number;
        return 0;
    }
    return err_set(err, ERR_DATA, "'%.64s' is not %s", text, measure->example);
}

int parse_duration(const char *text, uint64_t min_seconds, uint64_t max_seconds, uint64_t *seconds,
                   struct err *err)
{
    static const struct unit units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    const struct measure duration = {units, ARRAY_LENGTH(units), "a duration such as 90s, 15m or 2h",
                                     " seconds"};
    return parse_with_unit(text, &duration, min_seconds, max_seconds, seconds, err);
}

int parse_size(const char *text, uint64_t min, uint64_t max, uint64_t *bytes, struct err *err)
{
    static const struct unit units[] = {
        {"", 1},
        {"K", 1ULL << 10},
        {"M", 1ULL << 20},
        {"G", 1ULL << 30},
        {"T", 1ULL << 40},
        {"KiB", 1ULL << 10},
        {"MiB", 1ULL << 20},
        {"GiB", 1ULL << 30},
        {"TiB", 1ULL << 40},
        {"KB", 1000},
        {"MB", 1000000},
        {"GB", 1000000000},
        {"TB", 1000000000000},
    };
    const struct measure size = {units, ARRAY_LENGTH(units), "a size such as 512MiB or 1GB", " bytes"};
    return parse_with_unit(text, &size, min, max, bytes, err);
}

/* Two or four digits and the character behind them. */
static bool read_field(struct cursor *cursor, size_t digits, char after, uint32_t *value)
{
    const char *start = cursor->at;
    return cursor_number(cursor, value) && (size_t)(cursor->at - start) == digits &&
           (after == '\0' || cursor_skip(cursor, after));
}

static bool valid_date_and_time(const struct tm *when)
{
    return when->tm_mon >= 0 && when->tm_mon < 12 && when->tm_mday >= 1 && when->tm_mday <= 31 &&
           when->tm_hour < 24 && when->tm_min < 60 && when->tm_sec <= 60;
}

int parse_timestamp(const char *text, int64_t *seconds, struct err *err)
{
    struct cursor cursor = cursor_over(text);
    uint32_t year, month, day, hour, minute, second;
    bool well_formed = read_field(&cursor, 4, '-', &year) && read_field(&cursor, 2, '-', &month) &&
                       read_field(&cursor, 2, 'T', &day) && read_field(&cursor, 2, ':', &hour) &&
                       read_field(&cursor, 2, ':', &minute) && read_field(&cursor, 2, '\0', &second);
    if (well_formed && cursor_skip(&cursor, '.'))
        well_formed = cursor_while(&cursor, is_digit) > 0;
    well_formed = well_formed && cursor_skip(&cursor, 'Z') && cursor_done(&cursor);
    struct tm when = {0};
    if (well_formed)
        when = (struct tm){.tm_year = (int)year - 1900,
                           .tm_mon = (int)month - 1,
                           .tm_mday = (int)day,
                           .tm_hour = (int)hour,
                           .tm_min = (int)minute,
                           .tm_sec = (int)second};
    if (!well_formed || !valid_date_and_time(&when))
        return err_set(err, ERR_DATA, "'%.64s' is not a UTC time such as 2026-11-20T15:30:45Z", text);
    *seconds = (int64_t)timegm(&when);
    return 0;
}
