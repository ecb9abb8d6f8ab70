#include "unit.h"

#include "sample_results.h"

#include "results/census.h"

struct found {
    int count;
    char last[1024]; /* "rule: message" */
};

static void keep(void *context, const char *rule, const char *message)
{
    struct found *found = context;
    found->count++;
    snprintf(found->last, sizeof found->last, "%s: %s", rule, message);
}

static struct document_facts facts_of(const char *type, const char *run)
{
    struct document_facts facts = sample_facts();
    facts.instance_type = type;
    facts.run_id = run;
    return facts;
}

/* A stream document whose metrics have these samples. */
static cJSON *tree_of(const struct document_facts *facts, const double *samples, size_t count)
{
    struct err err;
    AUTO_SUITE_OUTPUT struct suite_output output = {0};
    AUTO_DOCUMENT struct document document = {0};
    sample_output("stream", &output);
    for (size_t i = 0; i < output.metric_count; i++) {
        free(output.metrics[i].samples);
        output.metrics[i].samples = calloc(count, sizeof *samples);
        assert_non_null(output.metrics[i].samples);
        output.metrics[i].count = count;
        for (size_t j = 0; j < count; j++) /* each metric has others, in all but the first digits */
            output.metrics[i].samples[j] = samples[j] * (double)(i + 1);
    }
    assert_succeeds(document_build(facts, &output, &document, &err), err);
    return sample_tree(document.text, document.length);
}

static struct found take(struct census *census, const char *file, const cJSON *tree)
{
    struct err err = {0};
    struct found found = {0};
    const char *digest = json_string_or(tree, "integrity.sha256", "");
    int count = census_take(census, file, tree, digest, keep, &found, &err);
    if (count != found.count)
        fail_msg("%d findings, %d told: %s", count, found.count, err.message);
    return found;
}

static const double fine[] = {41.2345678, 41.3456789, 41.456789};

static void the_same_samples_under_another_type_or_run_are_copied(void **state UNUSED)
{
    static const struct {
        const char *type;
        const char *run;
        const char *found;
    } rows[] = {
        {"m7i.large", "run-1", ""},
        {"m7i.xlarge", "run-1", "copied: all samples are those of 0.json"},
        {"m7i.large", "run-2", "copied: all samples are those of 0.json"},
    };
    AUTO_CENSUS struct census census = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        char file[16];
        struct document_facts facts = facts_of(rows[i].type, rows[i].run);
        snprintf(file, sizeof file, "%zu.json", i);
        AUTO_JSON cJSON *tree = tree_of(&facts, fine, ARRAY_LENGTH(fine));
        assert_string_equal(take(&census, file, tree).last, rows[i].found);
    }
}

static void one_copied_metric_among_others_is_found(void **state UNUSED)
{
    static const double others[] = {51.2345678, 51.3456789, 51.456789};
    struct document_facts facts = facts_of("m7i.large", "run-1");
    struct document_facts others_facts = facts_of("c7g.large", "run-2");
    AUTO_CENSUS struct census census = {0};
    AUTO_JSON cJSON *original = tree_of(&facts, fine, ARRAY_LENGTH(fine));
    AUTO_JSON cJSON *other = tree_of(&others_facts, others, ARRAY_LENGTH(others));
    cJSON *second = cJSON_GetArrayItem(cJSON_GetObjectItem(other, "measurements"), 1);
    sample_set(second, "samples", cJSON_CreateDoubleArray(fine, ARRAY_LENGTH(fine)));
    assert_string_equal(take(&census, "a.json", original).last, "");
    assert_string_equal(take(&census, "b.json", other).last,
                        "copied: the samples of 'scale.bandwidth' are those of a.json");
}

/* Documents of two types with the samples given to both. */
static struct found take_two(const double *samples, size_t count)
{
    struct document_facts one = facts_of("m7i.large", "run-1");
    struct document_facts two = facts_of("c7g.large", "run-1");
    AUTO_CENSUS struct census census = {0};
    AUTO_JSON cJSON *first = tree_of(&one, samples, count);
    AUTO_JSON cJSON *second = tree_of(&two, samples, count);
    assert_string_equal(take(&census, "a.json", first).last, "");
    return take(&census, "b.json", second);
}

static void what_may_agree_by_chance_is_no_copy(void **state UNUSED)
{
    assert_string_equal(take_two((const double[]){50, 50, 50}, 3).last, "");
    assert_string_equal(take_two((const double[]){50, 50.5, 50}, 3).last, "");
    assert_string_equal(take_two((const double[]){0.125}, 1).last, "");
}

/* Three coarse samples of one metric may agree, those of all four metrics don't. */
static void coarse_samples_tell_by_their_number(void **state UNUSED)
{
    assert_string_equal(take_two((const double[]){38.5, 38.75, 39}, 3).last,
                        "copied: all samples are those of a.json");
    assert_string_equal(take_two((const double[]){38.1234567}, 1).last,
                        "copied: all samples are those of a.json");
}

