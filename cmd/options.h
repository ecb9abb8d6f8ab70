/*
 * Command-line options from const tables. One row says everything about an option: parser, `--help`, shell
 * completion and man page are made from it (optdoc.h), and a test holds them together.
 *
 * A command puts its rows in an array and its values in a struct; OPTION_AT names the field a row fills:
 *
 *     struct process_options { char *output_dir; uint64_t max_files; struct string_list include; };
 *     static const struct option_spec options[] = {
 *         {.name = "output-dir", .letter = 'd', .type = OPTION_PATH, .value_name = "DIR",
 *          .default_text = "data/processed", .help = "Where the processed files go.",
 *          .offset = OPTION_AT(struct process_options, output_dir)},
 *     };
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {                  /* the field it fills: */
                   OPTION_FLAG = 1, /* bool; takes no value, is false unless given */
                   OPTION_STRING,   /* char *, NULL without default */
                   OPTION_PATH,     /* the same; completion offers files */
                   OPTION_LIST,     /* struct string_list; commas separate, and the option may be repeated */
                   OPTION_NUMBER,   /* uint64_t */
                   OPTION_DURATION, /* uint64_t, seconds */
                   OPTION_SIZE,     /* uint64_t, bytes */
                   OPTION_CHOICE,   /* int, the index in choices */
};

/* What OPTION_LIST fills. Items and array belong to it. */
struct string_list {
    char **items;
    size_t count;
};

/* `AUTO_STRING_LIST struct string_list words = {0};` */
#define AUTO_STRING_LIST CLEANUP(string_list_free)
void string_list_free(struct string_list *list);
/* Adds a copy of length bytes of text. ERR_USAGE when there are too many. */
int string_list_add(struct string_list *list, const char *text, size_t length, struct err *err);

struct option_spec {
    const char *name; /* without the dashes */
    char letter;      /* 0: none */
    enum option_type type;
    const char *value_name;     /* "DIR" in the help; NULL for flags and choices */
    const char *default_text;   /* as a user would type it; NULL: none (0 for numbers) */
    uint64_t min, max;          /* of numbers, seconds and bytes; both 0: any */
    const char *const *choices; /* ends with NULL; for OPTION_CHOICE, and for a list with fixed words */
    const char *not_with;       /* a flag of the same table with which it may not be given; NULL: none */
    bool from_environment;      /* AWS_BENCHMARK_COLLECTOR_NAME, where set, is the default */
    const char *help;           /* sentences; optdoc adds default, range and variable */
    size_t offset;              /* OPTION_AT(struct, field) */
};

#define OPTION_AT(structure, field) offsetof(structure, field)

/* Options that fill one struct. */
struct option_group {
    const char *title; /* "Options", "AWS options", … in the help */
    const struct option_spec *specs;
    size_t count;
    void *target;
};

/* What is left of argv. The words belong to argv, the array to this. */
struct operands {
    const char **words;
    size_t count;
};

/* `AUTO_OPERANDS struct operands operands = {0};` */
#define AUTO_OPERANDS CLEANUP(operands_free)
void operands_free(struct operands *operands);

/* Fills the targets, which must be zeroed: defaults first, then the environment, then argv, whose first word
 * is the first argument (no program name). Options and operands may come in any order; "--" ends options.
 * Takes --name=value, --name value, -n value, -nvalue and flags bundled as in -qv.
 * ERR_USAGE, in one line that names the option and what it takes: an unknown option (with the one that was
 * probably meant), a value missing, empty or out of range, a single value given twice.
 * Whatever it returns, options_free must follow. */
int options_parse(const struct option_group *groups, size_t group_count, int argc, char *const *argv,
                  struct operands *operands, struct err *err);

/* The same with words of a file between the environment and argv: what stands in argv takes the place of
 * theirs. ERR_DATA when they can't be parsed. */
int options_parse_over(const struct option_group *groups, size_t group_count, const struct string_list *words,
                       int argc, char *const *argv, struct operands *operands, struct err *err);

/* The other way round: the options of a group as words, "--name=value" or "--flag", that options_parse takes;
 * added to words, which the caller frees. Paths become absolute. A flag that is not set, an option without
 * value and a number outside of its range (it has no default and was not given) are left out. */
int options_words(const struct option_group *group, struct string_list *words, struct err *err);

/* Frees what the fields own and zeroes them. */
void options_free(const struct option_group *groups, size_t group_count);

/* Writes "AWS_BENCHMARK_COLLECTOR_SSH_PORT" for the option ssh-port. */
#define OPTION_ENVIRONMENT_SIZE 96
void option_environment_name(const struct option_spec *spec, char out[OPTION_ENVIRONMENT_SIZE]);

/* Bytes that the option's field takes in its struct. */
size_t option_field_size(enum option_type type);

#endif
