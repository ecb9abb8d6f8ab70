#include "unit.h"

#include "command.h"
#include "options.h"

#include <inttypes.h>
#include <string.h>

struct values {
    char *region;
    char *output_dir;
    struct string_list types;
    struct string_list suites;
    uint64_t concurrency;
    uint64_t timeout;
    uint64_t memory;
    uint64_t port;
    int output;
    bool dry_run;
    bool local;
    char *zone;
};

static const char *const formats[] = {"table", "json", "csv", NULL};
static const char *const suites[] = {"stream", "cache", "numa", NULL};

static const struct option_spec specs[] = {
    {.name = "region", .letter = 'r', .type = OPTION_STRING, .offset = OPTION_AT(struct values, region)},
    {.name = "output-dir",
     .letter = 'd',
     .type = OPTION_PATH,
     .default_text = "./results",
     .offset = OPTION_AT(struct values, output_dir)},
    {.name = "instance-types", .type = OPTION_LIST, .offset = OPTION_AT(struct values, types)},
    {.name = "benchmarks",
     .type = OPTION_LIST,
     .choices = suites,
     .default_text = "stream,cache",
     .offset = OPTION_AT(struct values, suites)},
    {.name = "max-concurrency",
     .letter = 'c',
     .type = OPTION_NUMBER,
     .min = 1,
     .max = 1000,
     .default_text = "5",
     .offset = OPTION_AT(struct values, concurrency)},
    {.name = "timeout",
     .type = OPTION_DURATION,
     .min = 60,
     .max = 86400,
     .default_text = "1h",
     .offset = OPTION_AT(struct values, timeout)},
    {.name = "memory", .type = OPTION_SIZE, .offset = OPTION_AT(struct values, memory)},
    {.name = "ssh-port",
     .type = OPTION_NUMBER,
     .min = 1,
     .max = 65535,
     .default_text = "22",
     .from_environment = true,
     .offset = OPTION_AT(struct values, port)},
    {.name = "output",
     .letter = 'o',
     .type = OPTION_CHOICE,
     .choices = formats,
     .default_text = "table",
     .offset = OPTION_AT(struct values, output)},
    {.name = "dry-run", .letter = 'n', .type = OPTION_FLAG, .offset = OPTION_AT(struct values, dry_run)},
    {.name = "zone", .type = OPTION_STRING, .not_with = "local", .offset = OPTION_AT(struct values, zone)},
    {.name = "local", .letter = 'l', .type = OPTION_FLAG, .offset = OPTION_AT(struct values, local)},
};

#define PORT_VARIABLE "AWS_BENCHMARK_COLLECTOR_SSH_PORT"

struct parsed {
    struct values values;
    struct operands operands;
    struct err err;
    int result;
};

static struct option_group group_of(struct parsed *parsed)
{
    return (struct option_group){"Options", specs, ARRAY_LENGTH(specs), &parsed->values};
}

/* What a command line of words, which end with NULL, comes to. */
static void parse(struct parsed *parsed, char *const *words)
{
    int count = 0;
    while (words[count])
        count++;
    *parsed = (struct parsed){.result = 0};
    struct option_group group = group_of(parsed);
    parsed->result = options_parse(&group, 1, count, words, &parsed->operands, &parsed->err);
}

static void forget(struct parsed *parsed)
{
    struct option_group group = group_of(parsed);
    options_free(&group, 1);
    operands_free(&parsed->operands);
}

/* The words after the name of the program; there may be none. */
#define PARSE(parsed, ...) parse(parsed, (char *[]){"", ##__VA_ARGS__, NULL} + 1)

/* The words are refused with a message that contains this. */
static void assert_refused(char *const *words, const char *message)
{
    struct parsed parsed;
    parse(&parsed, words);
    assert_int_equal(parsed.result, -1);
    assert_int_equal(parsed.err.kind, ERR_USAGE);
    if (!strstr(parsed.err.message, message))
        fail_msg("'%s' does not say '%s'", parsed.err.message, message);
    assert_null(strchr(parsed.err.message, '\n'));
    forget(&parsed);
}

#define REFUSED(message, ...) assert_refused((char *[]){__VA_ARGS__, NULL}, message)

