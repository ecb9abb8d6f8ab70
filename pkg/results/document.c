#include "results/document.h"

#include "base/clock.h"
#include "results/measurements.h"

#include <math.h>
#include <string.h>

/* What stands for the digest while it is taken. */
static const char no_digest[] = "0000000000000000000000000000000000000000000000000000000000000000";

void document_free(struct document *document)
{
    free(document->text);
    *document = (struct document){0};
}

const char *document_processor_vendor(const char *cpu_vendor)
{
    if (strcmp(cpu_vendor, "GenuineIntel") == 0)
        return "intel";
    return strcmp(cpu_vendor, "AuthenticAMD") == 0 ? "amd" : NULL;
}

static int add_metadata(cJSON *tree, const struct document_facts *facts, const struct suite_output *output,
                        struct err *err)
{
    char timestamp[TIMESTAMP_SIZE];
    format_timestamp(facts->measured_at, timestamp);
    cJSON *metadata = json_child(tree, "metadata", err);
    if (!metadata || json_add_string(metadata, "timestamp", timestamp, err) < 0 ||
        json_add_string(metadata, "instance_type", facts->instance_type, err) < 0 ||
        json_add_string(metadata, "benchmark_suite", output->suite, err) < 0 ||
        json_add_string(metadata, "suite_version", output->version, err) < 0 ||
        json_add_string(metadata, "region", facts->region, err) < 0 ||
        json_add_string(metadata, "data_version", RESULT_DATA_VERSION, err) < 0 ||
        json_add_string(metadata, "collection_method", facts->collection_method, err) < 0 ||
        json_add_string(metadata, "run_id", facts->run_id, err) < 0 ||
        json_add_i64(metadata, "iteration", facts->iteration, err) < 0)
        return -1;
    return json_add_string(metadata, "collector_version", facts->tool_version, err);
}

/* EC2's words first, then what the program saw from inside the machine. */
static int add_system_info(cJSON *tree, const struct document_facts *facts, const struct suite_output *output,
                           struct err *err)
{
    cJSON *info = json_child(tree, "system_info", err);
    if (!info || json_add_string(info, "architecture", facts->architecture, err) < 0 ||
        json_add_string(info, "instance_family", facts->instance_family, err) < 0 ||
        json_add_string(info, "processor_vendor", facts->processor_vendor, err) < 0)
        return -1;
    const cJSON *seen;
    cJSON_ArrayForEach(seen, output->machine)
    {
        if (!cJSON_GetObjectItemCaseSensitive(info, seen->string) &&
            json_add(info, seen->string, cJSON_Duplicate(seen, true), err) < 0)
            return -1;
    }
    return 0;
}

static int add_image(cJSON *context, const struct document_facts *facts, struct err *err)
{
    cJSON *image = json_child(context, "image", err);
    if (!image || json_add_string(image, "reference", facts->image_reference, err) < 0 ||
        json_add_string(image, "digest", facts->image_digest, err) < 0)
        return -1;
    return json_add_string(image, "platform_digest", facts->image_platform_digest, err);
}

static int add_machine(cJSON *context, const struct document_facts *facts, struct err *err)
{
    cJSON *ami = NULL;
    cJSON *placement = NULL;
    if (json_add_string(context, "instance_id", facts->instance_id, err) < 0 ||
        !(ami = json_child(context, "ami", err)) || json_add_string(ami, "id", facts->ami_id, err) < 0 ||
        json_add_string(ami, "name", facts->ami_name, err) < 0 ||
        !(placement = json_child(context, "placement", err)) ||
        json_add_string(placement, "availability_zone", facts->availability_zone, err) < 0 ||
        json_add_string(placement, "availability_zone_id", facts->availability_zone_id, err) < 0 ||
        json_add_string(placement, "tenancy", facts->tenancy, err) < 0)
        return -1;
    return json_add_string(context, "purchase", facts->purchase, err);
}

static int add_disturbances(cJSON *context, const struct suite_output *output, struct err *err)
{
    if (!output->disturbances)
        return json_add_null(context, "disturbances", err);
    return json_add(context, "disturbances", cJSON_Duplicate(output->disturbances, true), err);
}

