#include "results/processed.h"

#include "base/attributes.h"
#include "results/schema.h"

static cJSON *make_memory(const struct aggregate *aggregate, struct err *err)
{
    return aggregate_benchmark_file(aggregate, FILE_MEMORY, err);
}

static cJSON *make_cpu(const struct aggregate *aggregate, struct err *err)
{
    return aggregate_benchmark_file(aggregate, FILE_CPU, err);
}

const struct processed_file processed_files[] = {
    {"memory-benchmarks.json", SCHEMA_MEMORY_BENCHMARKS, make_memory},
    {"cpu-benchmarks.json", SCHEMA_CPU_BENCHMARKS, make_cpu},
    {"price-performance.json", SCHEMA_PRICE_PERFORMANCE, aggregate_price_file},
    {"instance-rankings.json", SCHEMA_INSTANCE_RANKINGS, aggregate_rankings},
    {"metadata.json", SCHEMA_METADATA, aggregate_metadata},
};
_Static_assert(ARRAY_LENGTH(processed_files) == PROCESSED_FILES, "the header counts otherwise");
