#include "unit.h"

#include "table.h"

#include <stdio.h>
#include <string.h>

static const struct table_column columns[] = {
    {"instance_type", "TYPE", TABLE_EXACT}, {"vcpus", "VCPUS", TABLE_EXACT}, {"price.hour", "USD/H", 3},
    {"zones", "ZONES", TABLE_EXACT},        {"runnable", NULL, TABLE_EXACT},
};

/* What is printed for rows given as JSON; the caller free()s it. */
static char *print(enum output_format format, const char *json)
{
    struct err err = {0};
    AUTO_JSON cJSON *rows = json_parse(json, strlen(json), 65536, &err);
    assert_non_null(rows);
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    assert_succeeds(table_print(out, format, columns, ARRAY_LENGTH(columns), rows, &err), err);
    fclose(out);
    return text;
}

static void assert_prints(enum output_format format, const char *json, const char *wanted)
{
    AUTO_FREE char *text = print(format, json);
    assert_string_equal(text, wanted);
}

#define TWO_TYPES                                                                                            \
    "[{\"instance_type\":\"m7i.large\",\"vcpus\":2,\"price\":{\"hour\":0.10080},\"zones\":[\"a\",\"b\"]},"   \
    "{\"instance_type\":\"u-6tb1.112xlarge\",\"vcpus\":448,\"price\":{\"hour\":null},\"runnable\":false}]"

static void a_table_aligns_numbers_right_and_shows_null_as_a_dash(void **state UNUSED)
{
    assert_prints(OUTPUT_TABLE, TWO_TYPES,
                  "TYPE              VCPUS  USD/H  ZONES\n"
                  "m7i.large             2  0.101  a,b\n"
                  "u-6tb1.112xlarge    448  -      -\n");
}

static void csv_is_exact_and_has_every_column(void **state UNUSED)
{
    assert_prints(OUTPUT_CSV, TWO_TYPES,
                  "instance_type,vcpus,price.hour,zones,runnable\r\n"
                  "m7i.large,2,0.1008,\"a,b\",\r\n"
                  "u-6tb1.112xlarge,448,,,false\r\n");
}

static void csv_doubles_quotes(void **state UNUSED)
{
    assert_prints(OUTPUT_CSV, "[{\"instance_type\":\"a \\\"b\\\"\"}]",
                  "instance_type,vcpus,price.hour,zones,runnable\r\n\"a \"\"b\"\"\",,,,\r\n");
}

static void json_is_what_the_rows_are_beyond_the_columns(void **state UNUSED)
{
    assert_prints(OUTPUT_JSON, "[{\"other\":1}]", "[{\n    \"other\": 1\n  }]\n");
}

static void no_rows_leave_the_titles_or_an_empty_array(void **state UNUSED)
{
    assert_prints(OUTPUT_TABLE, "[]", "TYPE  VCPUS  USD/H  ZONES\n");
    assert_prints(OUTPUT_JSON, "[]", "[]\n");
}

static void control_characters_stay_out_of_table_and_csv(void **state UNUSED)
{
    const char *hostile = "[{\"instance_type\":\"a\\u001b[2Jb\\nc\"}]";
    for (int format = OUTPUT_TABLE; format <= OUTPUT_CSV; format++) {
        AUTO_FREE char *text = print((enum output_format)format, hostile);
        assert_null(strchr(text, '\033'));
    }
    AUTO_FREE char *text = print(OUTPUT_TABLE, hostile);
    assert_non_null(strstr(text, "a?[2Jb c"));
}

static void letters_beyond_ascii_take_one_column(void **state UNUSED)
{
    assert_prints(OUTPUT_TABLE, "[{\"instance_type\":\"Zürich\",\"vcpus\":1},{\"instance_type\":\"abcdef\"}]",
                  "TYPE    VCPUS  USD/H  ZONES\n"
                  "Zürich      1  -      -\n"
                  "abcdef  -      -      -\n");
}

/* The same rows on a terminal so wide; the caller free()s it. */
static char *print_fitted(unsigned width)
{
    static const char *const leaving[] = {"vcpus", "zones", NULL};
    struct err err = {0};
    AUTO_JSON cJSON *rows = json_parse(TWO_TYPES, strlen(TWO_TYPES), 65536, &err);
    const struct table_fit fit = {width, leaving};
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    assert_succeeds(table_print_fitted(out, OUTPUT_TABLE, columns, ARRAY_LENGTH(columns), rows, &fit, &err),
                    err);
    fclose(out);
    return text;
}

static void columns_leave_in_their_order_until_the_table_fits(void **state UNUSED)
{
    static const struct {
        unsigned width;
        const char *titles;
    } cases[] = {
        {0, "TYPE              VCPUS  USD/H  ZONES\n"},
        {37, "TYPE              VCPUS  USD/H  ZONES\n"},
        {36, "TYPE              USD/H  ZONES\n"},
        {30, "TYPE              USD/H  ZONES\n"},
        {29, "TYPE              USD/H\n"},
        {5, "TYPE              USD/H\n"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        AUTO_FREE char *text = print_fitted(cases[i].width);
        text[strcspn(text, "\n") + 1] = '\0';
        assert_string_equal(text, cases[i].titles);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_aligns_numbers_right_and_shows_null_as_a_dash),
        cmocka_unit_test(csv_is_exact_and_has_every_column),
        cmocka_unit_test(csv_doubles_quotes),
        cmocka_unit_test(columns_leave_in_their_order_until_the_table_fits),
        cmocka_unit_test(json_is_what_the_rows_are_beyond_the_columns),
        cmocka_unit_test(no_rows_leave_the_titles_or_an_empty_array),
        cmocka_unit_test(control_characters_stay_out_of_table_and_csv),
        cmocka_unit_test(letters_beyond_ascii_take_one_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
