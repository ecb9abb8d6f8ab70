/* Keys of results and places in S3, from users and from buckets that others write to. What is taken is
 * written and read again as the same, and no key leaves the store. */
#include "fuzz.h"

#include "storage/keys.h"
#include "storage/store.h"
#include "storage/store_s3.h"

static void check_key(const char *text)
{
    struct err err = {0};
    struct result_key key;
    struct result_key again;
    char path[RESULT_KEY_SIZE];
    char path_again[RESULT_KEY_SIZE];
    if (result_key_parse(text, &key, &err) < 0) {
        require(err.kind == ERR_DATA && err.message[0]);
        return;
    }
    require_success(result_key_format(&key, path, &err), &err);
    require_success(result_key_parse(path, &again, &err), &err);
    require_success(result_key_format(&again, path_again, &err), &err);
    require(strcmp(path, path_again) == 0 && strlen(path) < RESULT_KEY_SIZE - 1);
    require(!strstr(path, "/../") && !strstr(path, "//"));
}

static void check_location(const char *text)
{
    struct err err = {0};
    struct s3_location location;
    struct s3_location again;
    char url[sizeof location + 8];
    if (s3_location_parse(text, &location, &err) < 0) {
        require(err.kind == ERR_USAGE && err.message[0]);
        return;
    }
    size_t length = strlen(location.prefix);
    require(is_s3_url(text) && strlen(location.bucket) >= 3);
    require(strspn(location.bucket, "abcdefghijklmnopqrstuvwxyz0123456789.-") == strlen(location.bucket));
    require(length == 0 || (location.prefix[length - 1] == '/' && location.prefix[0] != '/'));
    snprintf(url, sizeof url, "s3://%s/%s", location.bucket, location.prefix);
    require_success(s3_location_parse(url, &again, &err), &err);
    require(strcmp(location.bucket, again.bucket) == 0 && strcmp(location.prefix, again.prefix) == 0);
}

/* What reaches a store's medium: relative, step by step downwards. */
static int check_put(void *context, const char *key, const void *data UNUSED, size_t length UNUSED,
                     struct err *err UNUSED)
{
    *(bool *)context = true;
    while (key) {
        size_t step = strcspn(key, "/");
        require(step > 0 && !(step == 1 && key[0] == '.') && !(step == 2 && strncmp(key, "..", 2) == 0));
        key = key[step] ? key + step + 1 : NULL;
    }
    return 0;
}

static void check_store(const char *text)
{
    static const struct store_operations operations = {.put = check_put};
    struct err err = {0};
    bool reached = false;
    struct store store = {&operations, &reached};
    if (store_put(&store, text, "", 0, &err) == 0)
        require(reached);
    else
        require(!reached && err.kind == ERR_USAGE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = fuzz_text(data, size);
    check_key(text);
    check_location(text);
    check_store(text);
    return 0;
}