static void counts_are_alike_on_machines_that_are_alike(void **state UNUSED)
{
    struct document_facts one = facts_of("m7i.large", "run-1");
    struct document_facts two = facts_of("c7g.large", "run-1");
    AUTO_CENSUS struct census census = {0};
    AUTO_JSON cJSON *first = tree_of(&one, fine, ARRAY_LENGTH(fine));
    AUTO_JSON cJSON *second = tree_of(&two, fine, ARRAY_LENGTH(fine));
    cJSON *trees[] = {first, second};
    for (size_t i = 0; i < ARRAY_LENGTH(trees); i++) {
        cJSON *measurement;
        cJSON_ArrayForEach(measurement, cJSON_GetObjectItem(trees[i], "measurements"))
        {
            sample_set(measurement, "unit", cJSON_CreateString("count"));
        }
    }
    assert_string_equal(take(&census, "a.json", first).last, "");
    assert_string_equal(take(&census, "b.json", second).last, "");
}

static void other_content_under_one_identity_is_a_duplicate_and_a_copy_is_none(void **state UNUSED)
{
    static const double others[] = {51.2345678, 51.3456789, 51.456789};
    struct document_facts facts = facts_of("m7i.large", "run-1");
    AUTO_CENSUS struct census census = {0};
    AUTO_JSON cJSON *tree = tree_of(&facts, fine, ARRAY_LENGTH(fine));
    AUTO_JSON cJSON *other = tree_of(&facts, others, ARRAY_LENGTH(others));
    assert_string_equal(take(&census, "a.json", tree).last, "");
    assert_string_equal(take(&census, "b.json", tree).last, "");
    assert_string_equal(
        take(&census, "c.json", other).last,
        "duplicate: a.json has the same run, instance, suite and iteration, and other content");
}

static struct found take_foreign(struct census *census, const char *file, const char *text)
{
    struct err err = {0};
    struct found found = {0};
    AUTO_JSON cJSON *tree = sample_tree(text, strlen(text));
    int count = census_take_foreign(census, file, tree, keep, &found, &err);
    if (count != found.count)
        fail_msg("%d findings, %d told: %s", count, found.count, err.message);
    return found;
}

/* Across both layouts; a second run of one type may come to the same. */
static void numbers_of_another_type_in_a_foreign_result_are_copied(void **state UNUSED)
{
    AUTO_CENSUS struct census census = {0};
    assert_string_equal(
        take_foreign(&census, "a.json",
                     "{\"metadata\": {\"instance_type\": \"m7i.large\"}, \"performance_data\": "
                     "{\"stream\": {\"add\": {\"bandwidth\": 42.1}, \"copy\": {\"bandwidth\": "
                     "45.2}, \"triad\": {\"bandwidth\": 41.9}}}}")
            .last,
        "");
    assert_string_equal(
        take_foreign(&census, "b.json",
                     "{\"metadata\": {\"instanceType\": \"c7g.large\"}, \"performance\": "
                     "{\"memory\": {\"metadata\": {\"iterations\": 4.5}, \"stream\": {\"add\": "
                     "{\"bandwidth\": 42.1, \"runs\": 4}, \"copy\": {\"bandwidth\": 45.2}, "
                     "\"triad\": {\"bandwidth\": 41.9}}}}}")
            .last,
        "copied: all its numbers are those of a.json, which is of another type");
    assert_string_equal(
        take_foreign(&census, "c.json",
                     "{\"instanceType\": \"m7i.large\", \"performance\": {\"a\": 42.1, \"b\": "
                     "45.2, \"c\": 41.9}}")
            .last,
        "");
}

static void two_numbers_of_a_foreign_result_may_agree(void **state UNUSED)
{
    AUTO_CENSUS struct census census = {0};
    static const char *const types[] = {"m7g.large", "c7g.large"};
    for (size_t i = 0; i < ARRAY_LENGTH(types); i++) {
        char text[256];
        snprintf(text, sizeof text,
                 "{\"instance_type\": \"%s\", \"performance\": {\"score\": 25.7425, \"deviation\": 0.00433}}",
                 types[i]);
        assert_string_equal(take_foreign(&census, "x.json", text).last, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_samples_under_another_type_or_run_are_copied),
        cmocka_unit_test(one_copied_metric_among_others_is_found),
        cmocka_unit_test(what_may_agree_by_chance_is_no_copy),
        cmocka_unit_test(coarse_samples_tell_by_their_number),
        cmocka_unit_test(counts_are_alike_on_machines_that_are_alike),
        cmocka_unit_test(other_content_under_one_identity_is_a_duplicate_and_a_copy_is_none),
        cmocka_unit_test(numbers_of_another_type_in_a_foreign_result_are_copied),
        cmocka_unit_test(two_numbers_of_a_foreign_result_may_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
