#include "left_behind.h"

#include "progress.h"

#include "base/json.h"
#include "base/strbuf.h"

#include <stdarg.h>

static void add_removal(struct strbuf *out, const struct left_behind *run)
{
    strbuf_addf(out, PROGRAM_NAME " cleanup --run %s --yes --region %s", run->run_id, run->region);
}

static void put_event(struct program *program, const struct left_behind *run, const char *kind,
                      const char *id, const char *sentence)
{
    AUTO_STRBUF struct strbuf removal = STRBUF_INIT(1024);
    char timestamp[TIMESTAMP_SIZE];
    format_timestamp(clock_realtime(&program->clock), timestamp);
    add_removal(&removal, run);
    AUTO_JSON cJSON *object = cJSON_CreateObject();
    json_add_string(object, "event", "left", NULL);
    json_add_string(object, "time", timestamp, NULL);
    json_add_string(object, "run_id", run->run_id, NULL);
    json_add_string(object, "region", run->region, NULL);
    if (kind)
        json_add_string(object, kind, id, NULL);
    json_add_string(object, "text", sentence, NULL);
    json_add_string(object, "remove", strbuf_text(&removal), NULL);
    AUTO_FREE char *text = json_print(object, false, NULL);
    fprintf(program->talk, "%s\n", text ? text : "{}");
}

void left_behind_line(struct program *program, const struct left_behind *run, const char *kind,
                      const char *id, const char *format, ...)
{
    char sentence[512];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    if (progress_mode(program) == PROGRESS_JSON)
        put_event(program, run, kind, id, sentence);
    else
        fprintf(program->talk, "%s\n", sentence);
}

void left_behind_end(struct program *program, const struct left_behind *run)
{
    AUTO_STRBUF struct strbuf removal = STRBUF_INIT(1024);
    if (progress_mode(program) == PROGRESS_JSON)
        return;
    add_removal(&removal, run);
    fprintf(program->talk, "Remove with:\n  %s\n", strbuf_text(&removal));
}
