#include "orchestrator/journal_records.h"

#include "base/parse.h"
#include "base/text.h"
#include "orchestrator/journal_shapes.h"

#include <limits.h>
#include <string.h>

/* More than any run has; what is beyond is not memory well spent. */
#define MOST_PARTS 1000
#define MOST_JOBS 100000
#define MOST_ENTRIES 100000
#define MOST_ARGUMENTS 256

/* --- fields ----------------------------------------------------------------------------------- */

/* Which of the run's jobs the record is about. SIZE_MAX: it names none. */
static int take_job(const struct run_history *history, const cJSON *record, size_t *job, struct err *err)
{
    int64_t number = 0;
    *job = SIZE_MAX;
    if (!json_at(record, "job"))
        return 0;
    if (json_get_i64(record, "job", &number, err) < 0)
        return -1;
    if (number < 0 || (uint64_t)number >= history->job_count)
        return err_set(err, ERR_DATA, "the run has no job %lld", (long long)number);
    *job = (size_t)number;
    return 0;
}

static int take_known_job(const struct run_history *history, const cJSON *record, size_t *job,
                          struct err *err)
{
    if (take_job(history, record, job, err) < 0)
        return -1;
    return *job == SIZE_MAX ? err_set(err, ERR_DATA, "it names no job") : 0;
}

static int64_t time_of(const cJSON *record)
{
    int64_t time = 0;
    return parse_timestamp(json_string_or(record, "time", ""), &time, NULL) == 0 ? time : 0;
}

static void take_printable(const char *text, char *out, size_t size)
{
    AUTO_STRBUF struct strbuf printable = STRBUF_INIT(1 << 16);
    text_add_printable(&printable, text, strnlen(text, 4096));
    snprintf(out, size, "%.*s", (int)size - 1, strbuf_text(&printable));
}

/* The array with room for one more; NULL leaves it as it is. */
static void *grow(void *items, size_t count, size_t size, size_t most, struct err *err)
{
    if (count >= most) {
        err_set(err, ERR_DATA, "there are more than %zu", most);
        return NULL;
    }
    if (count & (count - 1)) /* room is doubled at every power of two */
        return items;
    void *larger = realloc(items, (count ? 2 * count : 1) * size);
    if (!larger)
        err_memory(err);
    return larger;
}

/* A new, zeroed element at the end of an array of the history. */
#define APPEND(array, count, most, err)                                                                      \
    ({                                                                                                       \
        __typeof__(array) larger_ = grow(array, count, sizeof *(array), most, err);                          \
        if (larger_) {                                                                                       \
            (array) = larger_;                                                                               \
            (array)[count] = (__typeof__(*(array))){0};                                                      \
        }                                                                                                    \
        larger_ ? &(array)[(count)++] : NULL;                                                                \
    })

/* --- the run ---------------------------------------------------------------------------------- */

static bool is_list_of(const cJSON *list, bool (*has_shape)(const char *text), int most)
{
    const cJSON *item;
    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > most)
        return false;
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsString(item) || !has_shape(item->valuestring))
            return false;
    }
    return true;
}

static bool is_option_word(const char *text)
{
    return text_starts_with(text, "--") && text_is_utf8(text, strlen(text));
}

static int take_arguments(struct history_part *part, const cJSON *list, struct err *err)
{
    const cJSON *item;
    part->arguments = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *part->arguments);
    if (!part->arguments)
        return err_memory(err);
    cJSON_ArrayForEach(item, list)
    {
        part->arguments[part->argument_count] = strdup(item->valuestring);
        if (!part->arguments[part->argument_count])
            return err_memory(err);
        part->argument_count++;
    }
    return 0;
}

void history_part_free(struct history_part *part)
{
    for (size_t i = 0; i < part->argument_count; i++)
        free(part->arguments[i]);
    free(part->arguments);
    free(part->output_dir);
}

