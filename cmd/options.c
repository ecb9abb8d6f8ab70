#include "options.h"

#include "base/fs.h"
#include "base/parse.h"
#include "base/strbuf.h"
#include "base/text.h"

#include <string.h>

#define ENVIRONMENT_PREFIX "AWS_BENCHMARK_COLLECTOR_"
#define LONGEST_LIST 4096 /* items */
#define LONGEST_WORD (256UL << 10)
#define MOST_NAMES 256 /* options among which a suggestion is looked for */

/* A row with the place it fills. */
struct match {
    const struct option_spec *spec;
    void *field;
    bool *given; /* on the command line */
};

struct parser {
    const struct option_group *groups;
    size_t group_count;
    int argc;
    char *const *argv;
    int at;      /* the next word */
    bool *given; /* for each option, in the order of the groups */
    struct operands *operands;
};

/* --- fields ----------------------------------------------------------------------------------- */

size_t option_field_size(enum option_type type)
{
    switch (type) {
    case OPTION_FLAG:
        return sizeof(bool);
    case OPTION_STRING:
    case OPTION_PATH:
        return sizeof(char *);
    case OPTION_LIST:
        return sizeof(struct string_list);
    case OPTION_CHOICE:
        return sizeof(int);
    case OPTION_NUMBER:
    case OPTION_DURATION:
    case OPTION_SIZE:
        break;
    }
    return sizeof(uint64_t);
}

static void *field_of(const struct option_group *group, const struct option_spec *spec)
{
    return (char *)group->target + spec->offset;
}

void string_list_free(struct string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct string_list){0};
}

int string_list_add(struct string_list *list, const char *text, size_t length, struct err *err)
{
    if (list->count == LONGEST_LIST)
        return err_set(err, ERR_USAGE, "more than %d values", LONGEST_LIST);
    char **items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (!items)
        return err_memory(err);
    list->items = items;
    items[list->count] = strndup(text, length);
    if (!items[list->count])
        return err_memory(err);
    list->count++;
    return 0;
}

void options_free(const struct option_group *groups, size_t group_count)
{
    for (size_t g = 0; g < group_count; g++) {
        for (size_t i = 0; i < groups[g].count; i++) {
            const struct option_spec *spec = &groups[g].specs[i];
            void *field = field_of(&groups[g], spec);
            if (spec->type == OPTION_LIST)
                string_list_free(field);
            else if (spec->type == OPTION_STRING || spec->type == OPTION_PATH)
                free(*(char **)field);
            memset(field, 0, option_field_size(spec->type));
        }
    }
}

void operands_free(struct operands *operands)
{
    free(operands->words);
    *operands = (struct operands){0};
}

/* --- values ----------------------------------------------------------------------------------- */

static int choice_index(const char *const *choices, const char *text, size_t length, int *chosen,
                        struct err *err)
{
    AUTO_STRBUF struct strbuf all = STRBUF_INIT(512);
    for (int i = 0; choices[i]; i++) {
        if (strlen(choices[i]) == length && memcmp(choices[i], text, length) == 0) {
            *chosen = i;
            return 0;
        }
        strbuf_addf(&all, "%s%s", i ? ", " : "", choices[i]);
    }
    int shown = length < 64 ? (int)length : 64;
    return err_set(err, ERR_USAGE, "'%.*s' is not one of %s", shown, text, strbuf_text(&all));
}

static int set_string(char **field, const char *text, struct err *err)
{
    char *copy = strdup(text);
    if (!copy)
        return err_memory(err);
    free(*field);
    *field = copy;
    return 0;
}

static int add_list_items(const struct option_spec *spec, struct string_list *list, const char *text,
                          struct err *err)
{
    for (;;) {
        size_t length = strcspn(text, ",");
        int ignored = 0;
        if (!length)
            return err_set(err, ERR_USAGE, "a value between the commas is empty");
        if (spec->choices && choice_index(spec->choices, text, length, &ignored, err) < 0)
            return -1;
        if (string_list_add(list, text, length, err) < 0)
            return -1;
        if (!text[length])
            return 0;
        text += length + 1;
    }
}

