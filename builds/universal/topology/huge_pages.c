#include "topology/huge_pages.h"

#include "base/parse.h"
#include "topology/system_file.h"

#include <string.h>

#define FOLDER "/sys/kernel/mm/hugepages"
#define PREFIX "hugepages-" /* "hugepages-2048kB" */

/* "always [madvise] never": the word in brackets. */
static void read_transparent(const char *root, char *mode, size_t size)
{
    char text[64];
    if (!system_file_read(root, "/sys/kernel/mm/transparent_hugepage/enabled", text, sizeof text))
        return;
    const char *open = strchr(text, '[');
    const char *close = open ? strchr(open, ']') : NULL;
    if (close)
        snprintf(mode, size, "%.*s", (int)(close - open - 1), open + 1);
}

static struct optional_u64 read_count(const char *root, const char *folder, const char *file)
{
    char path[sizeof FOLDER + FILE_NAME_SIZE + 32];
    snprintf(path, sizeof path, FOLDER "/%.*s/%s", FILE_NAME_SIZE, folder, file);
    return system_file_number(root, path);
}

/* False: not the folder of a pool, or not readable. */
static bool read_pool(const char *root, const char *folder, struct huge_page_pool *pool)
{
    if (strncmp(folder, PREFIX, strlen(PREFIX)) != 0)
        return false;
    struct cursor cursor = cursor_over(folder + strlen(PREFIX));
    uint32_t kib;
    struct optional_u64 pages = read_count(root, folder, "nr_hugepages");
    if (!pages.known || !cursor_number(&cursor, &kib) || strcmp(cursor.at, "kB") != 0)
        return false;
    *pool = (struct huge_page_pool){(uint64_t)kib * 1024, pages.value,
                                    read_count(root, folder, "free_hugepages")};
    return true;
}

static int by_size(const void *a, const void *b)
{
    const struct huge_page_pool *left = a, *right = b;
    return (left->page_bytes > right->page_bytes) - (left->page_bytes < right->page_bytes);
}

void huge_pages_read(const char *root, struct huge_pages *huge_pages)
{
    char names[HUGE_PAGE_POOLS_MAX][FILE_NAME_SIZE];
    size_t count = system_folder_names(root, FOLDER, names, HUGE_PAGE_POOLS_MAX);
    *huge_pages = (struct huge_pages){0};
    read_transparent(root, huge_pages->transparent, sizeof huge_pages->transparent);
    for (size_t i = 0; i < count; i++)
        huge_pages->pools_count += read_pool(root, names[i], &huge_pages->pools[huge_pages->pools_count]);
    huge_pages->pools_known = huge_pages->pools_count > 0;
    qsort(huge_pages->pools, huge_pages->pools_count, sizeof *huge_pages->pools, by_size);
}
