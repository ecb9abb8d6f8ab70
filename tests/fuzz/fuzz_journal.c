/* Journals that anybody may have written to. Whatever stands in one, what is kept of it fits together, half a
 * line at its end changes nothing, a run is finished only when nothing of it may be left, and a launch that
 * is written down is never overlooked. */
#include "fuzz.h"

#include "base/strbuf.h"
#include "orchestrator/journal_read.h"

#define RUN "20261120T153045Z-k3v9xq"

static bool is_plain(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == strlen(text);
}

static void check_parts(const struct run_history *history)
{
    for (size_t i = 0; i < history->part_count; i++) {
        const struct history_part *part = &history->parts[i];
        require(part->output_dir && part->output_dir[0] == '/' && part->first_job <= history->job_count);
        for (size_t j = 0; j < part->argument_count; j++)
            require(strncmp(part->arguments[j], "--", 2) == 0);
    }
    for (size_t i = 0; i < history->job_count; i++)
        require(history->jobs[i].part < history->part_count && is_plain(history->jobs[i].instance_type));
}

static void check_launches(const struct run_history *history)
{
    for (size_t i = 0; i < history->launch_count; i++) {
        const struct history_launch *launch = &history->launches[i];
        require(launch->job == SIZE_MAX || launch->job < history->job_count);
        require(is_plain(launch->token) && is_plain(launch->instance_id));
        require(launch->fate != LAUNCH_ENDED || launch->instance_id[0]);
    }
    for (size_t i = 0; i < history->group_count; i++)
        require(is_plain(history->groups[i].id));
}

static void check_results(const struct run_history *history)
{
    char key[RESULT_KEY_SIZE];
    struct err err = {0};
    for (size_t i = 0; i < history->result_count; i++) {
        const struct history_result *result = &history->results[i];
        require(result->part < history->part_count);
        require(result->job == SIZE_MAX || result->job < history->job_count);
        require_success(result_key_format(&result->name, key, &err), &err);
        require(strcmp(key, result->key) == 0 && !(result->stored && result->absent));
        require(!history_is_settled(history) || !history_is_unsent(history, result));
    }
}

static void check_whole(const struct run_history *history)
{
    check_parts(history);
    check_launches(history);
    check_results(history);
    require((history->damaged == 0) == (history->damage.kind == ERR_NONE));
    if (history_is_settled(history))
        require(history->damaged == 0 && !history_may_be_alive(history));
}

/* Reads the text with something behind it. */
static void read_with(struct run_history *history, const struct strbuf *text, const char *behind)
{
    AUTO_STRBUF struct strbuf longer = STRBUF_INIT(1 << 20);
    strbuf_add(&longer, text->data, text->length);
    strbuf_adds(&longer, behind);
    require(!longer.failed);
    history_read(history, RUN, strbuf_text(&longer), longer.length);
}

static void check_additions(const struct strbuf *lines, const struct run_history *history)
{
    static const char *const behind[] = {
        "{\"record\":\"intent\",\"time\":\"2026-11-20T15:30:45Z\",\"job\":0,\"token\":\"a-new-one\"}\n",
        "{\"record\":\"intent\",\"token\":7}\n",
        "{\"record\":\"intent\"}\n",
        "what is this?\n",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(behind); i++) {
        AUTO_HISTORY struct run_history longer = {0};
        read_with(&longer, lines, behind[i]);
        require(!history_is_settled(&longer));
        require(history_may_be_alive(&longer) || i == ARRAY_LENGTH(behind) - 1);
        require(longer.launch_count >= history->launch_count);
    }
    AUTO_HISTORY struct run_history torn = {0};
    read_with(&torn, lines, "{\"record\":\"terminated\",\"instance_id\":\"i-1\"}");
    require(torn.unfinished_end && torn.records == history->records && torn.damaged == history->damaged);
    require(history_is_settled(&torn) == history_is_settled(history));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 << 16)
        return 0;
    AUTO_STRBUF struct strbuf lines = STRBUF_INIT(1 << 17);
    strbuf_add(&lines, data, size);
    strbuf_addc(&lines, '\n');
    AUTO_HISTORY struct run_history history = {0};
    history_read(&history, RUN, lines.data, lines.length);
    require(!history.unfinished_end);
    check_whole(&history);
    check_additions(&lines, &history);
    return 0;
}
