#include "orchestrator/container.h"

#include "base/text.h"

#include <string.h>

#define SMALL_OUTPUT 16384

static int run_script(const struct container_host *host, const char *script, const void *input,
                      size_t input_length, const struct remote_limits *limits,
                      struct suite_listener *listener, struct strbuf *output, int *exit_code, struct err *err)
{
    struct remote_command command = {
        .script = script,
        .input = input,
        .input_length = input_length,
        .output_limit = SMALL_OUTPUT,
        .silence_limit = host->silence_seconds,
        .on_line = suite_hear_line,
        .context = listener,
    };
    return host->remote->ops->run(host->session, &command, limits, output, exit_code, err);
}

int host_run_script(const struct container_host *host, const char *script, const struct remote_limits *limits,
                    struct strbuf *output, int *exit_code, char last_words[LAST_WORDS_SIZE], struct err *err)
{
    struct suite_listener listener = {0};
    int result = run_script(host, script, NULL, 0, limits, &listener, output, exit_code, err);
    memcpy(last_words, listener.last_words, LAST_WORDS_SIZE);
    return result;
}

/* Cuts the next word off a line of output; NULL when there is none. */
static char *next_word(char **at)
{
    char *start = *at + strspn(*at, " \n");
    size_t length = strcspn(start, " \n");
    if (length == 0)
        return NULL;
    *at = start + length + (start[length] != '\0');
    start[length] = '\0';
    return start;
}

const char *container_architecture(const char *word)
{
    static const char *const words[][2] = {
        {"x86_64", "x86_64"}, {"amd64", "x86_64"}, {"aarch64", "arm64"}, {"arm64", "arm64"}};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        if (strcmp(word, words[i][0]) == 0)
            return words[i][1];
    return "unknown";
}

const char container_find_engine[] =
    "if command -v docker >/dev/null 2>&1; then e=docker\n"
    "elif command -v podman >/dev/null 2>&1; then e=podman\n"
    "else echo 'no docker and no podman on this machine' >&2; exit 41; fi\n"
    "i=0\n"
    "while :; do\n"
    "  if $e ps -q >/dev/null 2>&1; then break; fi\n"
    "  if sudo -n $e ps -q >/dev/null 2>&1; then e=\"sudo -n $e\"; break; fi\n"
    "  i=$((i + 1)); [ $i -lt 120 ] || { echo \"$e does not answer\" >&2; exit 42; }\n"
    "  sleep 0.5\n"
    "done\n"
    "uname -m\n"
    "echo \"$e\"\n";

int container_take_engine(struct container_host *host, const char *architecture, const char *engine,
                          struct err *err)
{
    static const char *const engines[] = {"docker", "podman", "sudo -n docker", "sudo -n podman"};
    snprintf(host->architecture, sizeof host->architecture, "%s", container_architecture(architecture));
    for (size_t i = 0; i < ARRAY_LENGTH(engines); i++) {
        if (strcmp(engine, engines[i]) == 0) {
            snprintf(host->engine, sizeof host->engine, "%s", engines[i]);
            return 0;
        }
    }
    return err_set(err, ERR_REMOTE, "the machine names no container engine that we know");
}

/* Loads or pulls, then asks the engine what it has: "ID ARCHITECTURE [REPODIGEST]". */
static char *delivery_script(const struct container_host *host, const struct image_source *source,
                             const struct image_platform *platform, struct err *err)
{
    AUTO_STRBUF struct strbuf script = STRBUF_INIT(4096);
    if (platform)
        strbuf_addf(&script,
                    "%s load >/dev/null || exit 43\n"
                    "%s image inspect --format '{{.Id}} {{.Architecture}}' '%s'",
                    host->engine, host->engine, platform->tag);
    else
        strbuf_addf(&script,
                    "%s pull -q '%s' >/dev/null || exit 44\n"
                    "%s image inspect --format '{{.Id}} {{.Architecture}} {{index .RepoDigests 0}}' '%s'",
                    host->engine, source->reference, host->engine, source->reference);
    return strbuf_take(&script, "the delivery script", err);
}

static int check_identity(const struct image_platform *platform, const char *id, struct err *err)
{
    /* podman leaves "sha256:" away; engines on a containerd store name an image by its manifest */
    const char *hex = text_starts_with(id, "sha256:") ? id + strlen("sha256:") : id;
    if (strcmp(hex, platform->config_digest + strlen("sha256:")) == 0 ||
        strcmp(id, platform->manifest_digest) == 0)
        return 0;
    return err_set(err, ERR_REMOTE, "the machine loaded image %.80s, but %s was sent", id,
                   platform->config_digest);
}

static void note_pulled_digest(const char *repository_digest, struct container_image *image)
{
    const char *at = repository_digest ? strchr(repository_digest, '@') : NULL;
    if (at && strlen(at + 1) == IMAGE_DIGEST_SIZE - 1)
        snprintf(image->index_digest, sizeof image->index_digest, "%s", at + 1);
}

