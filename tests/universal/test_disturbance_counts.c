#include "measure/disturbance_counts.h"

#include "test.h"
#include "tree.h"

static const char cpu_stat_v2[] = "usage_usec 100\nnr_periods 50\nnr_throttled 7\nthrottled_usec 1500\n";
static const char cpu_stat_v1[] = "nr_periods 50\nnr_throttled 7\nthrottled_time 1500000\n";

TEST(stops_of_a_version_2_group_and_of_those_above_it_are_added)
{
    AUTO_TREE struct tree tree = tree_make();
    tree_write(&tree, "/proc/self/cgroup", "0::/slice/scope\n");
    tree_write(&tree, "/sys/fs/cgroup/cpu.stat", "usage_usec 100\n"); /* the root has no quota */
    tree_write(&tree, "/sys/fs/cgroup/slice/cpu.stat", cpu_stat_v2);
    tree_write(&tree, "/sys/fs/cgroup/slice/scope/cpu.stat", cpu_stat_v2);
    struct quota_stops stops = quota_stops_read(tree.root);
    assert_int_equal(stops.periods.value, 14);
    assert_int_equal(stops.nanoseconds.value, 3000000);
}

TEST(stops_of_a_version_1_group_under_two_names_count_once)
{
    AUTO_TREE struct tree tree = tree_make();
    tree_write(&tree, "/proc/self/cgroup", "4:cpu,cpuacct:/docker/0123\n");
    tree_write(&tree, "/sys/fs/cgroup/cpu/cpu.stat", cpu_stat_v1);
    tree_write(&tree, "/sys/fs/cgroup/cpu,cpuacct/cpu.stat", cpu_stat_v1);
    struct quota_stops stops = quota_stops_read(tree.root);
    assert_int_equal(stops.periods.value, 7);
    assert_int_equal(stops.nanoseconds.value, 1500000);
}

TEST(a_group_that_only_the_other_name_shows_counts_too)
{
    AUTO_TREE struct tree tree = tree_make();
    tree_write(&tree, "/sys/fs/cgroup/cpu,cpuacct/cpu.stat", cpu_stat_v1);
    assert_int_equal(quota_stops_read(tree.root).periods.value, 7);
}

TEST(what_is_hidden_is_unknown)
{
    const struct cpu_list cpus = {.count = 1};
    struct quota_stops stops = quota_stops_read("/nowhere");
    assert_false(stops.periods.known);
    assert_false(stops.nanoseconds.known);
    assert_false(thermal_throttles_read("/nowhere", &cpus).known);
}

TEST(throttles_of_the_given_cpus_are_added)
{
    AUTO_TREE struct tree tree = tree_make();
    tree_write(&tree, "/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "100\n");
    tree_write(&tree, "/sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", "3\n");
    tree_write(&tree, "/sys/devices/system/cpu/cpu2/thermal_throttle/core_throttle_count", "4\n");
    const struct cpu_list cpus = {.count = 2, .cpus = {1, 2}};
    assert_int_equal(thermal_throttles_read(tree.root, &cpus).value, 7);
}

TEST(difference_is_unknown_where_a_reading_is_or_the_counter_went_back)
{
    const struct disturbance_counts before = {
        .stolen_ticks = known_u64(5), .thermal_throttles = known_u64(9), .preemptions = known_u64(4)};
    const struct disturbance_counts after = {.stolen_ticks = known_u64(8),
                                             .quota_stops = {known_u64(1), known_u64(1)},
                                             .thermal_throttles = known_u64(2),
                                             .preemptions = known_u64(4)};
    struct disturbance_counts added = disturbance_counts_between(&before, &after);
    assert_true(added.stolen_ticks.known);
    assert_int_equal(added.stolen_ticks.value, 3);
    assert_false(added.quota_stops.periods.known);
    assert_false(added.quota_stops.nanoseconds.known);
    assert_false(added.thermal_throttles.known);
    assert_true(added.preemptions.known);
    assert_int_equal(added.preemptions.value, 0);
}

TEST(all_counters_are_read)
{
    AUTO_TREE struct tree tree = tree_make();
    tree_write(&tree, "/proc/stat", "cpu  1 2 3 4 5 6 7 42 9 10\n");
    tree_write(&tree, "/sys/fs/cgroup/cpu.stat", cpu_stat_v2);
    tree_write(&tree, "/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "1\n");
    AUTO_FREE struct machine *machine = calloc(1, sizeof *machine);
    assert_non_null(machine);
    machine->root = tree.root;
    machine->usable.count = 1;
    struct disturbance_counts counts = disturbance_counts_read(machine);
    assert_int_equal(counts.stolen_ticks.value, 42);
    assert_int_equal(counts.quota_stops.periods.value, 7);
    assert_int_equal(counts.thermal_throttles.value, 1);
    assert_true(counts.preemptions.known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stops_of_a_version_2_group_and_of_those_above_it_are_added),
        cmocka_unit_test(stops_of_a_version_1_group_under_two_names_count_once),
        cmocka_unit_test(a_group_that_only_the_other_name_shows_counts_too),
        cmocka_unit_test(what_is_hidden_is_unknown),
        cmocka_unit_test(throttles_of_the_given_cpus_are_added),
        cmocka_unit_test(difference_is_unknown_where_a_reading_is_or_the_counter_went_back),
        cmocka_unit_test(all_counters_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
