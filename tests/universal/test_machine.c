#include "suites/numa_places.h"
#include "topology/machine.h"
#include "topology/system_file.h"

#include "test.h"
#include "tree.h"

#include <string.h>

static void free_machine(struct machine **machine)
{
    free(*machine);
}

#define AUTO_MACHINE CLEANUP(free_machine)

TEST(fields_are_found_by_their_whole_key)
{
    const char *text = "MemTotalHuge: 1 kB\nMemTotal:\t 8000 kB \nmodel name\t: Some CPU \nempty:\n";
    char value[32];
    assert_int_equal(system_text_number(text, "MemTotal").value, 8000);
    assert_true(system_text_field(text, "model name", value, sizeof value));
    assert_string_equal(value, "Some CPU");
    assert_false(system_text_field(text, "empty", value, sizeof value));
    assert_false(system_text_field(text, "absent", value, sizeof value));
    assert_false(system_text_number("MemTotal: lots\n", "MemTotal").known);
    assert_false(system_text_number("MemTotal: 99999999999999999999 kB\n", "MemTotal").known);
}

TEST(machine_without_proc_and_sys_is_read_all_the_same)
{
    AUTO_MACHINE struct machine *machine = machine_read("/nowhere", NULL);
    assert_non_null(machine);
    assert_false(machine->online_known);
    assert_true(machine->usable.count >= 1);
    assert_true(machine->memory_total.known);
    assert_true(machine->memory_available > 0);
    assert_false(machine->nodes.known);
    assert_false(machine->packages.sockets.known);
    assert_string_equal(machine->huge_pages.transparent, "");
    assert_false(machine->huge_pages.pools_known);
    assert_false(machine->mitigations.known);
    assert_string_equal(machine->frequency_policy.governor, "");
}

TEST(faked_memory_is_held_to_what_the_kernel_says)
{
    AUTO_TREE struct tree tree = tree_make();
    tree_write(&tree, "/proc/meminfo", "MemTotal: 999999999999 kB\nMemAvailable: 999999999999 kB\n");
    AUTO_MACHINE struct machine *lying = machine_read(tree.root, NULL);
    AUTO_MACHINE struct machine *hidden = machine_read("/nowhere", NULL);
    assert_int_equal(lying->memory_total.value, hidden->memory_total.value);
    assert_true(lying->memory_available <= hidden->memory_total.value);
}

TEST(memory_available_is_what_the_group_has_left)
{
    AUTO_TREE struct tree tree = tree_make();
    tree_write(&tree, "/sys/fs/cgroup/memory.max", "67108864\n");
    tree_write(&tree, "/sys/fs/cgroup/memory.current", "16777216\n");
    AUTO_MACHINE struct machine *machine = machine_read(tree.root, NULL);
    assert_int_equal(machine->memory_available, 48 << 20);
    assert_int_equal(machine->limits.memory_bytes.value, 64 << 20);
}

TEST(quota_below_one_cpu_leaves_one_thread_and_says_so)
{
    AUTO_TREE struct tree tree = tree_make();
    tree_write(&tree, "/sys/fs/cgroup/cpu.max", "50000 100000\n");
    AUTO_MACHINE struct machine *machine = machine_read(tree.root, NULL);
    assert_int_equal(machine->usable.count, 1);
    assert_true(machine->quota_below_one);
}

