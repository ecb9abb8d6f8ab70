#include "cleanup_report.h"

#include "table.h"

#include "base/json.h"
#include "base/strbuf.h"

static int add_text(cJSON *row, const char *name, const char *text, struct err *err)
{
    return json_add_string(row, name, text[0] ? text : NULL, err);
}

static int add_time(cJSON *row, const char *name, int64_t seconds, struct err *err)
{
    char timestamp[TIMESTAMP_SIZE];
    format_timestamp((double)seconds, timestamp);
    return json_add_string(row, name, seconds ? timestamp : NULL, err);
}

/* An upload has no id of one word. */
static int add_id(cJSON *row, const struct leftover *item, const struct s3_location *bucket, struct err *err)
{
    AUTO_STRBUF struct strbuf id = STRBUF_INIT(4096);
    if (item->kind == LEFTOVER_MULTIPART_UPLOAD)
        strbuf_addf(&id, "s3://%s/%s?uploadId=%s", bucket->bucket, item->id, item->name);
    else
        strbuf_adds(&id, item->id);
    if (strbuf_ok(&id, "an id", err) < 0)
        return -1;
    return json_add_string(row, "id", strbuf_text(&id), err);
}

static const char *action_word(const struct leftover *item)
{
    switch (item->fate) {
    case LEFTOVER_KEEP:
        return "keep";
    case LEFTOVER_REMOVED:
        return "removed";
    case LEFTOVER_REMOVE:
    case LEFTOVER_OVER:
        break;
    }
    return "remove";
}

/* For the table alone: "keep: its run is live". */
static int add_action_text(cJSON *row, const struct leftover *item, struct err *err)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(1024);
    strbuf_addf(&text, "%s%s%s", action_word(item), item->why[0] ? ": " : "", item->why);
    if (strbuf_ok(&text, "an action", err) < 0)
        return -1;
    return json_add_string(row, "action_text", strbuf_text(&text), err);
}

static int add_row(cJSON *rows, const struct leftover *item, const struct s3_location *bucket,
                   bool for_people, struct err *err)
{
    cJSON *row = cJSON_CreateObject();
    if (!row || !cJSON_AddItemToArray(rows, row))
        return err_memory(err);
    if (json_add_string(row, "kind", leftover_kind_name(item->kind), err) < 0 ||
        add_id(row, item, bucket, err) < 0 || add_text(row, "run_id", item->run_id, err) < 0 ||
        json_add_string(row, "region", item->region, err) < 0 ||
        add_time(row, "created", item->created, err) < 0 || add_text(row, "state", item->state, err) < 0 ||
        add_time(row, "lease", item->lease, err) < 0)
        return -1;
    if (for_people)
        return add_action_text(row, item, err);
    if (json_add_string(row, "action", action_word(item), err) < 0)
        return -1;
    return add_text(row, "why", item->why, err);
}

int report_leftover_table(struct program *program, const struct leftovers *list,
                          const struct s3_location *bucket, struct err *err)
{
    static const struct table_column columns[] = {
        {"kind", "KIND", TABLE_EXACT},       {"id", "ID", TABLE_EXACT},
        {"run_id", "RUN", TABLE_EXACT},      {"region", "REGION", TABLE_EXACT},
        {"created", "CREATED", TABLE_EXACT}, {"state", "STATE", TABLE_EXACT},
        {"lease", "LEASE", TABLE_EXACT},     {"action_text", "ACTION", TABLE_EXACT},
    };
    static const struct table_column csv_columns[] = {
        {"kind", NULL, TABLE_EXACT},   {"id", NULL, TABLE_EXACT},      {"run_id", NULL, TABLE_EXACT},
        {"region", NULL, TABLE_EXACT}, {"created", NULL, TABLE_EXACT}, {"state", NULL, TABLE_EXACT},
        {"lease", NULL, TABLE_EXACT},  {"action", NULL, TABLE_EXACT},  {"why", NULL, TABLE_EXACT},
    };
    enum output_format format = (enum output_format)program->common.output;
    AUTO_JSON cJSON *rows = cJSON_CreateArray();
    if (!rows)
        return err_memory(err);
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].fate != LEFTOVER_OVER &&
            add_row(rows, &list->items[i], bucket, format == OUTPUT_TABLE, err) < 0)
            return -1;
    if (format == OUTPUT_TABLE && cJSON_GetArraySize(rows) == 0)
        return 0; /* the line on stderr says it */
    if (format == OUTPUT_CSV)
        return table_print(program->out, format, csv_columns, ARRAY_LENGTH(csv_columns), rows, err);
    return table_print(program->out, format, columns, ARRAY_LENGTH(columns), rows, err);
}

void report_leftover_sum(struct program *program, const struct leftovers *list, bool removing)
{
    size_t remaining = leftovers_count(list, LEFTOVER_REMOVE);
    size_t removed = leftovers_count(list, LEFTOVER_REMOVED);
    size_t kept = leftovers_count(list, LEFTOVER_KEEP);
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(256);
    if (removing && removed)
        strbuf_addf(&text, "%zu removed, ", removed);
    if (remaining)
        strbuf_addf(&text, removing ? "%zu could not be removed, " : "%zu to remove (--yes removes), ",
                    remaining);
    else if (!removed)
        strbuf_adds(&text, "nothing to remove, ");
    strbuf_addf(&text, "%zu kept", kept);
    log_line(&program->log, LOG_INFO, "%s", strbuf_text(&text));
}