static int take_part(struct run_history *history, const cJSON *record, struct err *err)
{
    struct history_part *part = APPEND(history->parts, history->part_count, MOST_PARTS, err);
    if (!part)
        return -1;
    part->time = time_of(record);
    part->first_job = history->job_count;
    take_printable(json_string_or(record, "version", ""), part->version, sizeof part->version);
    if (json_at(record, "bucket") && TAKE_TEXT(record, "bucket", shape_is_bucket, part->bucket, err) < 0)
        return -1;
    char output_dir[PATH_MAX + 1];
    if (TAKE_TEXT(record, "output_dir", shape_is_absolute_path, output_dir, err) < 0)
        return -1;
    part->output_dir = strdup(output_dir);
    if (!part->output_dir)
        return err_memory(err);
    const cJSON *arguments = json_at(record, "arguments");
    if (!is_list_of(arguments, is_option_word, MOST_ARGUMENTS))
        return err_set(err, ERR_DATA, "the arguments are no option words");
    return take_arguments(part, arguments, err);
}

static int take_jobs(struct run_history *history, const cJSON *record, struct err *err)
{
    const cJSON *types = json_at(record, "instance_types");
    const cJSON *type;
    if (!is_list_of(types, shape_is_instance_type, MOST_JOBS))
        return err_set(err, ERR_DATA, "the instance types are no list of them");
    cJSON_ArrayForEach(type, types)
    {
        struct history_job *job = APPEND(history->jobs, history->job_count, MOST_JOBS, err);
        if (!job)
            return -1;
        job->part = history->part_count - 1;
        snprintf(job->instance_type, sizeof job->instance_type, "%s", type->valuestring);
    }
    return 0;
}

/* Where in AWS the run is; one of this machine itself is nowhere there. */
static int take_owner(struct run_history *said, const cJSON *record, struct err *err)
{
    if (strcmp(said->collection_method, "local") == 0)
        return 0;
    if (TAKE_TEXT(record, "endpoint", shape_is_endpoint, said->endpoint, err) < 0)
        return -1;
    return TAKE_TEXT(record, "account", shape_is_account, said->account, err);
}

/* The first names the run, later ones must be of the same. */
static int take_identity(struct run_history *history, const cJSON *record, struct err *err)
{
    struct run_history said = {0};
    int64_t first_job = 0;
    if (TAKE_TEXT(record, "run_id", history_is_run_id, said.run_id, err) < 0 ||
        TAKE_TEXT(record, "region", shape_is_region, said.region, err) < 0 ||
        TAKE_TEXT(record, "collection_method", shape_is_word, said.collection_method, err) < 0 ||
        take_owner(&said, record, err) < 0 || json_get_i64(record, "first_job", &first_job, err) < 0)
        return -1;
    bool first = history->part_count == 0;
    bool same =
        strcmp(said.run_id, history->run_id) == 0 &&
        (first || (strcmp(said.region, history->region) == 0 && strcmp(said.account, history->account) == 0 &&
                   strcmp(said.endpoint, history->endpoint) == 0));
    if (!same || first_job < 0 || (uint64_t)first_job != history->job_count)
        return err_set(err, ERR_DATA, "it is not of this run, or its jobs are not numbered on");
    memcpy(history->region, said.region, sizeof said.region);
    memcpy(history->endpoint, said.endpoint, sizeof said.endpoint);
    memcpy(history->account, said.account, sizeof said.account);
    memcpy(history->collection_method, said.collection_method, sizeof said.collection_method);
    return 0;
}

static int take_part_and_jobs(struct run_history *history, const cJSON *record, struct err *err)
{
    size_t parts = history->part_count;
    size_t jobs = history->job_count;
    if (take_part(history, record, err) == 0 && take_jobs(history, record, err) == 0)
        return 0;
    if (history->part_count > parts)
        history_part_free(&history->parts[--history->part_count]);
    history->job_count = jobs;
    return -1;
}

static int apply_run(struct run_history *history, const cJSON *record, struct err *err)
{
    if (take_identity(history, record, err) < 0 || take_part_and_jobs(history, record, err) < 0)
        return -1;
    if (history->part_count == 1)
        history->started = time_of(record);
    history->ended = false;
    return 0;
}

/* --- machines --------------------------------------------------------------------------------- */

/* The launch is counted before anything in the line is believed: a machine that nobody looks for is the worst
 * that can come of a damaged line. */
static int apply_intent(struct run_history *history, const cJSON *record, struct err *err)
{
    struct history_launch *launch = APPEND(history->launches, history->launch_count, MOST_ENTRIES, err);
    if (!launch)
        return -1;
    launch->job = SIZE_MAX;
    launch->time = time_of(record);
    if (TAKE_TEXT(record, "token", shape_is_token, launch->token, err) < 0 ||
        take_known_job(history, record, &launch->job, err) < 0)
        return -1;
    struct history_job *job = &history->jobs[launch->job];
    job->launched_at = launch->time;
    job->instance_id[0] = '\0';
    return 0;
}

