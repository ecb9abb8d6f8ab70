#include "program/options.h"

#include "base/parse.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

#define OPTIONS_MAX 32

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

static int set_option(const struct option *option, const char *value, struct settings *settings,
                      struct err *err)
{
    uint64_t *target = target_of(settings, option);
    int result = option->kind == OPTION_SIZE ? parse_size(value, option->min, option->max, target, err)
                                             : parse_u64(value, option->min, option->max, target, err);
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

void options_print(const struct suite *suite, FILE *out)
{
    fprintf(out, "%s: %s\n", suite->name, suite->summary);
    for (size_t i = 0; i < suite->options_count; i++) {
        const struct option *option = &suite->options[i];
        fprintf(out, "  --%s=%s\n      %s; %" PRIu64 " to %" PRIu64 ", default: %s\n", option->name,
                option->kind == OPTION_SIZE ? "BYTES" : "N", option->help, option->min, option->max,
                option->default_text);
    }
}