static int add_suite(cJSON *context, const struct suite_output *output, struct err *err)
{
    if (json_add(context, "parameters", cJSON_Duplicate(output->parameters, true), err) < 0 ||
        json_add_bool(context, "passed", output->passed, err) < 0 ||
        json_add(context, "checks", cJSON_Duplicate(output->checks, true), err) < 0 ||
        json_add(context, "flags", cJSON_Duplicate(output->flags, true), err) < 0 ||
        add_disturbances(context, output, err) < 0 ||
        json_add_string(context, "started", output->started, err) < 0)
        return -1;
    return json_add_double(context, "duration_seconds", output->duration_seconds, err);
}

/* "2026-11-20T15:30:45.123Z": the steps of a launch are shorter than a second. */
static int add_time(cJSON *timing, const struct document_state *state, struct err *err)
{
    char seconds[TIMESTAMP_SIZE];
    double whole = floor(state->realtime);
    format_timestamp(whole, seconds);
    char text[TIMESTAMP_SIZE + 8];
    snprintf(text, sizeof text, "%.19s.%03uZ", seconds, (unsigned)((state->realtime - whole) * 1000) % 1000);
    return json_add_string(timing, state->name, text, err);
}

static int add_timing(cJSON *context, const struct document_facts *facts, struct err *err)
{
    cJSON *timing = json_child(context, "timing", err);
    if (!timing)
        return -1;
    for (size_t i = 0; i < facts->state_count; i++)
        if (add_time(timing, &facts->states[i], err) < 0)
            return -1;
    if (json_add_known(context, "seconds_billed", facts->seconds_billed, err) < 0)
        return -1;
    return json_add_known(context, "cost_usd", facts->cost_usd, err);
}

static int add_execution_context(cJSON *tree, const struct document_facts *facts,
                                 const struct suite_output *output, struct err *err)
{
    const char *compiler = facts->compiler_optimizations
                               ? facts->compiler_optimizations
                               : json_string_or(output->parameters, "compiler", NULL);
    cJSON *context = json_child(tree, "execution_context", err);
    if (!context || json_add_string(context, "compiler_optimizations", compiler, err) < 0 ||
        add_machine(context, facts, err) < 0 || add_image(context, facts, err) < 0 ||
        add_suite(context, output, err) < 0)
        return -1;
    return add_timing(context, facts, err);
}

/* Who collects has no certificate of AWS's: whether the signature is good is for whoever reads the result. */
static int add_attestation(cJSON *tree, const struct document_facts *facts, struct err *err)
{
    cJSON *attestation = json_child(tree, "attestation", err);
    if (!attestation ||
        json_add_string(attestation, "instance_identity_document", facts->identity_document, err) < 0 ||
        json_add_string(attestation, "signature", facts->identity_signature, err) < 0)
        return -1;
    return json_add_null(attestation, "verified", err);
}

static int check_facts(const struct document_facts *facts, const struct suite_output *output, struct err *err)
{
    if (!facts->run_id || !facts->instance_type || !facts->architecture || !facts->region ||
        !facts->collection_method || facts->iteration == 0)
        return err_set(err, ERR_DATA, "a result needs run, iteration, type, architecture, region and method");
    const char *seen = json_string_or(output->machine, "architecture", "nothing");
    if (strcmp(seen, facts->architecture) != 0)
        return err_set(err, ERR_DATA, "%s is %s, but the suite '%s' says that it ran on %s",
                       facts->instance_type, facts->architecture, output->suite, seen);
    return 0;
}

int document_build(const struct document_facts *facts, const struct suite_output *output,
                   struct document *document, struct err *err)
{
    *document = (struct document){0};
    AUTO_JSON cJSON *tree = cJSON_CreateObject();
    if (check_facts(facts, output, err) < 0 ||
        json_add_string(tree, "schema_version", RESULT_SCHEMA_VERSION, err) < 0 ||
        add_metadata(tree, facts, output, err) < 0 ||
        json_add(tree, "performance_data", performance_data_of(output, err), err) < 0 ||
        json_add(tree, "measurements", measurements_of(output, err), err) < 0 ||
        add_system_info(tree, facts, output, err) < 0 ||
        add_execution_context(tree, facts, output, err) < 0 || add_attestation(tree, facts, err) < 0)
        return -1;
    cJSON *integrity = json_child(tree, "integrity", err);
    if (!integrity || json_add_string(integrity, "sha256", no_digest, err) < 0)
        return -1;
    return document_seal(tree, document, err);
}