static void defaults_are_parsed_like_words(void **state UNUSED)
{
    struct parsed parsed;
    PARSE(&parsed);
    assert_int_equal(parsed.result, 0);
    assert_null(parsed.values.region);
    assert_string_equal(parsed.values.output_dir, "./results");
    assert_int_equal(parsed.values.suites.count, 2);
    assert_string_equal(parsed.values.suites.items[1], "cache");
    assert_int_equal(parsed.values.concurrency, 5);
    assert_int_equal(parsed.values.timeout, 3600);
    assert_int_equal(parsed.values.output, OUTPUT_TABLE);
    assert_false(parsed.values.dry_run);
    forget(&parsed);
}

static void values_come_after_an_equals_sign_or_a_space_or_a_letter(void **state UNUSED)
{
    struct parsed parsed;
    PARSE(&parsed, "--region=us-east-1", "--timeout", "2h", "-d", "here", "-c7", "-nlojson");
    assert_int_equal(parsed.result, 0);
    assert_string_equal(parsed.values.region, "us-east-1");
    assert_int_equal(parsed.values.timeout, 7200);
    assert_string_equal(parsed.values.output_dir, "here");
    assert_int_equal(parsed.values.concurrency, 7);
    assert_int_equal(parsed.values.output, OUTPUT_JSON);
    assert_true(parsed.values.dry_run && parsed.values.local);
    forget(&parsed);
}

static void operands_stand_anywhere_and_two_dashes_end_options(void **state UNUSED)
{
    struct parsed parsed;
    PARSE(&parsed, "a", "--dry-run", "-", "--", "--region", "b");
    assert_int_equal(parsed.result, 0);
    assert_int_equal(parsed.operands.count, 4);
    assert_string_equal(parsed.operands.words[0], "a");
    assert_string_equal(parsed.operands.words[1], "-");
    assert_string_equal(parsed.operands.words[2], "--region");
    assert_string_equal(parsed.operands.words[3], "b");
    forget(&parsed);
}

static void lists_grow_with_commas_and_repetition_and_replace_their_default(void **state UNUSED)
{
    struct parsed parsed;
    PARSE(&parsed, "--instance-types", "m7i.large,c7g.large", "--instance-types=r8g.large", "--benchmarks",
          "numa");
    assert_int_equal(parsed.result, 0);
    assert_int_equal(parsed.values.types.count, 3);
    assert_string_equal(parsed.values.types.items[2], "r8g.large");
    assert_int_equal(parsed.values.suites.count, 1);
    assert_string_equal(parsed.values.suites.items[0], "numa");
    forget(&parsed);
}

static void an_unknown_option_brings_the_nearest_to_mind(void **state UNUSED)
{
    REFUSED("unknown option --max-concurency; did you mean --max-concurrency?", "--max-concurency=5");
    REFUSED("unknown option --max; did you mean --max-concurrency?", "--max=5");
    REFUSED("unknown option --frobnicate; --help lists", "--frobnicate");
    REFUSED("unknown option -x", "-x");
    REFUSED("unknown option -x", "-nx");
}

static void a_missing_value_is_not_taken_from_the_next_option(void **state UNUSED)
{
    REFUSED("--region needs a value", "--region");
    REFUSED("--region needs a value", "-r");
    REFUSED("write --region=--dry-run", "--region", "--dry-run");
}

static void an_empty_value_is_an_error(void **state UNUSED)
{
    REFUSED("--region: the value is empty", "--region=");
    REFUSED("--region: the value is empty", "--region", "");
    REFUSED("--instance-types: a value between the commas is empty", "--instance-types=a,,b");
    REFUSED("--instance-types: a value between the commas is empty", "--instance-types=a,");
}

static void a_single_value_is_given_once(void **state UNUSED)
{
    REFUSED("--region is given twice", "--region=a", "-rb");
}

static void a_number_out_of_range_names_option_and_range(void **state UNUSED)
{
    REFUSED("--max-concurrency: '0' is not between 1 and 1000", "--max-concurrency=0");
    REFUSED("--max-concurrency: '1000000' is not between 1 and 1000", "-c", "1000000");
    REFUSED("--max-concurrency: '5x' is not a whole number", "--max-concurrency=5x");
    REFUSED("--timeout: '59' is not between 60 and 86400 seconds", "--timeout=59");
    REFUSED("--timeout: 'soon' is not a duration such as 90s", "--timeout=soon");
    REFUSED("--memory: 'lots' is not a size such as 512MiB", "--memory=lots");
    REFUSED("--memory: '18446744073709551616' is too large", "--memory=18446744073709551616");
}