static struct history_launch *find_launch(struct run_history *history, const cJSON *record, struct err *err)
{
    char token[65];
    if (TAKE_TEXT(record, "token", shape_is_token, token, err) < 0)
        return NULL;
    for (size_t i = history->launch_count; i > 0; i--)
        if (strcmp(history->launches[i - 1].token, token) == 0)
            return &history->launches[i - 1];
    err_set(err, ERR_DATA, "no launch has the token");
    return NULL;
}

static int apply_launched(struct run_history *history, const cJSON *record, struct err *err)
{
    struct history_launch *launch = find_launch(history, record, err);
    char id[sizeof launch->instance_id];
    if (!launch || TAKE_TEXT(record, "instance_id", shape_is_instance_id, id, err) < 0)
        return -1;
    memcpy(launch->instance_id, id, sizeof id);
    if (launch->fate == LAUNCH_UNKNOWN)
        launch->fate = LAUNCH_NOT_ENDED;
    if (launch->job != SIZE_MAX)
        memcpy(history->jobs[launch->job].instance_id, id, sizeof id);
    return 0;
}

static int apply_not_launched(struct run_history *history, const cJSON *record, struct err *err)
{
    struct history_launch *launch = find_launch(history, record, err);
    if (!launch)
        return -1;
    if (launch->instance_id[0])
        return err_set(err, ERR_DATA, "the launch has made %s", launch->instance_id);
    launch->fate = LAUNCH_NOT_MADE;
    return 0;
}

static int apply_terminated(struct run_history *history, const cJSON *record, struct err *err)
{
    char id[32];
    if (TAKE_TEXT(record, "instance_id", shape_is_instance_id, id, err) < 0)
        return -1;
    for (size_t i = 0; i < history->launch_count; i++)
        if (strcmp(history->launches[i].instance_id, id) == 0)
            history->launches[i].fate = LAUNCH_ENDED;
    return 0; /* one that no launch names was found by its tag */
}

static int apply_state(struct run_history *history, const cJSON *record, struct err *err)
{
    size_t number = 0;
    const char *name = NULL;
    enum job_state state = JOB_PLANNED;
    if (take_known_job(history, record, &number, err) < 0 || json_get_string(record, "state", &name, err) < 0)
        return -1;
    if (!job_state_from_name(name, &state))
        return err_set(err, ERR_DATA, "'%.32s' is no state of a job", name);
    struct history_job *job = &history->jobs[number];
    job->state = state;
    take_printable(json_string_or(record, "detail", ""), job->detail, sizeof job->detail);
    return 0;
}

/* The newest of the groups that are there (or may be) and are called so, or have no id yet. */
static struct history_group *find_group(struct run_history *history, const char *id, bool named)
{
    for (size_t i = history->group_count; i > 0; i--) {
        struct history_group *group = &history->groups[i - 1];
        if (!group->removed && (!group->id[0] || (named && strcmp(group->id, id) == 0)))
            return group;
    }
    return NULL;
}

static int take_group(struct run_history *history, const cJSON *record, const char *id, const char *what,
                      struct err *err)
{
    bool named = shape_is_group_id(id);
    bool removed = strcmp(what, "removed") == 0;
    struct history_group *group = strcmp(what, "to be made") == 0 ? NULL : find_group(history, id, named);
    if (!group && removed)
        return 0; /* nobody knew of it: all the better */
    if (!group)
        group = APPEND(history->groups, history->group_count, MOST_ENTRIES, err);
    if (!group)
        return -1;
    group->time = time_of(record);
    group->removed = removed;
    if (named)
        snprintf(group->id, sizeof group->id, "%s", id);
    return 0;
}

