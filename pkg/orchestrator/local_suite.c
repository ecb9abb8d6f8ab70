/* One suite as a child of this process. */
#include "orchestrator/local.h"

#include "base/child.h"
#include "base/clock.h"
#include "base/lines.h"

#include <string.h>
#include <sys/wait.h>

#define FIXED_WORDS 3 /* "benchmark run SUITE" */

/* What it says on standard error, as lines. */
struct hearing {
    struct lines lines;
    size_t heard; /* bytes */
};

static int hear(void *context, const char *bytes, size_t length, struct err *err)
{
    struct hearing *hearing = context;
    hearing->heard += length;
    if (hearing->heard > REMOTE_TALK_MAX)
        return err_set(err, ERR_REMOTE, "it printed more than %lu bytes on standard error", REMOTE_TALK_MAX);
    lines_take(&hearing->lines, bytes, length);
    return 0;
}

static void free_words(char ***words)
{
    for (size_t i = FIXED_WORDS; *words && (*words)[i]; i++)
        free((*words)[i]);
    free(*words);
}

/* "benchmark run SUITE --name=value …". The program prints its own name in its help alone. */
static char **make_words(const char *suite, const char *const *options, size_t option_count, struct err *err)
{
    CLEANUP(free_words) char **words = calloc(FIXED_WORDS + option_count + 1, sizeof *words);
    if (!words) {
        err_memory(err);
        return NULL;
    }
    words[0] = (char *)"benchmark";
    words[1] = (char *)"run";
    words[2] = (char *)suite;
    for (size_t i = 0; i < option_count; i++) {
        if (asprintf(&words[FIXED_WORDS + i], "--%s", options[i]) < 0) {
            words[FIXED_WORDS + i] = NULL;
            err_memory(err);
            return NULL;
        }
    }
    return TAKE(words);
}

/* What child.c says of any child, in the kinds by which the engine decides: too much and too long are this
 * suite's failures alone, the machine is the one that we are on. */
static int explain_failure(const char *suite, struct err *err)
{
    if (err->kind == ERR_DATA)
        return err_set(err, ERR_REMOTE, "suite %s printed more than %lu bytes", suite, SUITE_OUTPUT_MAX);
    if (err->kind == ERR_NETWORK)
        return err_set(err, ERR_REMOTE, "suite %s did not end in the time it was given (--timeout)", suite);
    return err_prepend(err, "suite %s", suite);
}

int local_run_suite(int program, const char *suite, const char *const *options, size_t option_count,
                    const struct suite_talk *talk, const struct remote_limits *limits, struct strbuf *output,
                    struct err *err)
{
    const struct clock clock = clock_system();
    struct suite_listener listener = {.talk = talk};
    struct hearing hearing = {.lines = {.on_line = suite_hear_line, .context = &listener}};
    CLEANUP(free_words) char **words = make_words(suite, options, option_count, err);
    char *const environment[] = {NULL};
    int status = 0;
    if (!words)
        return -1;
    const struct child_order order = {program, words, environment, hear, &hearing};
    const struct child_limits child_limits = {limits->deadline - clock_monotonic(&clock), limits->cancel,
                                              limits->cancel_from};
    strbuf_free(output);
    output->limit = SUITE_OUTPUT_MAX;
    if (child_run_file(&order, &child_limits, output, &status, err) < 0)
        return explain_failure(suite, err);
    lines_end(&hearing.lines);
    int exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return exit_code == 0 ? 0 : suite_explain_exit(suite, exit_code, listener.last_words, err);
}