static int set_number(const struct option_spec *spec, uint64_t *field, const char *text, struct err *err)
{
    uint64_t max = spec->min || spec->max ? spec->max : UINT64_MAX;
    switch (spec->type) {
    case OPTION_DURATION:
        return parse_duration(text, spec->min, max, field, err);
    case OPTION_SIZE:
        return parse_size(text, spec->min, max, field, err);
    default:
        return parse_u64(text, spec->min, max, field, err);
    }
}

static int set_field(const struct option_spec *spec, void *field, const char *text, struct err *err)
{
    if (!*text)
        return err_set(err, ERR_USAGE, "the value is empty");
    switch (spec->type) {
    case OPTION_FLAG:
        return err_set(err, ERR_USAGE, "takes no value");
    case OPTION_STRING:
    case OPTION_PATH:
        return set_string(field, text, err);
    case OPTION_LIST:
        return add_list_items(spec, field, text, err);
    case OPTION_CHOICE:
        return choice_index(spec->choices, text, strlen(text), field, err);
    case OPTION_NUMBER:
    case OPTION_DURATION:
    case OPTION_SIZE:
        break;
    }
    return set_number(spec, field, text, err);
}

/* Whatever is wrong with a value is the user's usage. */
static int usage_error(struct err *err, const char *where)
{
    err_prepend(err, "%s", where);
    if (err && err->kind == ERR_DATA)
        err->kind = ERR_USAGE;
    return -1;
}

/* --- defaults --------------------------------------------------------------------------------- */

void option_environment_name(const struct option_spec *spec, char out[OPTION_ENVIRONMENT_SIZE])
{
    int length = snprintf(out, OPTION_ENVIRONMENT_SIZE, "%s%s", ENVIRONMENT_PREFIX, spec->name);
    for (char *c = out + strlen(ENVIRONMENT_PREFIX); length > 0 && *c; c++)
        *c = *c == '-' ? '_' : is_lower(*c) ? (char)(*c - 'a' + 'A') : *c;
}

static int set_default(const struct option_spec *spec, void *field, struct err *err)
{
    char variable[OPTION_ENVIRONMENT_SIZE];
    option_environment_name(spec, variable);
    const char *text = spec->from_environment ? getenv(variable) : NULL;
    if (text && *text)
        return set_field(spec, field, text, err) < 0 ? usage_error(err, variable) : 0;
    if (spec->default_text && set_field(spec, field, spec->default_text, err) < 0)
        return usage_error(err, spec->name);
    return 0;
}

static int set_defaults(const struct parser *parser, struct err *err)
{
    for (size_t g = 0; g < parser->group_count; g++) {
        const struct option_group *group = &parser->groups[g];
        for (size_t i = 0; i < group->count; i++)
            if (set_default(&group->specs[i], field_of(group, &group->specs[i]), err) < 0)
                return -1;
    }
    return 0;
}

/* --- argv ------------------------------------------------------------------------------------- */

static size_t count_options(const struct parser *parser)
{
    size_t count = 0;
    for (size_t g = 0; g < parser->group_count; g++)
        count += parser->groups[g].count;
    return count;
}

/* The option of that name (length bytes) or, where name is NULL, of that letter. */
static bool find_option(const struct parser *parser, const char *name, size_t length, char letter,
                        struct match *match)
{
    bool *given = parser->given;
    for (size_t g = 0; g < parser->group_count; g++) {
        const struct option_group *group = &parser->groups[g];
        for (size_t i = 0; i < group->count; i++, given++) {
            const struct option_spec *spec = &group->specs[i];
            bool named = name && strlen(spec->name) == length && memcmp(spec->name, name, length) == 0;
            bool lettered = !name && spec->letter == letter;
            if (!named && !lettered)
                continue;
            *match = (struct match){spec, field_of(group, spec), given};
            return true;
        }
    }
    return false;
}

