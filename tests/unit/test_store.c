#include "unit.h"

#include "sample_results.h"
#include "temporary.h"

#include "storage/result_store.h"
#include "storage/store.h"

#include <pthread.h>

struct keys {
    size_t count;
    char text[1024];
};

static int note_key(void *visitor, const char *key, struct err *err UNUSED)
{
    struct keys *keys = visitor;
    keys->count++;
    size_t used = strlen(keys->text);
    snprintf(keys->text + used, sizeof keys->text - used, "%s ", key);
    return 0;
}

static void open_directory(void **state, const char *name, struct store *store)
{
    char path[256];
    struct err err;
    assert_succeeds(store_open_directory(store, temporary_path(state, name, path, sizeof path), &err), err);
}

static void gives_back_what_was_put(void **state)
{
    struct err err;
    AUTO_STORE struct store store = {0};
    open_directory(state, "store", &store);
    assert_succeeds(store_put(&store, "a/b/c.json", "text", 4, &err), err);
    size_t length = 0;
    AUTO_FREE char *data = store_get(&store, "a/b/c.json", 100, &length, &err);
    assert_non_null(data);
    assert_int_equal(length, 4);
    assert_memory_equal(data, "text", 4);
}

static void the_same_bytes_again_are_a_success_and_others_are_not(void **state)
{
    struct err err;
    AUTO_STORE struct store store = {0};
    open_directory(state, "store", &store);
    assert_succeeds(store_put(&store, "k.json", "one", 3, &err), err);
    assert_succeeds(store_put(&store, "k.json", "one", 3, &err), err);
    assert_fails(store_put(&store, "k.json", "two", 3, &err), err, ERR_EXISTS);
    assert_fails(store_put(&store, "k.json", "on", 2, &err), err, ERR_EXISTS);
    assert_fails(store_put(&store, "k.json", "one more", 8, &err), err, ERR_EXISTS);
    size_t length = 0;
    AUTO_FREE char *data = store_get(&store, "k.json", 100, &length, &err);
    assert_non_null(data);
    assert_memory_equal(data, "one", 4);
}

static void keys_do_not_leave_the_store(void **state)
{
    static const char *const keys[] = {"../x", "a/../x", "/x", "a//b", "", ".", "a/.", "a/"};
    AUTO_STORE struct store store = {0};
    open_directory(state, "store", &store);
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        struct err err;
        assert_fails(store_put(&store, keys[i], "x", 1, &err), err, ERR_USAGE);
        assert_null(store_get(&store, keys[i], 1, NULL, &err));
        assert_int_equal(err.kind, ERR_USAGE);
    }
}

