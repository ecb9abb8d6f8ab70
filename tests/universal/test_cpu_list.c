#include "topology/cpu_list.h"

#include "test.h"
#include "tree.h"

#include <string.h>

static void expect(const char *text, const char *formatted, size_t count)
{
    struct cpu_list list;
    struct err err = {0};
    char out[256];
    assert_int_equal(cpu_list_parse(text, &list, &err), 0);
    assert_int_equal(list.count, count);
    assert_true(cpu_list_format(&list, out, sizeof out));
    assert_string_equal(out, formatted);
}

TEST(reads_single_cpus_and_ranges)
{
    expect("0", "0", 1);
    expect("0-3", "0-3", 4);
    expect("0-3,8,10-11", "0-3,8,10-11", 7);
    expect("4095", "4095", 1);
    expect("", "", 0);
}

TEST(joins_neighbours_when_it_writes)
{
    expect("0,1,2,5", "0-2,5", 4);
}

TEST(refuses_what_is_no_list)
{
    static const char *const wrong[] = {
        "x",     "-1",    "1-",   "3-1",    "1,", ",1", "1,,2",
        "2,1",   "1-3,2", "4096", "0-4096", "1 ", " 1", "99999999999999999999",
        "1-2-3", "0\n"};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        struct cpu_list list;
        struct err err = {0};
        assert_int_equal(cpu_list_parse(wrong[i], &list, &err), -1);
        assert_int_equal(err.kind, ERR_DATA);
    }
}

TEST(keeps_what_two_lists_share)
{
    struct cpu_list list, other;
    cpu_list_parse("0-7", &list, NULL);
    cpu_list_parse("2,5-9", &other, NULL);
    cpu_list_intersect(&list, &other);
    char out[64];
    assert_true(cpu_list_format(&list, out, sizeof out));
    assert_string_equal(out, "2,5-7");
    assert_true(cpu_list_contains(&list, 5));
    assert_false(cpu_list_contains(&list, 3));
}

TEST(says_when_the_text_does_not_fit)
{
    struct cpu_list list;
    char out[6];
    cpu_list_parse("0,2,4,6,8", &list, NULL);
    assert_false(cpu_list_format(&list, out, sizeof out));
}

TEST(reads_a_file_and_its_line_end)
{
    AUTO_TREE struct tree tree = tree_make();
    struct cpu_list list;
    tree_write(&tree, "/online", "0-1\n");
    assert_true(cpu_list_read(tree.root, "/online", &list));
    assert_int_equal(list.count, 2);
    assert_false(cpu_list_read(tree.root, "/absent", &list));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_single_cpus_and_ranges),    cmocka_unit_test(joins_neighbours_when_it_writes),
        cmocka_unit_test(refuses_what_is_no_list),         cmocka_unit_test(keeps_what_two_lists_share),
        cmocka_unit_test(says_when_the_text_does_not_fit), cmocka_unit_test(reads_a_file_and_its_line_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
