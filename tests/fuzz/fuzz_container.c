/* What a machine says while its image is delivered and its suite runs. The input's lines are the answers of a
 * pretend machine, each an exit code, standard output and standard error; nothing of them may reach the next
 * script but words that a shell takes as they are, and no progress but printable text the caller. */
#include "fuzz.h"

#include "base/text.h"
#include "orchestrator/container.h"
#include "orchestrator/settle.h"

struct remote_session {
    char *at; /* what the machine still has to say */
};

static bool is_plain(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789:") == strlen(text);
}

/* "CODE|output|error output", where '~' stands for a line end. */
static int answer(struct remote_session *session, const struct remote_command *command,
                  const struct remote_limits *limits UNUSED, struct strbuf *output, int *exit_code,
                  struct err *err)
{
    char *line = fuzz_line(&session->at);
    if (!line)
        return err_set(err, ERR_NETWORK, "the machine is gone");
    require(strlen(command->script) < 16384 && command->output_limit > 0 && command->silence_limit > 0);
    for (char *at = line; *at; at++)
        *at = *at == '~' ? '\n' : *at;
    char *said = strchr(line, '|');
    char *complaint = said ? strchr(said + 1, '|') : NULL;
    if (!complaint)
        return err_set(err, ERR_REMOTE, "the machine's answer ended without its last line");
    *complaint++ = '\0';
    for (char *part = fuzz_line(&complaint); part && command->on_line; part = fuzz_line(&complaint))
        command->on_line(command->context, part, strlen(part));
    output->limit = command->output_limit;
    strbuf_adds(output, said + 1);
    if (output->length == 0)
        strbuf_adds(output, " ");
    *exit_code = line[0] == '0' ? 0 : (unsigned char)line[0];
    return strbuf_ok(output, "the output", err);
}

static void hear(void *context UNUSED, int percent, const char *text)
{
    require(percent >= -1 && percent <= 100 && text_is_utf8(text, strlen(text)));
    for (; *text; text++)
        require((unsigned char)*text >= ' ' && *text != 0x7F);
}

static void check_error(const struct err *err)
{
    require((err->kind == ERR_REMOTE || err->kind == ERR_NETWORK) && err->message[0]);
}

static void deliver_and_run(struct container_host *host, const struct image_source *source)
{
    static const char *const options[] = {"max-seconds=1"};
    const struct remote_limits limits = {0};
    const struct suite_talk talk = {.progress = hear};
    struct container_image image = {0};
    struct err err = {0};
    if (container_deliver(host, source, "x86_64", &limits, &image, &err) < 0) {
        check_error(&err);
        return;
    }
    require(strcmp(host->architecture, "x86_64") == 0);
    require(image.id[0] && is_plain(image.id));
    if (source->archive)
        require(strstr(source->archive->platforms[0].config_digest, image.id) ||
                strcmp(source->archive->platforms[0].manifest_digest, image.id) == 0);
    AUTO_STRBUF struct strbuf output = STRBUF_INIT(1);
    if (container_run_suite(host, &image, "stream", options, 1, &talk, &limits, &output, &err) < 0)
        check_error(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct remote_ops operations = {.run = answer};
    static const struct image_archive archive = {
        .platforms = {{"x86_64", "benchmark:1",
                       "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                       "sha256:01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b"}},
        .platform_count = 1,
    };
    if (size == 0)
        return 0;
    const struct remote remote = {&operations, NULL};
    const struct remote_limits limits = {0};
    AUTO_FREE char *text = fuzz_text(data + 1, size - 1);
    struct remote_session session = {.at = text};
    struct container_host host = {.remote = &remote, .session = &session, .silence_seconds = 30};
    const struct image_source source = {data[0] % 2 ? &archive : NULL, "registry.example/benchmark:1"};
    struct err err = {0};
    struct settled settled = {0};
    if (settle_machine(&host, "ssh-ed25519 AAAA", &limits, &settled, &err) < 0) {
        check_error(&err);
        return 0;
    }
    require(strlen(host.engine) >= strlen("docker") && strlen(host.architecture) > 0);
    deliver_and_run(&host, &source);
    return 0;
}
