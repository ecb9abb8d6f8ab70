/* Parser, help, completion and manual page are made from the same rows: this holds them together. */
#include "unit.h"

#include "commands.h"
#include "optdoc.h"

#include <ctype.h>
#include <string.h>

#define LONGEST_PAGE (1024 * 1024)

static void each_option(void (*check)(const struct command *command, const struct option_spec *spec))
{
    for (size_t i = 0; all_commands[i]; i++) {
        struct option_group groups[OPTDOC_MOST_GROUPS];
        size_t count = optdoc_groups(all_commands[i], groups);
        for (size_t g = 0; g < count; g++)
            for (size_t j = 0; j < groups[g].count; j++)
                check(all_commands[i], &groups[g].specs[j]);
    }
}

static void assert_contains(const struct strbuf *page, const char *words, const char *what)
{
    assert_false(page->failed);
    if (!strstr(page->data, words))
        fail_msg("%s lacks '%s'", what, words);
}

/* --- rows ------------------------------------------------------------------------------------ */

static bool is_number(const struct option_spec *spec)
{
    return spec->type == OPTION_NUMBER || spec->type == OPTION_DURATION || spec->type == OPTION_SIZE;
}

static void check_words(const struct option_spec *spec)
{
    for (const char *c = spec->name; *c; c++)
        assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '-');
    assert_true(spec->help && strlen(spec->help) > 1);
    assert_int_equal(spec->help[strlen(spec->help) - 1], '.');
    bool nameless = spec->type == OPTION_FLAG || spec->type == OPTION_CHOICE;
    if (nameless != !spec->value_name)
        fail_msg("--%s: a value name belongs to all but flags and choices", spec->name);
}

static void check_row(const struct command *command UNUSED, const struct option_spec *spec)
{
    check_words(spec);
    assert_in_range(spec->type, OPTION_FLAG, OPTION_CHOICE);
    assert_true(spec->min <= spec->max);
    assert_true(is_number(spec) || (!spec->min && !spec->max));
    assert_true(spec->type != OPTION_CHOICE || (spec->choices && spec->choices[0]));
    assert_true(!spec->choices || spec->type == OPTION_CHOICE || spec->type == OPTION_LIST);
    assert_true(spec->type != OPTION_FLAG || (!spec->default_text && !spec->from_environment));
}

static void every_row_is_complete(void **state UNUSED)
{
    each_option(check_row);
}

static void no_two_options_of_a_command_share_name_letter_or_place(void **state UNUSED)
{
    for (size_t i = 0; all_commands[i]; i++) {
        struct option_group groups[OPTDOC_MOST_GROUPS];
        const struct option_spec *seen[256];
        size_t seen_group[256];
        size_t count = 0;
        size_t group_count = optdoc_groups(all_commands[i], groups);
        for (size_t g = 0; g < group_count; g++) {
            for (size_t j = 0; j < groups[g].count; j++) {
                const struct option_spec *spec = &groups[g].specs[j];
                for (size_t k = 0; k < count; k++) {
                    assert_string_not_equal(spec->name, seen[k]->name);
                    assert_true(!spec->letter || spec->letter != seen[k]->letter);
                    bool overlap = seen_group[k] == g &&
                                   spec->offset < seen[k]->offset + option_field_size(seen[k]->type) &&
                                   seen[k]->offset < spec->offset + option_field_size(spec->type);
                    if (overlap)
                        fail_msg("'%s': --%s and --%s fill one place", all_commands[i]->name, spec->name,
                                 seen[k]->name);
                }
                assert_true(count < ARRAY_LENGTH(seen));
                seen_group[count] = g;
                seen[count++] = spec;
            }
        }
    }
}

static void assert_inside(const struct option_spec *specs, size_t count, size_t size)
{
    for (size_t i = 0; i < count; i++)
        if (specs[i].offset + option_field_size(specs[i].type) > size)
            fail_msg("--%s lies outside its struct", specs[i].name);
}

static void every_offset_lies_inside_its_struct(void **state UNUSED)
{
    for (size_t i = 0; all_commands[i]; i++)
        assert_inside(all_commands[i]->options, all_commands[i]->option_count, all_commands[i]->options_size);
    assert_inside(common_option_specs, common_option_count, sizeof(struct common_options));
    assert_inside(account_option_specs, account_option_count, sizeof(struct account_options));
}

