/* Numbers, durations, sizes and times: what is taken lies in its range, and what is refused leaves the value
 * alone. */
#include "fuzz.h"

#include "base/parse.h"

#include <math.h>

#define UNTOUCHED 0xA5A5A5A5A5A5A5A5u

static void check_whole(int (*parse)(const char *text, uint64_t min, uint64_t max, uint64_t *value,
                                     struct err *err),
                        const char *text)
{
    struct err err = {0};
    uint64_t value = UNTOUCHED;
    if (parse(text, 10, 1u << 20, &value, &err) == 0)
        require(value >= 10 && value <= 1u << 20 && is_digit(text[0]));
    else
        require(err.kind == ERR_DATA && err.message[0] && value == UNTOUCHED);
}

static void check_double(const char *text)
{
    struct err err = {0};
    double value = NAN;
    if (parse_double(text, -5, 5, &value, &err) == 0)
        require(value >= -5 && value <= 5);
    else
        require(err.kind == ERR_DATA && isnan(value));
}

static void check_timestamp(const char *text)
{
    struct err err = {0};
    int64_t seconds = INT64_MIN;
    if (parse_timestamp(text, &seconds, &err) == 0)
        require(strlen(text) >= 20 && text[strlen(text) - 1] == 'Z');
    else
        require(err.kind == ERR_DATA && seconds == INT64_MIN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = fuzz_text(data, size);
    check_whole(parse_u64, text);
    check_whole(parse_duration, text);
    check_whole(parse_size, text);
    check_double(text);
    check_timestamp(text);
    return 0;
}
