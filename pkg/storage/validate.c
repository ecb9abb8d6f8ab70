#include "storage/validate.h"

#include "base/digest.h"
#include "base/fs.h"
#include "base/text.h"
#include "results/census.h"
#include "storage/keys.h"

#include <string.h>

static void free_finding(struct finding *finding)
{
    free(finding->file);
    free(finding->rule);
    free(finding->message);
}

void validation_free(struct validation *validation)
{
    for (size_t i = 0; i < validation->count; i++)
        free_finding(&validation->findings[i]);
    free(validation->findings);
    *validation = (struct validation){0};
}

/* A copy fit for a terminal and for JSON; NULL: out of memory. */
static char *printable_copy(const char *text)
{
    AUTO_STRBUF struct strbuf copy = STRBUF_INIT(16384);
    text_add_printable(&copy, text, strnlen(text, 8192));
    return strbuf_take(&copy, "a text", NULL);
}

static int make_room(struct validation *validation, struct err *err)
{
    if (validation->count < validation->capacity)
        return 0;
    size_t capacity = validation->capacity ? validation->capacity * 2 : 16;
    struct finding *grown = reallocarray(validation->findings, capacity, sizeof *grown);
    if (!grown)
        return err_memory(err);
    validation->findings = grown;
    validation->capacity = capacity;
    return 0;
}

static int add_finding(struct validation *validation, const char *file, const char *rule, const char *message,
                       struct err *err)
{
    if (make_room(validation, err) < 0)
        return -1;
    struct finding *finding = &validation->findings[validation->count++];
    *finding = (struct finding){printable_copy(file), strdup(rule), printable_copy(message)};
    return finding->file && finding->rule && finding->message ? 0 : err_memory(err);
}

/* What differs, as `name: says "a", its path "b"`. */
static int compare_part(const char *name, const char *in_document, const char *in_path, struct err *err)
{
    if (strcmp(in_document, in_path) == 0)
        return 0;
    return err_set(err, ERR_DATA, "the document's %s is %s, its path says %s", name, in_document, in_path);
}

int check_key(const char *path, const cJSON *document, struct err *err)
{
    struct result_key in_path;
    struct result_key in_document;
    if (!strstr(path, RESULT_KEY_ROOT))
        return 0;
    if (result_key_parse(path, &in_path, err) < 0 ||
        result_key_of_document(document, &in_document, err) < 0 ||
        compare_part("region", in_document.region, in_path.region, err) < 0 ||
        compare_part("instance type", in_document.instance_type, in_path.instance_type, err) < 0 ||
        compare_part("suite", in_document.suite, in_path.suite, err) < 0 ||
        compare_part("date", in_document.date, in_path.date, err) < 0 ||
        compare_part("run", in_document.run_id, in_path.run_id, err) < 0 ||
        compare_part("digest", in_document.sha12, in_path.sha12, err) < 0)
        return -1;
    if (in_document.iteration != in_path.iteration)
        return err_set(err, ERR_DATA, "the document's iteration is %u, its path says %u",
                       in_document.iteration, in_path.iteration);
    return 0;
}

struct visit {
    const struct inspector *inspector;
    struct validation *validation;
    struct census census;
    const char *file;
    bool named; /* by the user, not found in a directory */
    bool out_of_memory;
};

static void keep_finding(void *context, const char *rule, const char *message)
{
    struct visit *visit = context;
    if (add_finding(visit->validation, visit->file, rule, message, NULL) < 0)
        visit->out_of_memory = true;
}

/* Found by the way, and not made by this program. */
static bool is_to_be_left_out(const struct visit *visit, enum inspected_kind kind)
{
    return kind == INSPECTED_OTHER && !visit->named && !strstr(visit->file, RESULT_KEY_ROOT);
}

static void leave_out(struct validation *validation, const char *file, size_t findings_before)
{
    while (validation->count > findings_before)
        free_finding(&validation->findings[--validation->count]);
    validation->files--;
    validation->readable--;
    validation->left_out++;
    if (validation->tell_left_out)
        validation->tell_left_out(validation->context, file);
}

/* Beside the files that were looked at before. */
static int take_census(struct visit *visit, const struct inspected *inspected, const char *text,
                       size_t length, struct err *err)
{
    char digest[SHA256_HEX_SIZE];
    if (inspected->kind == INSPECTED_FOREIGN)
        return census_take_foreign(&visit->census, visit->file, inspected->document, keep_finding, visit,
                                   err);
    if (inspected->kind != INSPECTED_RESULT)
        return 0;
    /* not the digest that the document has: it may have been edited since */
    if (sha256_hex(text, length, digest, err) < 0)
        return -1;
    return census_take(&visit->census, visit->file, inspected->document, digest, keep_finding, visit, err);
}