static int unknown_option(const struct parser *parser, const char *name, size_t length, struct err *err)
{
    const char *names[MOST_NAMES];
    size_t count = 0;
    for (size_t g = 0; g < parser->group_count; g++)
        for (size_t i = 0; i < parser->groups[g].count && count < MOST_NAMES; i++)
            names[count++] = parser->groups[g].specs[i].name;
    char word[64];
    snprintf(word, sizeof word, "%.*s", length < sizeof word ? (int)length : 63, name);
    const char *nearest = text_nearest(word, names, count);
    if (nearest)
        return err_set(err, ERR_USAGE, "unknown option --%s; did you mean --%s?", word, nearest);
    return err_set(err, ERR_USAGE, "unknown option --%s; --help lists what there is", word);
}

/* Stores a value, which is NULL for a flag that has none. */
static int take_value(const struct match *match, const char *text, struct err *err)
{
    char where[80];
    snprintf(where, sizeof where, "--%s", match->spec->name);
    bool first = !*match->given;
    *match->given = true;
    if (match->spec->type == OPTION_FLAG) {
        if (text)
            return err_set(err, ERR_USAGE, "%s takes no value", where);
        *(bool *)match->field = true;
        return 0;
    }
    if (!first && match->spec->type != OPTION_LIST)
        return err_set(err, ERR_USAGE, "%s is given twice", where);
    if (first && match->spec->type == OPTION_LIST)
        string_list_free(match->field);
    return set_field(match->spec, match->field, text, err) < 0 ? usage_error(err, where) : 0;
}

/* The value is the next word. One that looks like an option is rather a forgotten value. */
static int take_next_word(struct parser *parser, const struct match *match, struct err *err)
{
    const char *name = match->spec->name;
    const char *value = parser->at < parser->argc ? parser->argv[parser->at] : NULL;
    if (!value)
        return err_set(err, ERR_USAGE, "--%s needs a value", name);
    if (value[0] == '-' && value[1])
        return err_set(err, ERR_USAGE, "--%s needs a value; if '%.64s' is meant, write --%s=%.64s", name,
                       value, name, value);
    parser->at++;
    return take_value(match, value, err);
}

/* name follows the dashes: "region", "region=us-east-1". */
static int parse_long(struct parser *parser, const char *name, struct err *err)
{
    size_t length = strcspn(name, "=");
    struct match match;
    if (!find_option(parser, name, length, 0, &match))
        return unknown_option(parser, name, length, err);
    if (name[length])
        return take_value(&match, name + length + 1, err);
    if (match.spec->type == OPTION_FLAG)
        return take_value(&match, NULL, err);
    return take_next_word(parser, &match, err);
}

/* letters follows the dash: "q", "qv", "ojson". */
static int parse_letters(struct parser *parser, const char *letters, struct err *err)
{
    for (; *letters; letters++) {
        struct match match;
        if (!find_option(parser, NULL, 0, *letters, &match))
            return err_set(err, ERR_USAGE, "unknown option -%c; --help lists what there is", *letters);
        if (match.spec->type != OPTION_FLAG)
            return letters[1] ? take_value(&match, letters + 1, err) : take_next_word(parser, &match, err);
        if (take_value(&match, NULL, err) < 0)
            return -1;
    }
    return 0;
}

static int parse_words(struct parser *parser, struct err *err)
{
    bool options_end = false;
    while (parser->at < parser->argc) {
        const char *word = parser->argv[parser->at++];
        int result = 0;
        if (options_end || word[0] != '-' || !word[1])
            parser->operands->words[parser->operands->count++] = word;
        else if (strcmp(word, "--") == 0)
            options_end = true;
        else if (word[1] == '-')
            result = parse_long(parser, word + 2, err);
        else
            result = parse_letters(parser, word + 1, err);
        if (result < 0)
            return -1;
    }
    return 0;
}

/* Words that have been written by options_words. */
static int parse_stored(const struct parser *over, const struct string_list *words, struct err *err)
{
    AUTO_OPERANDS struct operands operands = {calloc(words->count + 1, sizeof *operands.words), 0};
    struct parser parser = *over;
    parser.argc = (int)words->count;
    parser.argv = words->items;
    parser.operands = &operands;
    if (!operands.words)
        return err_memory(err);
    int result = parse_words(&parser, err);
    if (result == 0 && operands.count > 0)
        result = err_set(err, ERR_DATA, "'%.64s' is no option", operands.words[0]);
    if (result < 0 && err && err->kind == ERR_USAGE)
        err->kind = ERR_DATA;
    memset(parser.given, 0, count_options(&parser) * sizeof *parser.given);
    return result;
}

