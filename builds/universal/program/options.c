#include "program/options.h"

#include "base/parse.h"
#include "base/strbuf.h"
#include "base/text.h"

#include <string.h>

#define OPTIONS_MAX 32
#define HUNDREDTHS 100 /* in one */
#define CHOICES_BYTES_MAX 256

static uint64_t *target_of(struct settings *settings, const struct option *option)
{
    return (uint64_t *)(void *)((char *)settings + option->offset);
}

static int unknown_option(const struct suite *suite, const char *name, struct err *err)
{
    const char *names[OPTIONS_MAX];
    for (size_t i = 0; i < suite->options_count; i++)
        names[i] = suite->options[i].name;
    const char *nearest = text_nearest(name, names, suite->options_count);
    if (nearest)
        return err_set(err, ERR_USAGE, "%s has no parameter --%.64s: did you mean --%s?", suite->name, name,
                       nearest);
    return err_set(err, ERR_USAGE, "%s has no parameter --%.64s: 'help' lists them", suite->name, name);
}

static const struct option *find_option(const struct suite *suite, const char *name)
{
    for (size_t i = 0; i < suite->options_count; i++)
        if (strcmp(suite->options[i].name, name) == 0)
            return &suite->options[i];
    return NULL;
}

static int parse_percent(const char *text, uint64_t min, uint64_t max, uint64_t *hundredths, struct err *err)
{
    double percent;
    if (parse_double(text, (double)min / HUNDREDTHS, (double)max / HUNDREDTHS, &percent, err) < 0)
        return -1;
    *hundredths = (uint64_t)(percent * HUNDREDTHS + 0.5);
    return 0;
}

/* The choices as "avx512, avx2, sse2". */
static void list_choices(const struct option *option, struct strbuf *list)
{
    for (size_t place = 0; option->choice(place); place++)
        strbuf_addf(list, "%s%s", place > 0 ? ", " : "", option->choice(place));
}

static int parse_choice(const struct option *option, const char *text, uint64_t *chosen, struct err *err)
{
    for (size_t place = 0; option->choice(place); place++)
        if (strcmp(option->choice(place), text) == 0) {
            *chosen = place + 1;
            return 0;
        }
    AUTO_STRBUF struct strbuf list = STRBUF_INIT(CHOICES_BYTES_MAX);
    list_choices(option, &list);
    return err_set(err, ERR_USAGE, "'%.64s' is none of %s", text, strbuf_text(&list));
}

static int set_option(const struct option *option, const char *value, struct settings *settings,
                      struct err *err)
{
    static int (*const parsers[])(const char *text, uint64_t min, uint64_t max, uint64_t *result,
                                  struct err *err) = {
        [OPTION_WHOLE] = parse_u64, [OPTION_SIZE] = parse_size, [OPTION_PERCENT] = parse_percent};
    uint64_t *target = target_of(settings, option);
    int result = option->kind == OPTION_CHOICE
                     ? parse_choice(option, value, target, err)
                     : parsers[option->kind](value, option->min, option->max, target, err);
    if (result == 0)
        return 0;
    err_prepend(err, "--%s", option->name);
    err->kind = ERR_USAGE;
    return -1;
}

static int parse_argument(const struct suite *suite, const char *argument, struct settings *settings,
                          bool given[OPTIONS_MAX], struct err *err)
{
    const char *equals = strchr(argument, '=');
    if (!text_starts_with(argument, "--") || !equals)
        return err_set(err, ERR_USAGE, "'%.64s' is not a parameter such as --max-seconds=20", argument);
    char name[65];
    snprintf(name, sizeof name, "%.*s", (int)(equals - argument - 2), argument + 2);
    const struct option *option = find_option(suite, name);
    if (!option)
        return unknown_option(suite, name, err);
    bool *seen = &given[option - suite->options];
    if (*seen)
        return err_set(err, ERR_USAGE, "--%s is given twice", option->name);
    *seen = true;
    return set_option(option, equals + 1, settings, err);
}

int options_parse(const struct suite *suite, int count, char **arguments, struct settings *settings,
                  struct err *err)
{
    bool given[OPTIONS_MAX] = {false};
    *settings = (struct settings){0};
    for (size_t i = 0; i < suite->options_count; i++)
        *target_of(settings, &suite->options[i]) = suite->options[i].initial;
    for (int i = 0; i < count; i++)
        if (parse_argument(suite, arguments[i], settings, given, err) < 0)
            return -1;
    return 0;
}

/* The values that it may have. */
static void describe_values(const struct option *option, struct strbuf *text)
{
    const double scale = option->kind == OPTION_PERCENT ? HUNDREDTHS : 1;
    if (option->kind == OPTION_CHOICE)
        list_choices(option, text);
    else
        strbuf_addf(text, "%.16g to %.16g", (double)option->min / scale, (double)option->max / scale);
}

static void print_option(const struct option *option, FILE *out)
{
    static const char *const values[] = {[OPTION_WHOLE] = "N",
                                         [OPTION_SIZE] = "BYTES",
                                         [OPTION_PERCENT] = "PERCENT",
                                         [OPTION_CHOICE] = "NAME"};
    AUTO_STRBUF struct strbuf range = STRBUF_INIT(CHOICES_BYTES_MAX);
    describe_values(option, &range);
    fprintf(out, "  --%s=%s\n      %s; %s, default: %s\n", option->name, values[option->kind], option->help,
            strbuf_text(&range), option->default_text);
}

void options_print(const struct suite *suite, FILE *out)
{
    fprintf(out, "%s: %s\n", suite->name, suite->summary);
    for (size_t i = 0; i < suite->options_count; i++)
        print_option(&suite->options[i], out);
}