static int apply_resource(struct run_history *history, const cJSON *record, struct err *err)
{
    const char *kind = NULL;
    const char *what = NULL;
    const char *id = NULL;
    if (json_get_string(record, "kind", &kind, err) < 0 || json_get_string(record, "what", &what, err) < 0 ||
        json_get_string(record, "id", &id, err) < 0)
        return -1;
    bool of_this_run = shape_is_group_id(id) || strcmp(id, history->run_id) == 0;
    if (strcmp(kind, "security_group") != 0 || !of_this_run)
        return err_set(err, ERR_DATA, "'%.32s' is no resource of this run", id);
    return take_group(history, record, id, what, err);
}

/* --- results ---------------------------------------------------------------------------------- */

/* The result of that key, made when it is new. Its names come from the key, which must be the one that this
 * program gives, of this run. */
static struct history_result *result_of(struct run_history *history, const cJSON *record, struct err *err)
{
    struct history_result said = {.job = SIZE_MAX};
    char key[RESULT_KEY_SIZE];
    const char *text = NULL;
    if (take_job(history, record, &said.job, err) < 0 || json_get_string(record, "key", &text, err) < 0 ||
        result_key_parse(text, &said.name, err) < 0 || result_key_format(&said.name, key, err) < 0)
        return NULL;
    if (strcmp(key, text) != 0 || strcmp(said.name.run_id, history->run_id) != 0 ||
        history->part_count == 0) {
        err_set(err, ERR_DATA, "'%.128s' is no key of this run", text);
        return NULL;
    }
    for (size_t i = history->result_count; i > 0; i--)
        if (strcmp(history->results[i - 1].key, key) == 0)
            return &history->results[i - 1];
    struct history_result *result = APPEND(history->results, history->result_count, MOST_ENTRIES, err);
    if (!result)
        return NULL;
    *result = said;
    result->part = history->part_count - 1;
    memcpy(result->key, key, sizeof key);
    return result;
}

static int take_digest(struct history_result *result, const cJSON *record, struct err *err)
{
    return result ? TAKE_TEXT(record, "sha256", shape_is_sha256, result->sha256, err) : -1;
}

static int apply_measured(struct run_history *history, const cJSON *record, struct err *err)
{
    return take_digest(result_of(history, record, err), record, err);
}

static int apply_stored(struct run_history *history, const cJSON *record, struct err *err)
{
    struct history_result *result = result_of(history, record, err);
    if (take_digest(result, record, err) < 0)
        return -1;
    result->stored = true;
    result->absent = false;
    return 0;
}

static int apply_not_stored(struct run_history *history, const cJSON *record, struct err *err)
{
    struct history_result *result = result_of(history, record, err);
    if (!result)
        return -1;
    result->stored = false;
    result->absent = true;
    return 0;
}

static int apply_sent(struct run_history *history, const cJSON *record, struct err *err)
{
    struct history_result *result = result_of(history, record, err);
    if (take_digest(result, record, err) < 0)
        return -1;
    result->sent = true;
    return 0;
}

static int apply_end(struct run_history *history, const cJSON *record, struct err *err)
{
    int64_t code = 0;
    if (json_get_i64(record, "exit_code", &code, err) < 0)
        return -1;
    history->ended = true;
    history->exit_code = code >= 0 && code < 256 ? (int)code : 255;
    return 0;
}

/* --- any of them ------------------------------------------------------------------------------ */

static const struct record_kind {
    const char *name;
    int (*apply)(struct run_history *history, const cJSON *record, struct err *err);
} kinds[] = {
    {"run", apply_run},
    {"intent", apply_intent},
    {"launched", apply_launched},
    {"not_launched", apply_not_launched},
    {"terminated", apply_terminated},
    {"state", apply_state},
    {"resource", apply_resource},
    {"measured", apply_measured},
    {"stored", apply_stored},
    {"not_stored", apply_not_stored},
    {"sent", apply_sent},
    {"end", apply_end},
};

int history_apply(struct run_history *history, const cJSON *record, struct err *err)
{
    const char *name = json_string_or(record, "record", "");
    int64_t time = time_of(record);
    size_t job = SIZE_MAX;
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (strcmp(kinds[i].name, name) != 0)
            continue;
        if (kinds[i].apply(history, record, err) < 0)
            return err_prepend(err, "%s", name);
        history->changed = time ? time : history->changed;
        if (take_job(history, record, &job, NULL) == 0 && job != SIZE_MAX)
            history->jobs[job].changed_at = time;
        return 0;
    }
    return err_set(err, ERR_DATA, "'%.32s' is no kind of record", name);
}