/* What was given must fit the flags that are set, by whatever. */
static int check_exclusions(const struct parser *parser, struct err *err)
{
    const bool *given = parser->given;
    for (size_t g = 0; g < parser->group_count; g++) {
        for (size_t i = 0; i < parser->groups[g].count; i++, given++) {
            const struct option_spec *spec = &parser->groups[g].specs[i];
            struct match flag;
            if (*given && spec->not_with &&
                find_option(parser, spec->not_with, strlen(spec->not_with), 0, &flag) &&
                *(const bool *)flag.field)
                return err_set(err, ERR_USAGE, "--%s and --%s exclude each other", spec->name,
                               spec->not_with);
        }
    }
    return 0;
}

int options_parse_over(const struct option_group *groups, size_t group_count, const struct string_list *words,
                       int argc, char *const *argv, struct operands *operands, struct err *err)
{
    struct parser parser = {
        .groups = groups, .group_count = group_count, .argc = argc, .argv = argv, .operands = operands};
    AUTO_FREE bool *given = calloc(count_options(&parser) + 1, sizeof *given);
    operands->words = calloc((size_t)argc + 1, sizeof *operands->words);
    if (!given || !operands->words)
        return err_memory(err);
    parser.given = given;
    if (set_defaults(&parser, err) < 0 || (words && parse_stored(&parser, words, err) < 0) ||
        parse_words(&parser, err) < 0)
        return -1;
    return check_exclusions(&parser, err);
}

int options_parse(const struct option_group *groups, size_t group_count, int argc, char *const *argv,
                  struct operands *operands, struct err *err)
{
    return options_parse_over(groups, group_count, NULL, argc, argv, operands, err);
}

/* --- back into words -------------------------------------------------------------------------- */

static void add_number(struct strbuf *word, const struct option_spec *spec, uint64_t value)
{
    bool any = !spec->min && !spec->max;
    if (!spec->default_text && (any ? value == 0 : value < spec->min || value > spec->max))
        return;
    strbuf_addf(word, "=%llu", (unsigned long long)value);
}

static int add_path(struct strbuf *word, const char *path, struct err *err)
{
    AUTO_FREE char *absolute = path ? fs_absolute(path, err) : NULL;
    if (path && !absolute)
        return -1;
    if (absolute)
        strbuf_addf(word, "=%s", absolute);
    return 0;
}

static void add_list(struct strbuf *word, const struct string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        strbuf_addf(word, "%c%s", i ? ',' : '=', list->items[i]);
}

/* Appends "=value", or nothing where there is none. */
static int add_value(struct strbuf *word, const struct option_spec *spec, const void *field, struct err *err)
{
    const char *text = NULL;
    switch (spec->type) {
    case OPTION_FLAG:
        break;
    case OPTION_PATH:
        return add_path(word, *(char *const *)field, err);
    case OPTION_STRING:
        text = *(char *const *)field;
        break;
    case OPTION_CHOICE:
        text = spec->choices[*(const int *)field];
        break;
    case OPTION_LIST:
        add_list(word, field);
        break;
    case OPTION_NUMBER:
    case OPTION_DURATION:
    case OPTION_SIZE:
        add_number(word, spec, *(const uint64_t *)field);
        break;
    }
    if (text)
        strbuf_addf(word, "=%s", text);
    return 0;
}

int options_words(const struct option_group *group, struct string_list *words, struct err *err)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct option_spec *spec = &group->specs[i];
        const void *field = field_of(group, spec);
        AUTO_STRBUF struct strbuf word = STRBUF_INIT(LONGEST_WORD);
        strbuf_addf(&word, "--%s", spec->name);
        if (add_value(&word, spec, field, err) < 0 || strbuf_ok(&word, "an option's words", err) < 0)
            return -1;
        bool given = strchr(strbuf_text(&word), '=') || (spec->type == OPTION_FLAG && *(const bool *)field);
        if (given && string_list_add(words, strbuf_text(&word), word.length, err) < 0)
            return -1;
    }
    return 0;
}