static void every_default_parses(void **state UNUSED)
{
    for (size_t i = 0; all_commands[i]; i++) {
        const struct command *command = all_commands[i];
        struct common_options common = {0};
        struct account_options account = {0};
        struct err err = {0};
        AUTO_OPERANDS struct operands operands = {0};
        AUTO_FREE void *own = calloc(1, command->options_size + 1);
        const struct option_group groups[] = {
            {NULL, command->options, command->option_count, own},
            {NULL, common_option_specs, common_option_count, &common},
            {NULL, account_option_specs, account_option_count, &account},
        };
        char *none[] = {NULL};
        assert_succeeds(options_parse(groups, ARRAY_LENGTH(groups), 0, none, &operands, &err), err);
        options_free(groups, ARRAY_LENGTH(groups));
    }
}

/* --- pages ----------------------------------------------------------------------------------- */

static void check_help(const struct command *command, const struct option_spec *spec)
{
    AUTO_STRBUF struct strbuf page = STRBUF_INIT(LONGEST_PAGE);
    AUTO_STRBUF struct strbuf head = STRBUF_INIT(1024);
    optdoc_help(&page, command);
    optdoc_head(&head, spec);
    assert_contains(&page, strbuf_text(&head), command->name);
    if (spec->from_environment) {
        char variable[OPTION_ENVIRONMENT_SIZE];
        option_environment_name(spec, variable);
        assert_contains(&page, variable, command->name);
    }
}

static void every_option_is_in_the_help(void **state UNUSED)
{
    each_option(check_help);
}

static void every_line_of_the_help_fits_80_columns(void **state UNUSED)
{
    for (size_t i = 0; all_commands[i]; i++) {
        AUTO_STRBUF struct strbuf page = STRBUF_INIT(LONGEST_PAGE);
        optdoc_help(&page, all_commands[i]);
        const char *examples = strstr(strbuf_text(&page), "\nExamples:");
        const char *line = strbuf_text(&page);
        while (line && *line && (!examples || line < examples)) {
            size_t length = strcspn(line, "\n");
            if (length > 100) /* bytes: there may be letters of several */
                fail_msg("'%s': the line '%.*s' is too long", all_commands[i]->name, (int)length, line);
            line = line[length] ? line + length + 1 : NULL;
        }
    }
}

static void check_man(const struct command *command UNUSED, const struct option_spec *spec)
{
    AUTO_STRBUF struct strbuf page = STRBUF_INIT(LONGEST_PAGE);
    AUTO_STRBUF struct strbuf name = STRBUF_INIT(1024);
    optdoc_man(&page, all_commands);
    strbuf_adds(&name, "\\-\\-");
    for (const char *c = spec->name; *c; c++)
        strbuf_addf(&name, *c == '-' ? "\\%c" : "%c", *c);
    assert_contains(&page, strbuf_text(&name), "the manual page");
}

static void every_option_is_in_the_manual_page(void **state UNUSED)
{
    each_option(check_man);
}

static void the_manual_page_is_plain_ascii(void **state UNUSED)
{
    AUTO_STRBUF struct strbuf page = STRBUF_INIT(LONGEST_PAGE);
    optdoc_man(&page, all_commands);
    for (size_t i = 0; i < page.length; i++)
        assert_true(page.data[i] == '\n' || (page.data[i] >= 0x20 && page.data[i] < 0x7f));
}

static void check_completion(const struct command *command, const struct option_spec *spec)
{
    AUTO_STRBUF struct strbuf bash = STRBUF_INIT(LONGEST_PAGE);
    AUTO_STRBUF struct strbuf zsh = STRBUF_INIT(LONGEST_PAGE);
    AUTO_STRBUF struct strbuf fish = STRBUF_INIT(LONGEST_PAGE);
    const struct command *const one[] = {command, NULL};
    char words[128];
    optdoc_bash(&bash, one);
    optdoc_zsh(&zsh, one);
    optdoc_fish(&fish, one);
    snprintf(words, sizeof words, "--%s", spec->name);
    assert_contains(&bash, words, "bash completion");
    assert_contains(&zsh, words, "zsh completion");
    snprintf(words, sizeof words, "-l %s ", spec->name);
    assert_contains(&fish, words, "fish completion");
    for (size_t i = 0; spec->choices && spec->choices[i]; i++) {
        assert_contains(&bash, spec->choices[i], "bash completion");
        assert_contains(&zsh, spec->choices[i], "zsh completion");
        assert_contains(&fish, spec->choices[i], "fish completion");
    }
}

static void every_option_and_choice_is_completed_in_three_shells(void **state UNUSED)
{
    each_option(check_completion);
}

static void every_command_is_in_the_overview(void **state UNUSED)
{
    AUTO_STRBUF struct strbuf page = STRBUF_INIT(LONGEST_PAGE);
    optdoc_overview(&page, all_commands, NULL);
    for (size_t i = 0; all_commands[i]; i++) {
        assert_contains(&page, all_commands[i]->name, "the overview");
        assert_int_not_equal(all_commands[i]->summary[strlen(all_commands[i]->summary) - 1], '.');
    }
}

