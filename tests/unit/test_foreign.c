#include "unit.h"

#include "sample_results.h"

#include "results/foreign.h"

struct found {
    int count;
    char all[2048]; /* "rule: message", a line each */
};

static void keep(void *context, const char *rule, const char *message)
{
    struct found *found = context;
    size_t used = strlen(found->all);
    found->count++;
    snprintf(found->all + used, sizeof found->all - used, "%s: %s\n", rule, message);
}

static const char *architecture_of(const char *instance_type)
{
    return strncmp(instance_type, "c7g", 3) == 0 ? "arm64" : "x86_64";
}

static struct found check(const char *text)
{
    struct found found = {0};
    struct foreign foreign;
    AUTO_JSON cJSON *tree = sample_tree(text, strlen(text));
    if (!foreign_read(tree, &foreign))
        fail_msg("not known as a foreign result: %s", text);
    check_foreign(tree, &foreign, architecture_of, keep, &found);
    return found;
}

static bool is_foreign(const char *text)
{
    struct foreign foreign;
    AUTO_JSON cJSON *tree = sample_tree(text, strlen(text));
    return foreign_read(tree, &foreign);
}

static void both_layouts_are_known_by_their_shape(void **state UNUSED)
{
    assert_true(is_foreign("{\"metadata\": {\"instance_type\": \"m7i.large\"}, \"performance_data\": {}}"));
    assert_true(is_foreign("{\"metadata\": {\"instanceType\": \"m7i.large\"}, \"performance\": {}}"));
    assert_true(is_foreign("{\"schema_version\": \"1.0.0\", \"instanceType\": \"m7i.large\", "
                           "\"performance\": {\"memory\": {}}}"));
    assert_true(is_foreign("{\"instance_type\": \"m7i.large\", \"performance_data\": {}}"));
}

static void what_is_ours_or_nobody_s_is_not_foreign(void **state UNUSED)
{
    assert_false(is_foreign("{}"));
    assert_false(is_foreign("[]"));
    assert_false(is_foreign("{\"performance\": {}}"));
    assert_false(is_foreign("{\"instance_type\": \"m7i.large\", \"performance\": 5}"));
    assert_false(is_foreign("{\"instance_type\": 5, \"performance\": {}}"));
    /* results and processed files of ours that lack something */
    assert_false(
        is_foreign("{\"schema_version\": \"1.0.0\", \"metadata\": {\"instance_type\": \"m7i.large\"}, "
                   "\"performance_data\": {}}"));
    assert_false(is_foreign("{\"metadata\": {\"instance_type\": \"m7i.large\"}, \"performance_data\": {}, "
                            "\"measurements\": []}"));
    assert_false(is_foreign("{\"schema\": \"x\", \"metadata\": {\"instance_type\": \"m7i.large\"}, "
                            "\"performance_data\": {}}"));
}

static void an_architecture_that_is_not_the_type_s_is_found(void **state UNUSED)
{
    assert_string_equal(check("{\"metadata\": {\"instanceType\": \"m7i.large\", \"instanceFamily\": \"m7i\", "
                              "\"processorArchitecture\": \"graviton\"}, \"performance\": {}, "
                              "\"system_info\": {\"architecture\": \"arm64\", \"instance_family\": \"m7\"}}")
                            .all,
                        "architecture: m7i.large is x86_64, system_info.architecture says arm64\n"
                        "architecture: m7i.large is x86_64, metadata.processorArchitecture says graviton\n"
                        "architecture: the type m7i.large is not of the family m7\n");
    assert_string_equal(check("{\"metadata\": {\"instanceType\": \"c7g.large\", \"processorArchitecture\": "
                              "\"graviton\"}, \"performance\": {}, \"system_info\": {\"architecture\": "
                              "\"something new\"}}")
                            .all,
                        "");
}

static void numbers_that_can_not_be_are_found_in_either_layout(void **state UNUSED)
{
    assert_string_equal(check("{\"instanceType\": \"m7i.large\", \"performance\": {\"memory\": {\"cache\": {"
                              "\"l3\": {\"access_time\": 0.62, \"unit\": \"ns\"}, "
                              "\"memory\": {\"access_time\": 0.73, \"unit\": \"nanoseconds\"}}}}}")
                            .all,
                        "plausibility: memory.access_time is 0.73 ns: memory is not that fast, a cache is\n");
    assert_string_equal(check("{\"instance_type\": \"m7i.large\", \"performance_data\": {"
                              "\"cache\": {\"l1\": {\"bandwidth\": 99999, \"unit\": \"GB/s\"}, "
                              "\"memory\": {\"latency\": 85, \"unit\": \"ns\"}}, "
                              "\"linpack\": {\"gflops\": 0, \"efficiency\": 1.5}, "
                              "\"stream\": {\"triad\": {\"bandwidth\": 99999, \"unit\": \"GB/s\"}}}}")
                            .all,
                        "plausibility: linpack.gflops is 0\n"
                        "plausibility: linpack.efficiency is 1.5 of what there is\n"
                        "plausibility: triad.bandwidth is 99999 GB/s: no machine's memory gives that\n");
}

static void a_confidence_by_one_run_and_the_digest_of_nothing_are_found(void **state UNUSED)
{
    assert_string_equal(
        check("{\"instanceType\": \"m7i.large\", \"performance\": {}, \"validation\": {\"reproducibility\": {"
              "\"runs\": 1, \"confidence\": 1}, \"checksums\": {\"sha256\": "
              "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}}}")
            .all,
        "statistics: claims a confidence of 1 by 1 run\n"
        "checksum: validation.checksums.sha256 is that of an empty text\n");
    assert_string_equal(check("{\"instanceType\": \"m7i.large\", \"performance\": {}, \"validation\": {"
                              "\"reproducibility\": {\"runs\": 10, \"confidence\": 0.95}}}")
                            .all,
                        "");
}

static void hostile_words_are_made_printable(void **state UNUSED)
{
    struct found found = check("{\"instanceType\": \"m7i\\n\\u001b[31m.large\", \"performance\": {}, "
                               "\"system_info\": {\"architecture\": \"arm64\"}}");
    assert_null(strchr(found.all, '\x1b'));
    assert_int_equal(strchr(found.all, '\n') - found.all, strlen(found.all) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_layouts_are_known_by_their_shape),
        cmocka_unit_test(what_is_ours_or_nobody_s_is_not_foreign),
        cmocka_unit_test(an_architecture_that_is_not_the_type_s_is_found),
        cmocka_unit_test(numbers_that_can_not_be_are_found_in_either_layout),
        cmocka_unit_test(a_confidence_by_one_run_and_the_digest_of_nothing_are_found),
        cmocka_unit_test(hostile_words_are_made_printable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
