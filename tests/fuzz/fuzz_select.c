/* Words that name instance types, patterns among them: what a run takes can be run and is taken once, and
 * what a listing leaves out is told. */
#include "fuzz.h"

#include "discovery/select.h"

#define MOST_WORDS 8

static const char table[] =
    "{\"source\":\"a test\",\"date\":\"2026-11-20\",\"types\":["
    "[\"m7i.large\",[\"x86_64\"],\"Intel\",2,8192],[\"m7i.xlarge\",[\"x86_64\"],\"Intel\",4,16384],"
    "[\"c7g.large\",[\"arm64\"],\"AWS\",2,4096],[\"t3.nano\",[\"x86_64\"],\"Intel\",2,512],"
    "[\"mac2.metal\",[\"arm64_mac\"],\"Apple\",8,16384]]}";

static void count_rejected(void *context, const struct err *why)
{
    ++*(size_t *)context;
    require(why->kind == ERR_USAGE && why->message[0]);
}

static void check_run(const struct catalog *catalog, const char *const *words, size_t count)
{
    struct err err = {0};
    AUTO_SELECTION struct selection selection = {0};
    if (select_for_run(catalog, words, count, NULL, &selection, &err) < 0) {
        require(err.kind == ERR_USAGE && err.message[0] && selection.count == 0);
        return;
    }
    for (size_t i = 0; i < selection.count; i++)
        for (size_t j = 0; j < i; j++)
            require(strcmp(selection.types[i].name.name, selection.types[j].name.name) != 0);
}

static void check_listing(const struct catalog *catalog, const char *const *words, size_t count)
{
    struct err err = {0};
    AUTO_SELECTION struct selection selection = {0};
    size_t told = 0;
    size_t rejected = 0;
    require_success(
        select_for_listing(catalog, words, count, count_rejected, &told, &selection, &rejected, &err), &err);
    require(told == rejected && rejected <= count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 256)
        return 0;
    AUTO_FREE char *text = fuzz_text(data, size);
    const char *words[MOST_WORDS];
    size_t count = 0;
    char *at = text;
    while (count < MOST_WORDS && (words[count] = fuzz_line(&at)))
        count++;
    struct err err = {0};
    AUTO_CATALOG struct catalog catalog = {0};
    require_success(catalog_parse(table, sizeof table - 1, &catalog, &err), &err);
    check_run(&catalog, words, count);
    check_listing(&catalog, words, count);
    return 0;
}