static void check_place(struct visit *visit, const struct inspected *inspected)
{
    struct err failure = {0};
    if (inspected->kind == INSPECTED_RESULT && check_key(visit->file, inspected->document, &failure) < 0)
        keep_finding(visit, "key", failure.message);
    if (inspected->kind == INSPECTED_FOREIGN && strstr(visit->file, RESULT_KEY_ROOT))
        keep_finding(visit, "key", "a result of another program lies among this one's");
}

static int judge(struct visit *visit, const char *text, size_t length, struct err *err)
{
    AUTO_INSPECTED struct inspected inspected = {0};
    size_t before = visit->validation->count;
    size_t found = inspect_file(visit->inspector, text, length, &inspected, keep_finding, visit);
    if (is_to_be_left_out(visit, inspected.kind))
        leave_out(visit->validation, visit->file, before);
    if (inspected.kind == INSPECTED_FOREIGN)
        visit->validation->foreign++;
    if (found == 0)
        check_place(visit, &inspected);
    if (take_census(visit, &inspected, text, length, err) < 0)
        return -1;
    return visit->out_of_memory ? err_memory(err) : 0;
}

static int visit_file(void *context, const char *path, struct err *err)
{
    struct visit *visit = context;
    struct err failure = {0};
    size_t length = 0;
    visit->file = path;
    visit->validation->files++;
    AUTO_FREE char *text = fs_read_file(path, INSPECT_MAX_BYTES, &length, &failure);
    if (!text)
        return add_finding(visit->validation, path, "readable", failure.message, err);
    visit->validation->readable++;
    return judge(visit, text, length, err);
}

static int visit_stray_link(void *context, const char *path, struct err *err)
{
    struct visit *visit = context;
    visit->validation->files++;
    return add_finding(visit->validation, path, "readable", STRAY_LINK_MESSAGE, err);
}

/* A file that is named is looked at whatever its name ends in; the slash makes fs_walk follow a directory
 * that is named by a link. */
static int visit_path(struct visit *visit, const char *path, struct err *err)
{
    struct err failure = {0};
    visit->named = !fs_is_directory(path);
    if (visit->named)
        return visit_file(visit, path, err);
    AUTO_FREE char *directory = fs_join(path, "", err);
    if (!directory)
        return -1;
    if (fs_walk(directory, ".json", visit_file, visit, &failure) == 0 &&
        fs_walk_stray_links(directory, ".json", visit_stray_link, visit, &failure) == 0)
        return 0;
    if (failure.kind != ERR_CONFIG)
        return err_set(err, failure.kind, "%s", failure.message);
    visit->validation->files++;
    return add_finding(visit->validation, path, "readable", failure.message, err);
}

static void free_visit(struct visit *visit)
{
    census_free(&visit->census);
}

int validate_paths(const struct inspector *inspector, const char *const *paths, size_t count,
                   struct validation *validation, struct err *err)
{
    CLEANUP(free_visit) struct visit visit = {.inspector = inspector, .validation = validation};
    for (size_t i = 0; i < count; i++)
        if (visit_path(&visit, paths[i], err) < 0)
            return -1;
    return 0;
}

static cJSON *finding_json(const struct finding *finding, struct err *err)
{
    AUTO_JSON cJSON *object = cJSON_CreateObject();
    if (json_add_string(object, "file", finding->file, err) < 0 ||
        json_add_string(object, "rule", finding->rule, err) < 0 ||
        json_add_string(object, "message", finding->message, err) < 0)
        return NULL;
    return TAKE(object);
}

cJSON *validation_json(const struct validation *validation, struct err *err)
{
    AUTO_JSON cJSON *tree = cJSON_CreateObject();
    if (json_add_i64(tree, "files", (int64_t)validation->files, err) < 0)
        return NULL;
    cJSON *findings = cJSON_AddArrayToObject(tree, "findings");
    for (size_t i = 0; i < validation->count; i++) {
        cJSON *finding = finding_json(&validation->findings[i], err);
        if (!findings || !finding || !cJSON_AddItemToArray(findings, finding))
            return NULL;
    }
    return TAKE(tree);
}
