#include "storage/keys.h"

#include "base/parse.h"
#include "results/document.h"

#include <string.h>

static bool is_key_character(char c)
{
    return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
}

/* Letters, digits, '.', '_' and '-', and no leading dot, which hides files and climbs out of directories. */
static bool is_key_part(const char *part)
{
    if (*part == '\0' || *part == '.')
        return false;
    for (; *part; part++)
        if (!is_key_character(*part))
            return false;
    return true;
}

static bool is_sha12(const char *text)
{
    return strlen(text) == SHA12_SIZE - 1 && strspn(text, "0123456789abcdef") == SHA12_SIZE - 1;
}

static bool is_date(const char *text)
{
    char timestamp[32];
    int64_t seconds = 0;
    int length = snprintf(timestamp, sizeof timestamp, "%sT00:00:00Z", text);
    return length == TIMESTAMP_SIZE - 1 && parse_timestamp(timestamp, &seconds, NULL) == 0;
}

static int check_parts(const struct result_key *key, struct err *err)
{
    const char *const parts[] = {key->region, key->instance_type, key->suite, key->date, key->run_id};
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++)
        if (!is_key_part(parts[i]))
            return err_set(err, ERR_DATA, "'%.64s' can't be part of a result's key", parts[i]);
    if (!is_date(key->date))
        return err_set(err, ERR_DATA, "'%s' is not a date", key->date);
    if (!is_sha12(key->sha12) || key->iteration == 0)
        return err_set(err, ERR_DATA, "a result's key needs an iteration and 12 digits of its SHA-256");
    return 0;
}

int result_key_format(const struct result_key *key, char out[RESULT_KEY_SIZE], struct err *err)
{
    if (check_parts(key, err) < 0)
        return -1;
    snprintf(out, RESULT_KEY_SIZE,
             RESULT_KEY_ROOT "region=%s/instance_type=%s/suite=%s/date=%s/%s-%u-%s.json", key->region,
             key->instance_type, key->suite, key->date, key->run_id, key->iteration, key->sha12);
    return 0;
}

/* Copies what stands between `from` and `to`; false where it does not fit. */
static bool copy_part(char *out, size_t size, const char *from, const char *to)
{
    if (to < from || (size_t)(to - from) >= size)
        return false;
    memcpy(out, from, (size_t)(to - from));
    out[to - from] = '\0';
    return true;
}

/* Steps over "NAME=value/". */
static bool read_partition(const char **at, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    if (strncmp(*at, name, length) != 0 || (*at)[length] != '=')
        return false;
    const char *begin = *at + length + 1;
    const char *end = strchr(begin, '/');
    if (!end || !copy_part(value, size, begin, end))
        return false;
    *at = end + 1;
    return true;
}

/* The last '-' before end. */
static const char *dash_before(const char *begin, const char *end)
{
    return end > begin ? memrchr(begin, '-', (size_t)(end - begin)) : NULL;
}

/* "RUN-ITERATION-SHA12.json"; a run's own name may hold dashes. */
static bool read_file_name(const char *name, struct result_key *key)
{
    const char *end = strrchr(name, '.');
    const char *second = end ? dash_before(name, end) : NULL;
    const char *first = second ? dash_before(name, second) : NULL;
    char iteration[16];
    uint64_t number = 0;
    if (!first || strcmp(end, ".json") != 0 || !copy_part(key->sha12, sizeof key->sha12, second + 1, end) ||
        !copy_part(key->run_id, sizeof key->run_id, name, first) ||
        !copy_part(iteration, sizeof iteration, first + 1, second) ||
        parse_u64(iteration, 1, 1000000, &number, NULL) < 0)
        return false;
    key->iteration = (unsigned)number;
    return true;
}

/* The last place where the layout begins, at the start of a step of the path. */
static const char *find_root(const char *path)
{
    const char *found = NULL;
    for (const char *at = strstr(path, RESULT_KEY_ROOT); at; at = strstr(at + 1, RESULT_KEY_ROOT))
        if (at == path || at[-1] == '/')
            found = at;
    return found;
}

int result_key_parse(const char *path, struct result_key *key, struct err *err)
{
    *key = (struct result_key){0};
    const char *at = find_root(path);
    if (!at)
        return err_set(err, ERR_DATA, "the path holds no " RESULT_KEY_ROOT);
    at += strlen(RESULT_KEY_ROOT);
    if (!read_partition(&at, "region", key->region, sizeof key->region) ||
        !read_partition(&at, "instance_type", key->instance_type, sizeof key->instance_type) ||
        !read_partition(&at, "suite", key->suite, sizeof key->suite) ||
        !read_partition(&at, "date", key->date, sizeof key->date) || strchr(at, '/') ||
        !read_file_name(at, key))
        return err_set(err, ERR_DATA,
                       "the path is not region=R/instance_type=T/suite=S/date=D/RUN-ITERATION-SHA12.json");
    return check_parts(key, err);
}

/* The string at path into a field, which it must fit. */
static int copy_string(const cJSON *document, const char *path, char *out, size_t size, struct err *err)
{
    const char *value = NULL;
    if (json_get_string(document, path, &value, err) < 0)
        return -1;
    if (!copy_part(out, size, value, value + strlen(value)))
        return err_set(err, ERR_DATA, "'%s' is too long for a result's key", path);
    return 0;
}

int result_key_of_document(const cJSON *document, struct result_key *key, struct err *err)
{
    *key = (struct result_key){0};
    int64_t iteration = 0;
    const char *timestamp = NULL;
    const char *digest = NULL;
    if (copy_string(document, "metadata.region", key->region, sizeof key->region, err) < 0 ||
        copy_string(document, "metadata.instance_type", key->instance_type, sizeof key->instance_type, err) <
            0 ||
        copy_string(document, "metadata.benchmark_suite", key->suite, sizeof key->suite, err) < 0 ||
        copy_string(document, "metadata.run_id", key->run_id, sizeof key->run_id, err) < 0 ||
        json_get_i64(document, "metadata.iteration", &iteration, err) < 0 ||
        json_get_string(document, "metadata.timestamp", &timestamp, err) < 0 ||
        json_get_string(document, "integrity.sha256", &digest, err) < 0)
        return -1;
    if (iteration < 1 || iteration > 1000000)
        return err_set(err, ERR_DATA, "'metadata.iteration' is not between 1 and 1000000");
    key->iteration = (unsigned)iteration;
    snprintf(key->date, sizeof key->date, "%.10s", timestamp);
    snprintf(key->sha12, sizeof key->sha12, "%.12s", digest);
    return check_parts(key, err);
}