static void a_choice_lists_what_there_is(void **state UNUSED)
{
    REFUSED("--output: 'xml' is not one of table, json, csv", "--output=xml");
    REFUSED("--output: 'js' is not one of", "--output=js");
    REFUSED("--benchmarks: 'linpac' is not one of stream, cache, numa", "--benchmarks=stream,linpac");
}

static void a_flag_takes_no_value(void **state UNUSED)
{
    REFUSED("--dry-run takes no value", "--dry-run=yes");
}

static void the_environment_changes_defaults_and_gives_way_to_words(void **state UNUSED)
{
    struct parsed parsed;
    setenv(PORT_VARIABLE, "2222", 1);
    PARSE(&parsed);
    assert_int_equal(parsed.values.port, 2222);
    forget(&parsed);
    PARSE(&parsed, "--ssh-port=23");
    assert_int_equal(parsed.values.port, 23);
    forget(&parsed);
    setenv(PORT_VARIABLE, "ssh", 1);
    REFUSED(PORT_VARIABLE ": 'ssh' is not a whole number", "a");
    setenv(PORT_VARIABLE, "", 1);
    PARSE(&parsed);
    assert_int_equal(parsed.values.port, 22);
    forget(&parsed);
    unsetenv(PORT_VARIABLE);
}

static void a_variable_that_no_option_names_changes_nothing(void **state UNUSED)
{
    struct parsed parsed;
    setenv("AWS_BENCHMARK_COLLECTOR_REGION", "elsewhere", 1);
    PARSE(&parsed);
    assert_null(parsed.values.region);
    forget(&parsed);
    unsetenv("AWS_BENCHMARK_COLLECTOR_REGION");
}

/* --- options as words ------------------------------------------------------------------------- */

static void options_become_words_that_parse_to_the_same(void **state UNUSED)
{
    struct err err = {0};
    struct parsed parsed;
    AUTO_STRING_LIST struct string_list words = {0};
    AUTO_STRING_LIST struct string_list again = {0};
    PARSE(&parsed, "-n", "--region=a b=c", "--benchmarks", "numa,stream", "--timeout", "2h", "-ojson", "-d",
          "/x y");
    struct option_group group = group_of(&parsed);
    assert_succeeds(options_words(&group, &words, &err), err);
    forget(&parsed);
    static const char *const expected[] = {
        "--region=a b=c",      "--output-dir=/x y", "--benchmarks=numa,stream",
        "--max-concurrency=5", "--timeout=7200",    "--ssh-port=22",
        "--output=json",       "--dry-run"};
    assert_int_equal(words.count, ARRAY_LENGTH(expected));
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++)
        assert_string_equal(words.items[i], expected[i]);

    parsed = (struct parsed){0};
    assert_succeeds(options_parse_over(&group, 1, &words, 0, NULL, &parsed.operands, &err), err);
    assert_succeeds(options_words(&group, &again, &err), err);
    assert_int_equal(again.count, words.count);
    for (size_t i = 0; i < words.count; i++)
        assert_string_equal(again.items[i], words.items[i]);
    forget(&parsed);
}

static void a_path_becomes_absolute(void **state UNUSED)
{
    struct err err = {0};
    struct parsed parsed;
    AUTO_STRING_LIST struct string_list words = {0};
    char expected[4200];
    char here[4096];
    snprintf(expected, sizeof expected, "--output-dir=%s/out", getcwd(here, sizeof here));
    PARSE(&parsed, "-d", "out");
    struct option_group group = group_of(&parsed);
    assert_succeeds(options_words(&group, &words, &err), err);
    assert_string_equal(words.items[0], expected);
    forget(&parsed);
}

static void what_is_typed_takes_the_place_of_stored_words(void **state UNUSED)
{
    struct err err = {0};
    struct parsed parsed = {0};
    struct option_group group = group_of(&parsed);
    char *stored[] = {"--benchmarks=numa,cache", "--region=there", "--timeout=90"};
    char *typed[] = {"--benchmarks", "stream", "--timeout", "2h"};
    struct string_list words = {stored, ARRAY_LENGTH(stored)};
    assert_succeeds(options_parse_over(&group, 1, &words, ARRAY_LENGTH(typed), typed, &parsed.operands, &err),
                    err);
    assert_string_equal(parsed.values.region, "there");
    assert_int_equal(parsed.values.suites.count, 1);
    assert_string_equal(parsed.values.suites.items[0], "stream");
    assert_int_equal(parsed.values.timeout, 7200);
    forget(&parsed);
}