TEST(huge_page_mode_is_the_word_in_brackets)
{
    AUTO_TREE struct tree tree = tree_make();
    tree_write(&tree, "/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
    AUTO_MACHINE struct machine *machine = machine_read(tree.root, NULL);
    assert_string_equal(machine->huge_pages.transparent, "madvise");
}

TEST(pools_of_huge_pages_are_counted_by_size)
{
    AUTO_TREE struct tree tree = tree_make();
    tree_write(&tree, "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "0\n");
    tree_write(&tree, "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "16\n");
    tree_write(&tree, "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "3\n");
    tree_write(&tree, "/sys/kernel/mm/hugepages/hugepages-lots/nr_hugepages", "1\n");
    tree_write(&tree, "/sys/kernel/mm/hugepages/other-2048kB/nr_hugepages", "1\n");
    AUTO_MACHINE struct machine *machine = machine_read(tree.root, NULL);
    const struct huge_pages *found = &machine->huge_pages;
    assert_true(found->pools_known);
    assert_int_equal(found->pools_count, 2);
    assert_int_equal(found->pools[0].page_bytes, 2 << 20);
    assert_int_equal(found->pools[0].pages, 16);
    assert_int_equal(found->pools[0].free_pages.value, 3);
    assert_int_equal(found->pools[1].page_bytes, 1 << 30);
    assert_false(found->pools[1].free_pages.known);
}

TEST(mitigations_are_what_the_kernel_says_by_name)
{
    AUTO_TREE struct tree tree = tree_make();
    tree_write(&tree, "/sys/devices/system/cpu/vulnerabilities/spectre_v2",
               "Mitigation: Retpolines; STIBP: on\n");
    tree_write(&tree, "/sys/devices/system/cpu/vulnerabilities/meltdown", "Not affected\n");
    tree_write(&tree, "/sys/devices/system/cpu/vulnerabilities/mds", "");
    AUTO_MACHINE struct machine *machine = machine_read(tree.root, NULL);
    assert_true(machine->mitigations.known);
    assert_int_equal(machine->mitigations.count, 2);
    assert_string_equal(machine->mitigations.rows[0].name, "meltdown");
    assert_string_equal(machine->mitigations.rows[0].text, "Not affected");
    assert_string_equal(machine->mitigations.rows[1].text, "Mitigation: Retpolines; STIBP: on");
}

TEST(frequency_policy_is_that_of_the_cpu_that_is_measured)
{
    AUTO_TREE struct tree tree = tree_make();
    AUTO_MACHINE struct machine *here = machine_read("/nowhere", NULL);
    char path[128];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/cpufreq/scaling_governor",
             machine_measuring_cpu(here));
    tree_write(&tree, path, "performance\n");
    AUTO_MACHINE struct machine *machine = machine_read(tree.root, NULL);
    assert_string_equal(machine->frequency_policy.governor, "performance");
    assert_string_equal(machine->frequency_policy.driver, "");
}

static void write_cpu(const struct tree *tree, size_t cpu, const char *package, const char *siblings)
{
    char path[200];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/topology/physical_package_id", cpu);
    tree_writef(tree, path, "%s\n", package);
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/topology/thread_siblings_list", cpu);
    tree_writef(tree, path, "%s\n", siblings);
}

static void write_node(const struct tree *tree, unsigned node, const char *cpus, unsigned kib,
                       const char *distance)
{
    char path[200];
    snprintf(path, sizeof path, "/sys/devices/system/node/node%u/cpulist", node);
    tree_writef(tree, path, "%s\n", cpus);
    snprintf(path, sizeof path, "/sys/devices/system/node/node%u/meminfo", node);
    tree_writef(tree, path, "\nNode %u MemTotal:       %u kB\nNode %u MemFree: 1 kB\n", node, kib, node);
    snprintf(path, sizeof path, "/sys/devices/system/node/node%u/distance", node);
    tree_writef(tree, path, "%s\n", distance);
}

/* Two sockets of two nodes each, and a node of memory alone, which is the nearest of all. */
static void write_two_sockets(const struct tree *tree)
{
    static const char *const packages[8] = {"0", "0", "0", "0", "1", "1", "1", "1"};
    static const char *const siblings[8] = {"0-1", "0-1", "2-3", "2-3", "4-5", "4-5", "6-7", "6-7"};
    for (size_t cpu = 0; cpu < 8; cpu++)
        write_cpu(tree, cpu, packages[cpu], siblings[cpu]);
    tree_write(tree, "/sys/devices/system/cpu/online", "0-7\n");
    tree_write(tree, "/sys/devices/system/node/online", "0-4\n");
    write_node(tree, 0, "0-1", 1000, "10 12 32 30 11");
    write_node(tree, 1, "2-3", 1000, "12 10 32 32 11");
    write_node(tree, 2, "4-5", 1000, "32 32 10 12 11");
    write_node(tree, 3, "6-7", 1000, "30 32 12 10 11");
    write_node(tree, 4, "", 1000, "11 11 11 11 10");
}

TEST(sockets_cores_and_nodes_are_counted)
{
    AUTO_TREE struct tree tree = tree_make();
    write_two_sockets(&tree);
    AUTO_MACHINE struct machine *machine = machine_read(tree.root, NULL);
    assert_int_equal(machine->packages.sockets.value, 2);
    assert_int_equal(machine->packages.cores.value, 4);
    assert_int_equal(machine->nodes.count, 5);
    assert_int_equal(machine->nodes.rows[2].memory_bytes.value, 1000 * 1024);
    assert_int_equal(machine->nodes.rows[2].cpus.cpus[0], 4);
    assert_int_equal(machine->nodes.rows[3].distance[0], 30);
}

TEST(remote_is_the_nearest_node_with_cpus_and_inter_socket_the_nearest_in_another)
{
    AUTO_TREE struct tree tree = tree_make();
    write_two_sockets(&tree);
    AUTO_MACHINE struct machine *machine = machine_read(tree.root, NULL);
    struct numa_places places;
    cpu_list_parse("0-7", &machine->usable, NULL);
    assert_int_equal(numa_places_choose(machine, &places, NULL), 0);
    assert_int_equal(places.node[PLACE_LOCAL]->number, 0);
    assert_int_equal(places.node[PLACE_REMOTE]->number, 1);
    assert_int_equal(places.node[PLACE_INTER_SOCKET]->number, 3);
}

TEST(node_whose_cpus_may_not_be_used_is_an_error_not_a_null)
{
    AUTO_TREE struct tree tree = tree_make();
    write_two_sockets(&tree);
    AUTO_MACHINE struct machine *machine = machine_read(tree.root, NULL);
    struct numa_places places;
    struct err err = {0};
    cpu_list_parse("0-1", &machine->usable, NULL);
    assert_int_equal(numa_places_choose(machine, &places, &err), -1);
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "node 1"));
}

TEST(one_node_has_nothing_remote)
{
    AUTO_TREE struct tree tree = tree_make();
    write_cpu(&tree, 0, "-1", "0");
    tree_write(&tree, "/sys/devices/system/cpu/online", "0\n");
    AUTO_MACHINE struct machine *machine = machine_read(tree.root, NULL);
    struct numa_places places;
    cpu_list_parse("0", &machine->usable, NULL);
    assert_true(machine->nodes.known); /* a kernel without NUMA */
    assert_int_equal(machine->packages.sockets.value, 1);
    assert_int_equal(numa_places_choose(machine, &places, NULL), 0);
    assert_non_null(places.node[PLACE_LOCAL]);
    assert_null(places.node[PLACE_REMOTE]);
    assert_null(places.node[PLACE_INTER_SOCKET]);
}

static struct numa_pairs pairs_of(struct machine *machine, const char *usable)
{
    struct numa_places places;
    struct numa_pairs pairs;
    cpu_list_parse(usable, &machine->usable, NULL);
    assert_int_equal(numa_places_choose(machine, &places, NULL), 0);
    numa_pairs_choose(machine, &places, &pairs);
    return pairs;
}

TEST(pairs_are_of_all_nodes_with_memory_and_cpus_home_first)
{
    AUTO_TREE struct tree tree = tree_make();
    write_two_sockets(&tree);
    AUTO_MACHINE struct machine *machine = machine_read(tree.root, NULL);
    struct numa_pairs pairs = pairs_of(machine, "0-7");
    static const unsigned wanted[] = {0, 1, 3, 2}; /* local, remote, inter-socket, then the rest */
    assert_int_equal(pairs.count, ARRAY_LENGTH(wanted));
    for (size_t i = 0; i < pairs.count; i++)
        assert_int_equal(pairs.nodes[i]->number, wanted[i]);
    assert_int_equal(pairs.left_out, 0);
}

TEST(node_that_is_no_place_and_out_of_reach_is_left_out_and_counted)
{
    AUTO_TREE struct tree tree = tree_make();
    write_two_sockets(&tree);
    AUTO_MACHINE struct machine *machine = machine_read(tree.root, NULL);
    struct numa_pairs pairs = pairs_of(machine, "0-3,6-7");
    assert_int_equal(pairs.count, 3);
    assert_int_equal(pairs.left_out, 1);
}

TEST(no_more_nodes_than_there_is_room_for_are_paired)
{
    enum { NODES = PAIR_NODES_MAX + 4 };
    AUTO_TREE struct tree tree = tree_make();
    for (unsigned node = 0; node < NODES; node++) {
        char number[16], distances[NODES * 4] = "";
        snprintf(number, sizeof number, "%u", node);
        for (unsigned other = 0; other < NODES; other++)
            snprintf(distances + strlen(distances), 4, "%s%d", other ? " " : "", other == node ? 10 : 20);
        write_cpu(&tree, node, "0", number);
        write_node(&tree, node, number, 1000, distances);
    }
    tree_writef(&tree, "/sys/devices/system/cpu/online", "0-%d\n", NODES - 1);
    tree_writef(&tree, "/sys/devices/system/node/online", "0-%d\n", NODES - 1);
    AUTO_MACHINE struct machine *machine = machine_read(tree.root, NULL);
    struct numa_pairs pairs = pairs_of(machine, "0-19");
    assert_int_equal(pairs.count, PAIR_NODES_MAX);
    assert_int_equal(pairs.left_out, 4);
    assert_int_equal(pairs.nodes[0]->number, 0);
}

TEST(one_node_is_one_pair)
{
    AUTO_TREE struct tree tree = tree_make();
    write_cpu(&tree, 0, "-1", "0");
    tree_write(&tree, "/sys/devices/system/cpu/online", "0\n");
    AUTO_MACHINE struct machine *machine = machine_read(tree.root, NULL);
    struct numa_pairs pairs = pairs_of(machine, "0");
    assert_int_equal(pairs.count, 1);
    assert_int_equal(pairs.left_out, 0);
}

TEST(hidden_nodes_are_an_error_not_one_node)
{
    AUTO_MACHINE struct machine *machine = machine_read("/nowhere", NULL);
    struct numa_places places;
    struct err err = {0};
    assert_int_equal(numa_places_choose(machine, &places, &err), -1);
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
}

TEST(distances_are_numbers_or_nothing)
{
    unsigned distances[3];
    assert_int_equal(numa_parse_distances("10 21 31", distances, 3), 3);
    assert_int_equal(distances[2], 31);
    assert_int_equal(numa_parse_distances("10 x", distances, 3), 0);
    assert_int_equal(numa_parse_distances("10  21", distances, 3), 0);
    assert_int_equal(numa_parse_distances("1 2 3 4", distances, 3), 0);
}

TEST(cpu_that_contradicts_proc_is_emulated)
{
#if defined(__x86_64__)
    static const char other_architecture[] = "processor : 0\nCPU implementer\t: 0x41\n";
    static const char own[] = "processor\t: 0\nvendor_id\t: GenuineIntel\nmicrocode\t: 0x2b000603\n";
#else
    static const char other_architecture[] = "processor : 0\nvendor_id\t: GenuineIntel\n";
    static const char own[] = "processor : 0\nCPU implementer\t: 0x41\n";
#endif
    struct cpu_identity foreign = {0}, native = {0};
    cpu_identity_ask_cpu("/nowhere", other_architecture, &foreign);
    cpu_identity_ask_cpu("/nowhere", own, &native);
    assert_true(foreign.emulated);
#if defined(__x86_64__)
    assert_string_equal(native.microcode, "0x2b000603");
    assert_true(native.vendor[0]);
    assert_true(native.emulated == (strcmp(native.hypervisor, "qemu") == 0));
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_found_by_their_whole_key),
        cmocka_unit_test(machine_without_proc_and_sys_is_read_all_the_same),
        cmocka_unit_test(faked_memory_is_held_to_what_the_kernel_says),
        cmocka_unit_test(memory_available_is_what_the_group_has_left),
        cmocka_unit_test(quota_below_one_cpu_leaves_one_thread_and_says_so),
        cmocka_unit_test(huge_page_mode_is_the_word_in_brackets),
        cmocka_unit_test(pools_of_huge_pages_are_counted_by_size),
        cmocka_unit_test(mitigations_are_what_the_kernel_says_by_name),
        cmocka_unit_test(frequency_policy_is_that_of_the_cpu_that_is_measured),
        cmocka_unit_test(sockets_cores_and_nodes_are_counted),
        cmocka_unit_test(remote_is_the_nearest_node_with_cpus_and_inter_socket_the_nearest_in_another),
        cmocka_unit_test(node_whose_cpus_may_not_be_used_is_an_error_not_a_null),
        cmocka_unit_test(one_node_has_nothing_remote),
        cmocka_unit_test(pairs_are_of_all_nodes_with_memory_and_cpus_home_first),
        cmocka_unit_test(node_that_is_no_place_and_out_of_reach_is_left_out_and_counted),
        cmocka_unit_test(no_more_nodes_than_there_is_room_for_are_paired),
        cmocka_unit_test(one_node_is_one_pair),
        cmocka_unit_test(hidden_nodes_are_an_error_not_one_node),
        cmocka_unit_test(distances_are_numbers_or_nothing),
        cmocka_unit_test(cpu_that_contradicts_proc_is_emulated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
