/* Results made of tests/data/suite-output/, for tests: documents as the orchestrator would build them. Unit
 * tests run from the root of the source tree. */
#ifndef SAMPLE_RESULTS_H
#define SAMPLE_RESULTS_H

#include "base/fs.h"
#include "results/document.h"
#include "results/suite_output.h"

#include <math.h>
#include <string.h>

#define SAMPLE_TIME 1795188645.25 /* 2026-11-20T15:30:45.250Z */

static UNUSED char *sample_text(const char *suite, size_t *length)
{
    char path[128];
    struct err err = {0};
    snprintf(path, sizeof path, "tests/data/suite-output/%s.json", suite);
    char *text = fs_read_file(path, SUITE_OUTPUT_MAX_BYTES, length, &err);
    if (!text)
        fail_msg("%s", err.message);
    return text;
}

static UNUSED void sample_output(const char *suite, struct suite_output *output)
{
    size_t length = 0;
    struct err err = {0};
    AUTO_FREE char *text = sample_text(suite, &length);
    assert_succeeds(suite_output_parse(text, length, suite, output, &err), err);
}

static UNUSED struct document_facts sample_facts(void)
{
    static const struct document_state states[] = {{"launched", SAMPLE_TIME - 60}, {"measured", SAMPLE_TIME}};
    return (struct document_facts){
        .run_id = "handmade-test-data",
        .iteration = 1,
        .measured_at = SAMPLE_TIME,
        .collection_method = "automated",
        .tool_version = "0.1.0",
        .instance_type = "m7i.large",
        .instance_family = "m7i",
        .architecture = "x86_64",
        .processor_vendor = "intel",
        .instance_id = "i-0123456789abcdef0",
        .ami_id = "ami-0123456789abcdef0",
        .ami_name = "al2023-ami-ecs-hvm-2023.0.20261101-kernel-6.1-x86_64",
        .region = "us-east-1",
        .availability_zone = "us-east-1a",
        .availability_zone_id = "use1-az4",
        .tenancy = "default",
        .purchase = "on-demand",
        .image_digest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        .image_platform_digest = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
        .states = states,
        .state_count = ARRAY_LENGTH(states),
        .seconds_billed = 75,
        .cost_usd = NAN,
    };
}

static UNUSED void sample_document(const char *suite, const struct document_facts *facts,
                                   struct document *document)
{
    struct err err = {0};
    AUTO_SUITE_OUTPUT struct suite_output output = {0};
    sample_output(suite, &output);
    assert_succeeds(document_build(facts, &output, document, &err), err);
}

/* Puts item where the dotted path leads, in place of what stands there; takes ownership of it. */
static UNUSED void sample_set(cJSON *tree, const char *path, cJSON *item)
{
    struct err err = {0};
    const char *name = NULL;
    cJSON *parent = json_parent(tree, path, &name, &err);
    if (!parent || !item)
        fail_msg("%s: %s", path, err.message);
    if (cJSON_GetObjectItemCaseSensitive(parent, name))
        cJSON_ReplaceItemInObjectCaseSensitive(parent, name, item);
    else
        cJSON_AddItemToObject(parent, name, item);
}

/* The text parsed; the caller cJSON_Delete()s it. */
static UNUSED cJSON *sample_tree(const char *text, size_t length)
{
    struct err err = {0};
    cJSON *tree = json_parse(text, length, RESULT_MAX_BYTES, &err);
    if (!tree)
        fail_msg("%s", err.message);
    return tree;
}

#endif