/* The place of the digest's value in a sealed line: no text of the suite can hold the quotes around it. */
static char *find_place(char *line)
{
    static const char before[] = "\"integrity\":{\"sha256\":\"";
    char *at = strstr(line, before);
    return at ? at + strlen(before) : NULL;
}

int document_seal(cJSON *tree, struct document *document, struct err *err)
{
    *document = (struct document){0};
    cJSON *integrity = cJSON_GetObjectItemCaseSensitive(tree, "integrity");
    cJSON *digest = cJSON_GetObjectItemCaseSensitive(integrity, "sha256");
    if (!cJSON_IsString(digest) || !cJSON_SetValuestring(digest, no_digest))
        return err_set(err, ERR_DATA, "the document has no place for its digest");
    AUTO_FREE char *line = json_print(tree, false, err);
    if (!line)
        return -1;
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(RESULT_MAX_BYTES);
    strbuf_adds(&text, line);
    strbuf_addc(&text, '\n');
    if (strbuf_ok(&text, "the result document", err) < 0 ||
        sha256_hex(text.data, text.length, document->sha256, err) < 0)
        return -1;
    char *place = find_place(text.data);
    if (!place || !cJSON_SetValuestring(digest, document->sha256))
        return err_set(err, ERR_INTERNAL, "the document has lost the place of its digest");
    memcpy(place, document->sha256, strlen(document->sha256));
    document->length = text.length;
    document->text = strbuf_take(&text, "the result document", err);
    return document->text ? 0 : -1;
}

int document_identity(const cJSON *tree, struct strbuf *identity, struct err *err)
{
    double iteration = 0;
    if (json_get_double(tree, "metadata.iteration", &iteration, err) < 0)
        return -1;
    strbuf_addf(identity, "%s/%s/%s/%s/%.0f", json_string_or(tree, "metadata.run_id", ""),
                json_string_or(tree, "execution_context.instance_id", ""),
                json_string_or(tree, "metadata.instance_type", ""),
                json_string_or(tree, "metadata.benchmark_suite", ""), iteration);
    return strbuf_ok(identity, "a result's identity", err);
}

/* Where in the text the digest stands. It stands there once: no text has a digest that it holds twice. */
static const char *find_digest(const char *text, size_t length, const char *digest)
{
    const char *at = memmem(text, length, digest, strlen(digest));
    if (!at)
        return NULL;
    const char *behind = at + strlen(digest);
    return memmem(behind, length - (size_t)(behind - text), digest, strlen(digest)) ? NULL : at;
}

int document_verify(const char *text, size_t length, const cJSON *tree, struct err *err)
{
    const char *digest = NULL;
    if (json_get_string(tree, "integrity.sha256", &digest, err) < 0)
        return -1;
    if (strlen(digest) != SHA256_HEX_SIZE - 1)
        return err_set(err, ERR_DATA, "integrity.sha256 is not 64 digits");
    const char *place = find_digest(text, length, digest);
    if (!place)
        return err_set(err, ERR_DATA, "integrity.sha256 does not stand in the file exactly once");
    AUTO_FREE char *copy = malloc(length);
    if (!copy)
        return err_memory(err);
    memcpy(copy, text, length);
    memcpy(copy + (place - text), no_digest, sizeof no_digest - 1);
    char actual[SHA256_HEX_SIZE];
    if (sha256_hex(copy, length, actual, err) < 0)
        return -1;
    if (strcmp(actual, digest) != 0)
        return err_set(err, ERR_DATA, "the bytes have the SHA-256 %.12s…, the document says %.12s…", actual,
                       digest);
    return 0;
}

bool document_is_of_ec2(const cJSON *tree)
{
    const char *method = json_string_or(tree, "metadata.collection_method", "");
    return strcmp(method, "automated") == 0 || strcmp(method, "manual") == 0;
}

bool document_has_flag(const cJSON *tree, const char *flag)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, json_at(tree, "execution_context.flags"))
    {
        if (strcmp(item->valuestring, flag) == 0)
            return true;
    }
    return false;
}
