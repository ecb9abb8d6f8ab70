#include "topology/cgroup.h"

#include "test.h"
#include "tree.h"

#define MIB ((uint64_t)1 << 20)

TEST(finds_the_path_of_either_version)
{
    const char *text = "12:memory:/docker/abc\n3:cpu,cpuacct:/jobs\n0::/user.slice\n";
    char path[64];
    assert_true(cgroup_path(text, "memory", path, sizeof path));
    assert_string_equal(path, "/docker/abc");
    assert_true(cgroup_path(text, "cpu", path, sizeof path));
    assert_string_equal(path, "/jobs");
    assert_true(cgroup_path(text, "cpuacct", path, sizeof path));
    assert_true(cgroup_path(text, NULL, path, sizeof path));
    assert_string_equal(path, "/user.slice");
}

TEST(finds_no_path_where_there_is_none)
{
    char path[64], small[4];
    assert_false(cgroup_path("", "memory", path, sizeof path));
    assert_false(cgroup_path("1:cpu:/x\n", "memory", path, sizeof path));
    assert_false(cgroup_path("1:cpuset:/x\n", "cpu", path, sizeof path));
    assert_false(cgroup_path("memory", "memory", path, sizeof path));
    assert_false(cgroup_path("1:memory", "memory", path, sizeof path));
    assert_false(cgroup_path("1:memory:relative\n", "memory", path, sizeof path));
    assert_false(cgroup_path("1:memory:/too/long\n", "memory", small, sizeof small));
}

TEST(reads_cpu_max)
{
    assert_float_equal(cgroup_parse_cpu_max("150000 100000"), 1.5, 1e-9);
    assert_float_equal(cgroup_parse_cpu_max("max 100000"), 0, 1e-9);
    assert_float_equal(cgroup_parse_cpu_max("100000 0"), 0, 1e-9);
    assert_float_equal(cgroup_parse_cpu_max("100000"), 0, 1e-9);
    assert_float_equal(cgroup_parse_cpu_max("1 2 3"), 0, 1e-9);
}

TEST(takes_version_2_limits_of_the_group_and_those_above_it)
{
    AUTO_TREE struct tree tree = tree_make();
    tree_write(&tree, "/proc/self/cgroup", "0::/outer/inner\n");
    tree_write(&tree, "/sys/fs/cgroup/outer/memory.max", "536870912\n");
    tree_write(&tree, "/sys/fs/cgroup/outer/memory.current", "16777216\n");
    tree_write(&tree, "/sys/fs/cgroup/outer/inner/memory.max", "max\n");
    tree_write(&tree, "/sys/fs/cgroup/outer/inner/memory.high", "268435456\n");
    tree_write(&tree, "/sys/fs/cgroup/outer/inner/memory.current", "67108864\n");
    tree_write(&tree, "/sys/fs/cgroup/outer/inner/memory.stat", "anon 1\ninactive_file 33554432\n");
    tree_write(&tree, "/sys/fs/cgroup/outer/cpu.max", "200000 100000\n");
    tree_write(&tree, "/sys/fs/cgroup/outer/inner/cpu.max", "max 100000\n");
    struct cgroup_limits limits = cgroup_read_limits(tree.root);
    assert_true(limits.memory_bytes.known);
    assert_int_equal(limits.memory_bytes.value, 256 * MIB);
    assert_int_equal(limits.memory_left_bytes.value, (256 - 64 + 32) * MIB);
    assert_float_equal(limits.cpus, 2, 1e-9);
}

TEST(takes_version_1_limits_of_a_container_that_sees_its_group_at_the_top)
{
    AUTO_TREE struct tree tree = tree_make();
    tree_write(&tree, "/proc/self/cgroup", "5:memory:/docker/0123\n2:cpu,cpuacct:/docker/0123\n");
    tree_write(&tree, "/sys/fs/cgroup/memory/memory.limit_in_bytes", "67108864\n");
    tree_write(&tree, "/sys/fs/cgroup/memory/memory.usage_in_bytes", "4194304\n");
    tree_write(&tree, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n");
    tree_write(&tree, "/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    struct cgroup_limits limits = cgroup_read_limits(tree.root);
    assert_int_equal(limits.memory_bytes.value, 64 * MIB);
    assert_int_equal(limits.memory_left_bytes.value, 60 * MIB);
    assert_float_equal(limits.cpus, 0.5, 1e-9);
}

TEST(knows_no_limit_where_none_is_set)
{
    AUTO_TREE struct tree tree = tree_make();
    tree_write(&tree, "/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    tree_write(&tree, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    tree_write(&tree, "/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    struct cgroup_limits limits = cgroup_read_limits(tree.root);
    assert_false(limits.memory_bytes.known);
    assert_false(limits.memory_left_bytes.known);
    assert_float_equal(limits.cpus, 0, 1e-9);
}

TEST(knows_no_limit_where_everything_is_hidden)
{
    struct cgroup_limits limits = cgroup_read_limits("/nowhere");
    assert_false(limits.memory_bytes.known);
    assert_float_equal(limits.cpus, 0, 1e-9);
}

TEST(has_nothing_left_when_more_is_used_than_allowed)
{
    AUTO_TREE struct tree tree = tree_make();
    tree_write(&tree, "/sys/fs/cgroup/memory.max", "1048576\n");
    tree_write(&tree, "/sys/fs/cgroup/memory.current", "2097152\n");
    struct cgroup_limits limits = cgroup_read_limits(tree.root);
    assert_true(limits.memory_left_bytes.known);
    assert_int_equal(limits.memory_left_bytes.value, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_path_of_either_version),
        cmocka_unit_test(finds_no_path_where_there_is_none),
        cmocka_unit_test(reads_cpu_max),
        cmocka_unit_test(takes_version_2_limits_of_the_group_and_those_above_it),
        cmocka_unit_test(takes_version_1_limits_of_a_container_that_sees_its_group_at_the_top),
        cmocka_unit_test(knows_no_limit_where_none_is_set),
        cmocka_unit_test(knows_no_limit_where_everything_is_hidden),
        cmocka_unit_test(has_nothing_left_when_more_is_used_than_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
