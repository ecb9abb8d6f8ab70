/* The suite document: what parses must also make a result document that meets its schema and its digest. */
#include "fuzz.h"

#include "results/document.h"
#include "results/schema.h"
#include "results/suite_output.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_SUITE_OUTPUT struct suite_output output = {0};
    if (suite_output_parse((const char *)data, size, NULL, &output, NULL) < 0)
        return 0;
    struct document_facts facts = {
        .run_id = "fuzz",
        .iteration = 1,
        .collection_method = "local",
        .instance_type = "local",
        .architecture = json_string_or(output.machine, "architecture", ""),
        .region = "local",
        .seconds_billed = NAN,
        .cost_usd = NAN,
    };
    struct err err = {0};
    AUTO_DOCUMENT struct document document = {0};
    require_success(document_build(&facts, &output, &document, &err), &err);
    AUTO_JSON cJSON *tree = json_parse(document.text, document.length, RESULT_MAX_BYTES, &err);
    AUTO_SCHEMA struct schema *schema = schema_load(SCHEMA_RESULT, &err);
    require_success(tree && schema ? 0 : -1, &err);
    require_success(schema_require(schema, tree, &err), &err);
    require_success(document_verify(document.text, document.length, tree, &err), &err);
    return 0;
}