static void stored_words_that_are_no_options_are_refused(void **state UNUSED)
{
    char *hostile[] = {"--no-such=1", "word", "--timeout=1e9", "--timeout", "-n"};
    for (size_t i = 0; i + 1 < ARRAY_LENGTH(hostile); i++) {
        struct err err = {0};
        struct parsed parsed = {0};
        struct option_group group = group_of(&parsed);
        struct string_list words = {&hostile[i], 1};
        assert_fails(options_parse_over(&group, 1, &words, 0, NULL, &parsed.operands, &err), err, ERR_DATA);
        forget(&parsed);
    }
}

static void words_of_a_megabyte_are_refused_in_one_line(void **state UNUSED)
{
    size_t length = 1 << 20;
    AUTO_FREE char *word = malloc(length + 1);
    assert_non_null(word);
    memset(word, 'a', length);
    word[length] = '\0';
    memcpy(word, "--", 2);
    REFUSED("unknown option --aaaa", word);
    memcpy(word, "-c", 2);
    REFUSED("is not a whole number", word);
}

static void a_list_has_an_end(void **state UNUSED)
{
    char word[2 * 5000];
    for (size_t i = 0; i < sizeof word; i++)
        word[i] = i % 2 ? ',' : 'a';
    word[sizeof word - 1] = '\0';
    REFUSED("--instance-types: more than 4096 values", "--instance-types", word);
}

static void bytes_of_any_kind_never_crash_the_parser(void **state UNUSED)
{
    static char *const hostile[] = {"--=",      "--=x",
                                    "-=",       "--\xff",
                                    "-\xff",    "--region\n=a",
                                    "-r=",      "--output",
                                    "-o",       "--r\033[2Jegion",
                                    "---",      "--memory=-1",
                                    "--memory", "%s%n%s",
                                    "--%n=%s",  "-%"};
    for (size_t i = 0; i < ARRAY_LENGTH(hostile); i++) {
        for (size_t j = 0; j < ARRAY_LENGTH(hostile); j++) {
            struct parsed parsed;
            PARSE(&parsed, hostile[i], hostile[j]);
            assert_true(parsed.result == 0 || parsed.err.kind == ERR_USAGE);
            forget(&parsed);
        }
    }
}

static void what_a_flag_excludes_is_refused_when_it_is_given_beside_it(void **state UNUSED)
{
    struct parsed parsed;
    PARSE(&parsed, "--zone", "a", "--region", "r");
    assert_int_equal(parsed.result, 0);
    forget(&parsed);
    REFUSED("--zone and --local exclude each other", "--zone", "a", "-l");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_parsed_like_words),
        cmocka_unit_test(values_come_after_an_equals_sign_or_a_space_or_a_letter),
        cmocka_unit_test(operands_stand_anywhere_and_two_dashes_end_options),
        cmocka_unit_test(lists_grow_with_commas_and_repetition_and_replace_their_default),
        cmocka_unit_test(an_unknown_option_brings_the_nearest_to_mind),
        cmocka_unit_test(a_missing_value_is_not_taken_from_the_next_option),
        cmocka_unit_test(an_empty_value_is_an_error),
        cmocka_unit_test(a_single_value_is_given_once),
        cmocka_unit_test(a_number_out_of_range_names_option_and_range),
        cmocka_unit_test(a_choice_lists_what_there_is),
        cmocka_unit_test(a_flag_takes_no_value),
        cmocka_unit_test(what_a_flag_excludes_is_refused_when_it_is_given_beside_it),
        cmocka_unit_test(the_environment_changes_defaults_and_gives_way_to_words),
        cmocka_unit_test(a_variable_that_no_option_names_changes_nothing),
        cmocka_unit_test(options_become_words_that_parse_to_the_same),
        cmocka_unit_test(a_path_becomes_absolute),
        cmocka_unit_test(what_is_typed_takes_the_place_of_stored_words),
        cmocka_unit_test(stored_words_that_are_no_options_are_refused),
        cmocka_unit_test(words_of_a_megabyte_are_refused_in_one_line),
        cmocka_unit_test(a_list_has_an_end),
        cmocka_unit_test(bytes_of_any_kind_never_crash_the_parser),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
