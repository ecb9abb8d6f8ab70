#include "topology/caches.h"

#include "test.h"
#include "tree.h"

#include <limits.h>

static void write_cache(const struct tree *tree, size_t cpu, size_t index, unsigned level, const char *type,
                        const char *size, const char *shared)
{
    char folder[200], path[PATH_MAX];
    snprintf(folder, sizeof folder, "/sys/devices/system/cpu/cpu%zu/cache/index%zu", cpu, index);
    snprintf(path, sizeof path, "%s/level", folder);
    tree_writef(tree, path, "%u\n", level);
    snprintf(path, sizeof path, "%s/type", folder);
    tree_writef(tree, path, "%s\n", type);
    snprintf(path, sizeof path, "%s/size", folder);
    tree_writef(tree, path, "%s\n", size);
    snprintf(path, sizeof path, "%s/shared_cpu_list", folder);
    tree_writef(tree, path, "%s\n", shared);
    snprintf(path, sizeof path, "%s/coherency_line_size", folder);
    tree_write(tree, path, "64\n");
}

/* Four CPUs, two cores of two threads, one third-level cache. */
static void write_machine(const struct tree *tree)
{
    static const char *const cores[4] = {"0,2", "1,3", "0,2", "1,3"};
    for (size_t cpu = 0; cpu < 4; cpu++) {
        write_cache(tree, cpu, 0, 1, "Data", "48K", cores[cpu]);
        write_cache(tree, cpu, 1, 1, "Instruction", "32K", cores[cpu]);
        write_cache(tree, cpu, 2, 2, "Unified", "2048K", cores[cpu]);
        write_cache(tree, cpu, 3, 3, "Unified", "480M", "0-3");
    }
}

TEST(reads_data_caches_and_counts_each_once)
{
    AUTO_TREE struct tree tree = tree_make();
    struct cpu_list online;
    struct caches caches;
    write_machine(&tree);
    cpu_list_parse("0-3", &online, NULL);
    caches_read(tree.root, 3, &online, &caches);
    assert_int_equal(caches.count, 3);
    assert_int_equal(caches_level(&caches, 1)->size_bytes, 48 << 10);
    assert_int_equal(caches_level(&caches, 1)->type, CACHE_DATA);
    assert_int_equal(caches_level(&caches, 1)->instances, 2);
    assert_int_equal(caches_level(&caches, 2)->size_bytes, 2 << 20);
    assert_int_equal(caches_last(&caches)->size_bytes, (uint64_t)480 << 20);
    assert_int_equal(caches_last(&caches)->instances, 1);
    assert_int_equal(caches_last(&caches)->line_bytes, 64);
}

TEST(reads_sizes_as_sysfs_writes_them)
{
    assert_int_equal(cache_parse_size("32768K").value, 32 << 20);
    assert_int_equal(cache_parse_size("2M").value, 2 << 20);
    assert_false(cache_parse_size("").known);
    assert_false(cache_parse_size("0K").known);
    assert_false(cache_parse_size("-1K").known);
    assert_false(cache_parse_size("48K B").known);
}

TEST(passes_over_caches_it_cannot_read)
{
    AUTO_TREE struct tree tree = tree_make();
    struct cpu_list online;
    struct caches caches;
    write_machine(&tree);
    tree_write(&tree, "/sys/devices/system/cpu/cpu0/cache/index2/size", "huge\n");
    cpu_list_parse("0-3", &online, NULL);
    caches_read(tree.root, 0, &online, &caches);
    assert_int_equal(caches.count, 2);
    assert_null(caches_level(&caches, 2));
    assert_non_null(caches_level(&caches, 3));
}

TEST(has_none_or_the_cpus_own_where_sysfs_is_hidden)
{
    struct cpu_list online;
    struct caches caches;
    cpu_list_parse("0-3", &online, NULL);
    caches_read("/nowhere", 0, &online, &caches);
    if (caches.count == 0) /* arm64 */
        return;
    const struct cache *first = caches_level(&caches, 1);
    assert_non_null(first);
    assert_in_range(first->size_bytes, 8 << 10, 1 << 20);
    assert_in_range(first->line_bytes, 32, 256);
    assert_true(caches_last(&caches)->size_bytes > first->size_bytes);
    assert_true(caches_last(&caches)->instances >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_data_caches_and_counts_each_once),
        cmocka_unit_test(reads_sizes_as_sysfs_writes_them),
        cmocka_unit_test(passes_over_caches_it_cannot_read),
        cmocka_unit_test(has_none_or_the_cpus_own_where_sysfs_is_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