static void says_which_key_is_not_there_or_too_large(void **state)
{
    struct err err;
    AUTO_STORE struct store store = {0};
    open_directory(state, "store", &store);
    assert_null(store_get(&store, "none.json", 100, NULL, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_succeeds(store_put(&store, "k.json", "12345", 5, &err), err);
    assert_null(store_get(&store, "k.json", 4, NULL, &err));
    assert_int_equal(err.kind, ERR_DATA);
}

static void lists_keys_below_a_prefix_in_one_order(void **state)
{
    struct err err;
    char stray[256];
    AUTO_STORE struct store store = {0};
    open_directory(state, "store", &store);
    assert_succeeds(store_put(&store, "results/v1.0/b.json", "x", 1, &err), err);
    assert_succeeds(store_put(&store, "results/v1.0/a/z.json", "x", 1, &err), err);
    assert_succeeds(store_put(&store, "other.json", "x", 1, &err), err);
    temporary_path(state, "store/results/v1.0/c.json.abc.tmp", stray, sizeof stray);
    assert_succeeds(fs_create_file(stray, "x", 1, 0644, &err), err);
    struct keys keys = {0};
    assert_succeeds(store_list(&store, "results/", note_key, &keys, &err), err);
    assert_string_equal(keys.text, "results/v1.0/a/z.json results/v1.0/b.json ");
}

static void follows_no_link_below_its_root(void **state)
{
    struct err err;
    char target[256];
    char link[256];
    AUTO_STORE struct store store = {0};
    open_directory(state, "store", &store);
    assert_succeeds(store_put(&store, "a.json", "x", 1, &err), err);
    temporary_path(state, "secret.json", target, sizeof target);
    assert_succeeds(fs_create_file(target, "x", 1, 0644, &err), err);
    temporary_path(state, "store/b.json", link, sizeof link);
    assert_int_equal(symlink(target, link), 0);
    struct keys keys = {0};
    assert_succeeds(store_list(&store, "", note_key, &keys, &err), err);
    assert_string_equal(keys.text, "a.json ");
}

static void lists_through_a_root_that_is_a_link(void **state)
{
    struct err err;
    char target[256];
    char link[256];
    AUTO_STORE struct store store = {0};
    open_directory(state, "store", &store);
    assert_succeeds(store_put(&store, "a.json", "x", 1, &err), err);
    assert_int_equal(symlink(temporary_path(state, "store", target, sizeof target),
                             temporary_path(state, "link", link, sizeof link)),
                     0);
    AUTO_STORE struct store linked = {0};
    open_directory(state, "link", &linked);
    struct keys keys = {0};
    assert_succeeds(store_list(&linked, "", note_key, &keys, &err), err);
    assert_string_equal(keys.text, "a.json ");
}

static void a_directory_that_is_not_there_can_not_be_listed(void **state)
{
    struct err err;
    struct keys keys = {0};
    AUTO_STORE struct store store = {0};
    open_directory(state, "none", &store);
    assert_fails(store_list(&store, "", note_key, &keys, &err), err, ERR_NOT_FOUND);
}

static void copies_what_the_other_store_lacks_and_goes_on_after_a_failure(void **state)
{
    struct err err;
    AUTO_STORE struct store from = {0};
    AUTO_STORE struct store to = {0};
    open_directory(state, "from", &from);
    open_directory(state, "to", &to);
    assert_succeeds(store_put(&from, "r/a.json", "a", 1, &err), err);
    assert_succeeds(store_put(&from, "r/b.json", "b", 1, &err), err);
    assert_succeeds(store_put(&from, "r/c.json", "c", 1, &err), err);
    assert_succeeds(store_put(&to, "r/a.json", "other", 5, &err), err);
    assert_fails(store_copy(&from, &to, "r/", &err), err, ERR_EXISTS);
    AUTO_FREE char *b = store_get(&to, "r/b.json", 10, NULL, &err);
    AUTO_FREE char *c = store_get(&to, "r/c.json", 10, NULL, &err);
    assert_non_null(b);
    assert_non_null(c);
}

struct racer {
    const struct store *store;
    int succeeded;
};

static void *race(void *context)
{
    struct racer *racer = context;
    for (int i = 0; i < 20; i++) {
        char key[32];
        snprintf(key, sizeof key, "d%d/k.json", i);
        racer->succeeded += store_put(racer->store, key, "same", 4, NULL) == 0;
    }
    return NULL;
}

static void threads_that_put_the_same_all_succeed(void **state)
{
    AUTO_STORE struct store store = {0};
    open_directory(state, "store", &store);
    pthread_t threads[4];
    struct racer racers[4];
    for (size_t i = 0; i < 4; i++) {
        racers[i] = (struct racer){&store, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(racers[i].succeeded, 20);
    }
}

static void a_result_stays_in_the_local_store_when_the_remote_one_fails(void **state)
{
    struct err err;
    char file[256];
    char key[RESULT_KEY_SIZE];
    bool kept = false;
    struct document_facts facts = sample_facts();
    AUTO_DOCUMENT struct document document = {0};
    sample_document("stream", &facts, &document);
    AUTO_STORE struct store local = {0};
    AUTO_STORE struct store remote = {0};
    open_directory(state, "local", &local);
    /* A file where the store's directory should be. */
    assert_succeeds(fs_create_file(temporary_path(state, "remote", file, sizeof file), "x", 1, 0644, &err),
                    err);
    open_directory(state, "remote", &remote);
    assert_int_equal(result_store(&local, &remote, &document, key, &kept, &err), -1);
    assert_true(kept);
    size_t length = 0;
    AUTO_FREE char *data = store_get(&local, key, RESULT_MAX_BYTES, &length, &err);
    assert_non_null(data);
    assert_string_equal(data, document.text);
}

#define IN_TEMPORARY(test) cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TEMPORARY(gives_back_what_was_put),
        IN_TEMPORARY(the_same_bytes_again_are_a_success_and_others_are_not),
        IN_TEMPORARY(keys_do_not_leave_the_store),
        IN_TEMPORARY(says_which_key_is_not_there_or_too_large),
        IN_TEMPORARY(lists_keys_below_a_prefix_in_one_order),
        IN_TEMPORARY(follows_no_link_below_its_root),
        IN_TEMPORARY(lists_through_a_root_that_is_a_link),
        IN_TEMPORARY(a_directory_that_is_not_there_can_not_be_listed),
        IN_TEMPORARY(copies_what_the_other_store_lacks_and_goes_on_after_a_failure),
        IN_TEMPORARY(threads_that_put_the_same_all_succeed),
        IN_TEMPORARY(a_result_stays_in_the_local_store_when_the_remote_one_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