/* --- what the rows of today may not show ------------------------------------------------------ */

struct sample {
    uint64_t timeout;
    struct string_list suites;
};

static const char *const suites[] = {"stream", "cache", NULL};
static const struct option_spec sample_specs[] = {
    {.name = "timeout",
     .type = OPTION_DURATION,
     .value_name = "TIME",
     .min = 60,
     .max = 86400,
     .default_text = "1h",
     .from_environment = true,
     .help = ".It's a \"limit\" [of time]: $HOME \\ here… And more.",
     .offset = OPTION_AT(struct sample, timeout)},
    {.name = "benchmarks",
     .type = OPTION_LIST,
     .value_name = "SUITE",
     .choices = suites,
     .help = "Which.",
     .offset = OPTION_AT(struct sample, suites)},
};
static const struct command sample_command = {
    .name = "discover things",
    .summary = "Find what's there",
    .operands = "NAME",
    .options = sample_specs,
    .option_count = ARRAY_LENGTH(sample_specs),
    .options_size = sizeof(struct sample),
};
static const struct command *const sample_commands[] = {&sample_command, NULL};

static void help_says_range_default_choices_and_variable(void **state UNUSED)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(4096);
    optdoc_text(&text, &sample_specs[0]);
    assert_contains(&text, "From 1m to 1d. Default: 1h. Variable: AWS_BENCHMARK_COLLECTOR_TIMEOUT.", "help");
    strbuf_reset(&text);
    optdoc_text(&text, &sample_specs[1]);
    assert_contains(&text, "Any of stream, cache.", "help");
}

static void punctuation_in_a_help_text_is_only_text_to_troff(void **state UNUSED)
{
    AUTO_STRBUF struct strbuf page = STRBUF_INIT(LONGEST_PAGE);
    optdoc_man(&page, sample_commands);
    assert_contains(&page, "\n\\&.It's a \"limit\" [of time]: $HOME \\e here\\[u2026] And more.", "man");
}

static void punctuation_in_a_help_text_is_only_text_to_the_shells(void **state UNUSED)
{
    AUTO_STRBUF struct strbuf zsh = STRBUF_INIT(LONGEST_PAGE);
    AUTO_STRBUF struct strbuf fish = STRBUF_INIT(LONGEST_PAGE);
    optdoc_zsh(&zsh, sample_commands);
    optdoc_fish(&fish, sample_commands);
    assert_contains(&zsh, "'[.It'\\''s a \"limit\" \\[of time\\]\\: $HOME \\\\ here… And more]", "zsh");
    assert_contains(&fish, "-d '.It\\'s a \"limit\" [of time]: $HOME \\\\ here… And more'", "fish");
}

static void a_command_of_two_words_is_found_and_suggested(void **state UNUSED)
{
    struct err err;
    size_t used = 0;
    const char *const right[] = {"discover", "things", "x"};
    assert_ptr_equal(command_find(sample_commands, right, 3, &used, &err), &sample_command);
    assert_int_equal(used, 2);
    const char *const slip[] = {"discover", "thinks"};
    assert_null(command_find(sample_commands, slip, 2, &used, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "did you mean 'discover things'?"));
    assert_null(command_find(sample_commands, slip, 1, &used, &err));
    assert_non_null(strstr(err.message, "'discover' needs one of: things"));
    const char *const other[] = {"discovr"};
    assert_null(command_find(sample_commands, other, 1, &used, &err));
    assert_non_null(strstr(err.message, "did you mean 'discover'?"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(no_two_options_of_a_command_share_name_letter_or_place),
        cmocka_unit_test(every_offset_lies_inside_its_struct),
        cmocka_unit_test(every_default_parses),
        cmocka_unit_test(every_option_is_in_the_help),
        cmocka_unit_test(every_line_of_the_help_fits_80_columns),
        cmocka_unit_test(every_option_is_in_the_manual_page),
        cmocka_unit_test(the_manual_page_is_plain_ascii),
        cmocka_unit_test(every_option_and_choice_is_completed_in_three_shells),
        cmocka_unit_test(every_command_is_in_the_overview),
        cmocka_unit_test(help_says_range_default_choices_and_variable),
        cmocka_unit_test(punctuation_in_a_help_text_is_only_text_to_troff),
        cmocka_unit_test(punctuation_in_a_help_text_is_only_text_to_the_shells),
        cmocka_unit_test(a_command_of_two_words_is_found_and_suggested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
