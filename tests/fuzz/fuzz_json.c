/* JSON: what parses is printed, parsed again and printed to the same bytes; and nothing beyond the caps
 * parses. */
#include "fuzz.h"

#include "base/json.h"

#define MOST_BYTES 65536

static size_t depth_of(const cJSON *tree)
{
    size_t deepest = 0;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, tree)
    {
        size_t depth = depth_of(item);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}

static void print_and_parse(const cJSON *tree, bool pretty)
{
    struct err err = {0};
    AUTO_FREE char *text = json_print(tree, pretty, &err);
    require(text != NULL);
    AUTO_JSON cJSON *again = json_parse(text, strlen(text), SIZE_MAX, &err);
    require(again != NULL);
    AUTO_FREE char *text_again = json_print(again, pretty, &err);
    require(text_again && strcmp(text, text_again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    AUTO_JSON cJSON *tree = json_parse((const char *)data, size, MOST_BYTES, &err);
    if (!tree) {
        require(err.kind == ERR_DATA && err.message[0]);
        return 0;
    }
    require(size <= MOST_BYTES && depth_of(tree) <= JSON_MAX_DEPTH + 1);
    print_and_parse(tree, true);
    print_and_parse(tree, false);
    return 0;
}