static int take_image(const struct container_host *host, const struct image_source *source,
                      const struct image_platform *platform, struct strbuf *output,
                      struct container_image *image, struct err *err)
{
    char *at = output->data;
    const char *id = next_word(&at);
    const char *architecture = id ? next_word(&at) : NULL;
    if (!architecture || strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789:") != strlen(id))
        return err_set(err, ERR_REMOTE, "the container engine did not describe the image");
    if (strcmp(container_architecture(architecture), host->architecture) != 0)
        return err_set(err, ERR_REMOTE, "the image is for %.32s, the machine is %s: it is not run",
                       architecture, host->architecture);
    if (platform && check_identity(platform, id, err) < 0)
        return -1;
    snprintf(image->id, sizeof image->id, "%s", id);
    if (platform) {
        snprintf(image->index_digest, sizeof image->index_digest, "%s", source->archive->index_digest);
        snprintf(image->platform_digest, sizeof image->platform_digest, "%s", platform->manifest_digest);
    } else {
        note_pulled_digest(next_word(&at), image);
        snprintf(image->platform_digest, sizeof image->platform_digest, "%.71s", id);
    }
    return 0;
}

int container_deliver(const struct container_host *host, const struct image_source *source,
                      const char *architecture, const struct remote_limits *limits,
                      struct container_image *image, struct err *err)
{
    if (strcmp(host->architecture, architecture) != 0)
        return err_set(err, ERR_REMOTE, "the machine says it is %s, its instance type is %s",
                       host->architecture, architecture);
    const struct image_platform *platform = NULL;
    if (source->archive) {
        platform = image_archive_platform(source->archive, architecture);
        if (!platform)
            return err_set(err, ERR_CONFIG, "the image archive has no image for %s", architecture);
    }
    AUTO_FREE char *script = delivery_script(host, source, platform, err);
    AUTO_STRBUF struct strbuf output = STRBUF_INIT(SMALL_OUTPUT);
    struct suite_listener listener = {0};
    int exit_code = 0;
    if (!script ||
        run_script(host, script, platform ? source->archive->data : NULL,
                   platform ? source->archive->length : 0, limits, &listener, &output, &exit_code, err) < 0)
        return err_prepend(err, "delivering the image");
    if (exit_code != 0)
        return err_set(err, ERR_REMOTE, "the image could not be %s: %s", platform ? "loaded" : "pulled",
                       listener.last_words);
    return take_image(host, source, platform, &output, image, err);
}

/* A suite's own; greater ones are the engine's, or a signal's. */
#define SUITE_EXIT_CODE_MAX 3

/* Marks the containers of suites. */
#define SUITE_LABEL "aws-benchmark-collector.suite"

/* A suite that was cut off may still run, and would disturb the one that comes now: it ends first. */
static void add_end_of_earlier_suites(struct strbuf *script, const char *engine)
{
    strbuf_addf(script,
                "left=$(%s ps -aq --filter label=" SUITE_LABEL ")\n"
                "if [ -n \"$left\" ]; then\n"
                "  %s rm -f $left >/dev/null 2>&1\n"
                "  [ -z \"$(%s ps -q --filter label=" SUITE_LABEL ")\" ] ||"
                " { echo 'an earlier suite still runs' >&2; exit 45; }\n"
                "fi\n",
                engine, engine, engine);
}

static char *suite_script(const struct container_host *host, const struct container_image *image,
                          const char *suite, const char *const *options, size_t option_count, struct err *err)
{
    AUTO_STRBUF struct strbuf script = STRBUF_INIT(8192);
    if (host->may_be_busy)
        add_end_of_earlier_suites(&script, host->engine);
    strbuf_addf(&script,
                "%s run --rm --label " SUITE_LABEL
                " --network none --read-only --cap-drop ALL --security-opt no-new-privileges "
                "--log-driver none '%s' run '%s'",
                host->engine, image->id, suite);
    for (size_t i = 0; i < option_count; i++)
        strbuf_addf(&script, " '--%s'", options[i]);
    strbuf_adds(&script, " </dev/null");
    return strbuf_take(&script, "the suite's command", err);
}

int container_run_suite(struct container_host *host, const struct container_image *image, const char *suite,
                        const char *const *options, size_t option_count, const struct suite_talk *talk,
                        const struct remote_limits *limits, struct strbuf *output, struct err *err)
{
    AUTO_FREE char *script = suite_script(host, image, suite, options, option_count, err);
    if (!script)
        return -1;
    struct suite_listener listener = {.talk = talk};
    struct remote_command command = {
        .script = script,
        .output_limit = SUITE_OUTPUT_MAX,
        .silence_limit = host->silence_seconds,
        .on_line = suite_hear_line,
        .context = &listener,
    };
    int exit_code = 0;
    host->may_be_busy = true;
    if (host->remote->ops->run(host->session, &command, limits, output, &exit_code, err) < 0)
        return err_prepend(err, "suite %s", suite);
    host->may_be_busy = exit_code > SUITE_EXIT_CODE_MAX;
    return exit_code == 0 ? 0 : suite_explain_exit(suite, exit_code, listener.last_words, err);
}
