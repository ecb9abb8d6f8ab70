/*
 * remote_script: SSH as the collector speaks it, by itself, for tests with servers of all kinds. Connects,
 * runs the script from its standard input, and prints one JSON object: {"step": "connect"|"run"|"done",
 * "kind", "message", "exit_code", "output_length", "lines"}. The scripts' standard output goes to the file
 * named last, if there is one.
 *
 *   remote_script ADDRESS PORT USER KEY_FILE HOST_KEY SECONDS SILENCE OUTPUT_LIMIT [FILE]
 */
#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/parse.h"
#include "orchestrator/remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPT_MAX 65536
#define KEY_MAX 65536

struct report {
    const char *step;
    struct err err;
    int exit_code;
    size_t output_length;
    int64_t lines;
};

static void count_line(void *context, const char *line, size_t length)
{
    (void)line;
    (void)length;
    ++*(int64_t *)context;
}

static int print_report(const struct report *report)
{
    struct err err = {0};
    AUTO_JSON cJSON *json = cJSON_CreateObject();
    bool done = strcmp(report->step, "done") == 0;
    if (!json || json_add_string(json, "step", report->step, &err) < 0 ||
        json_add_string(json, "kind", done ? NULL : err_kind_name(report->err.kind), &err) < 0 ||
        json_add_string(json, "message", done ? NULL : report->err.message, &err) < 0 ||
        json_add_i64(json, "exit_code", report->exit_code, &err) < 0 ||
        json_add_i64(json, "output_length", (int64_t)report->output_length, &err) < 0 ||
        json_add_i64(json, "lines", report->lines, &err) < 0)
        return 1;
    AUTO_FREE char *text = json_print(json, false, &err);
    return text && puts(text) >= 0 ? 0 : 1;
}

static int converse(const struct remote_target *target, char **words, const char *script,
                    struct report *report)
{
    struct remote remote = remote_ssh();
    struct clock clock = clock_system();
    uint64_t seconds = 0, silence = 0, output_limit = 0;
    struct err *err = &report->err;
    if (parse_u64(words[0], 1, 3600, &seconds, err) < 0 || parse_u64(words[1], 1, 3600, &silence, err) < 0 ||
        parse_u64(words[2], 1, 1 << 20, &output_limit, err) < 0)
        return -1;
    struct remote_limits limits = {clock_monotonic(&clock) + (double)seconds, NULL, CANCEL_NONE};
    struct remote_session *session = remote.ops->connect(remote.context, target, &limits, err);
    if (!session)
        return -1;
    report->step = "run";
    AUTO_STRBUF struct strbuf output = STRBUF_INIT(0);
    struct remote_command command = {.script = script,
                                     .output_limit = output_limit,
                                     .silence_limit = (double)silence,
                                     .on_line = count_line,
                                     .context = &report->lines};
    if (remote.ops->run(session, &command, &limits, &output, &report->exit_code, err) == 0)
        report->step = "done";
    report->output_length = output.length;
    remote.ops->close(session);
    AUTO_FCLOSE FILE *file = words[3] ? fopen(words[3], "wb") : NULL;
    if (file)
        fwrite(strbuf_text(&output), 1, output.length, file);
    return 0;
}

int main(int argc, char **argv)
{
    struct report report = {.step = "connect", .exit_code = -1};
    char script[SCRIPT_MAX];
    unsigned char blob[SSH_ED25519_BLOB_SIZE];
    uint64_t port = 0;
    size_t length = 0;
    if (argc < 9 || remote_ssh_global_init(&report.err) < 0)
        return 2;
    script[fread(script, 1, sizeof script - 1, stdin)] = '\0';
    AUTO_FREE char *key = fs_read_file(argv[4], KEY_MAX, &length, &report.err);
    if (!key || parse_u64(argv[2], 1, 65535, &port, &report.err) < 0 ||
        ssh_public_key_parse(argv[5], blob, &report.err) < 0) {
        fprintf(stderr, "remote_script: %s\n", report.err.message);
        return 2;
    }
    struct remote_target target = {
        .address = argv[1], .port = (uint16_t)port, .user = argv[3], .host_blob = blob, .private_key = key};
    converse(&target, argv + 6, script, &report);
    int result = print_report(&report);
    remote_ssh_global_cleanup();
    return result;
}
