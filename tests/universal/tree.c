#include "tree.h"

#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

static void must(int condition, const char *what)
{
    if (condition)
        return;
    perror(what);
    abort();
}

struct tree tree_make(void)
{
    struct tree tree = {"/tmp/universal-test-XXXXXX"};
    must(mkdtemp(tree.root) != NULL, "mkdtemp");
    return tree;
}

static int remove_entry(const char *path, const struct stat *status UNUSED, int type UNUSED,
                        struct FTW *position UNUSED)
{
    return remove(path);
}

void tree_remove(struct tree *tree)
{
    must(nftw(tree->root, remove_entry, 8, FTW_DEPTH | FTW_PHYS) == 0, tree->root);
}

static void make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0755);
        *slash = '/';
    }
}

void tree_write(const struct tree *tree, const char *path, const char *text)
{
    char full[PATH_MAX];
    snprintf(full, sizeof full, "%s%s", tree->root, path);
    make_folders(full);
    AUTO_FCLOSE FILE *file = fopen(full, "w");
    must(file && fputs(text, file) >= 0, full);
}

void tree_writef(const struct tree *tree, const char *path, const char *format, ...)
{
    char text[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    tree_write(tree, path, text);
}
