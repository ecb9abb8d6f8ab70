/* What keeps secrets from those whom they are not for. */
#include "unit.h"

#include "base/secret.h"
#include "base/strbuf.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

/* The exit status of a child that has hidden its memory, so that the test's own stays as it is. */
static int in_hidden_child(int (*check)(void))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(secret_hide_memory(NULL) < 0 ? 99 : check());
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int check_limits(void)
{
    struct rlimit cores = {1, 1};
    getrlimit(RLIMIT_CORE, &cores);
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0 || cores.rlim_cur != 0 || cores.rlim_max != 0;
}

static void a_process_that_hides_its_memory_writes_no_core_dump(void **state UNUSED)
{
    assert_int_equal(in_hidden_child(check_limits), 0);
}

#ifdef __SANITIZE_ADDRESS__
static int check_leak(void)
{
    close(STDERR_FILENO); /* the report of it is none of the test run */
    void *volatile lost = malloc(64);
    lost = NULL;
    return !lost && __lsan_do_recoverable_leak_check() == 1 && check_limits() == 0 ? 0 : 1;
}

static void leaks_are_found_in_a_process_that_hides_its_memory(void **state UNUSED)
{
    assert_int_equal(in_hidden_child(check_leak), 0);
}
#endif

static void masking_covers_every_place_and_only_secrets(void **state UNUSED)
{
    char text[] = "key=abcdefgh abcdefghabcdefgh abcdefg xy";
    secret_mask(text, strlen(text), (const char *const[]){"abcdefgh", "xy", "", NULL});
    assert_string_equal(text, "key=******** **************** abcdefg xy");
    char binary[] = "a\0abcdefgh";
    secret_mask(binary, sizeof binary - 1, (const char *const[]){"abcdefgh", NULL});
    assert_memory_equal(binary, "a\0********", sizeof binary);
    secret_mask(text, 0, (const char *const[]){"abcdefgh", NULL});
    secret_mask(text, strlen(text), NULL);
    assert_string_equal(text, "key=******** **************** abcdefg xy");
}

static void a_secret_buffer_grows_and_keeps_what_it_has(void **state UNUSED)
{
    AUTO_STRBUF struct strbuf buffer = STRBUF_SECRET(4096);
    for (int i = 0; i < 1000; i++)
        strbuf_addf(&buffer, "%d,", i % 10);
    assert_int_equal(strbuf_ok(&buffer, "it", NULL), 0);
    assert_int_equal(buffer.length, 2000);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(buffer.data[2 * i], '0' + (char)(i % 10));
    strbuf_free(&buffer);
    assert_true(buffer.secret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_that_hides_its_memory_writes_no_core_dump),
#ifdef __SANITIZE_ADDRESS__
        cmocka_unit_test(leaks_are_found_in_a_process_that_hides_its_memory),
#endif
        cmocka_unit_test(masking_covers_every_place_and_only_secrets),
        cmocka_unit_test(a_secret_buffer_grows_and_keeps_what_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
