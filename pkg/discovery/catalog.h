/*
 * Facts about instance types: from EC2, or offline from the table that the program carries
 * (data/instance-types.json). A fact that neither has is unknown; it is never made up.
 */
#ifndef DISCOVERY_CATALOG_H
#define DISCOVERY_CATALOG_H

#include "aws/ec2.h"
#include "base/error.h"
#include "base/json.h"
#include "discovery/instance_type.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct instance_facts {
    struct instance_type_name name; /* the parse of the name */
    enum architecture architecture; /* what EC2 says, where it was asked, else what the name says */
    enum processor_vendor vendor;
    uint32_t vcpus;      /* 0: unknown */
    uint64_t memory_mib; /* 0: unknown */
    bool runnable;
    char reason[256]; /* why it is not runnable; empty when it is */
};

/* Sorted by family, then by vCPUs and memory, then by name. */
struct catalog {
    struct instance_facts *types;
    size_t count;
    bool online;      /* from EC2: what is absent is not offered in the region */
    char source[160]; /* "DescribeInstanceTypes of us-east-1" */
    char date[16];    /* "2026-11-20": when the facts were taken; empty: now */
};

#define AUTO_CATALOG CLEANUP(catalog_free)
void catalog_free(struct catalog *catalog);

/* The table that the program carries. ERR_DATA only when it was built with a broken one. */
int catalog_load(struct catalog *catalog, struct err *err);
/* Such a table from text: {"source", "date", "types": [[name, [architecture, …], manufacturer, vCPUs, MiB],
 * …]}. ERR_DATA. */
int catalog_parse(const char *text, size_t length, struct catalog *catalog, struct err *err);

/* The named types that the region has, or with count 0 all of them. */
int catalog_fetch(struct aws_client *client, const char *const *names, size_t count, struct catalog *catalog,
                  struct err *err);

/* Puts the types into the catalogue, sorted; its other fields stay. */
int catalog_from_types(const struct ec2_types *types, struct catalog *catalog, struct err *err);

/* NULL when the catalogue has no such type. */
const struct instance_facts *catalog_find(const struct catalog *catalog, const char *name);

/* What the name alone says, for a type that no table has. */
struct instance_facts instance_facts_from_name(const struct instance_type_name *name);

/* What EC2 says. A type whose name can't be read, or about which EC2 and the name disagree (catalog_check),
 * is not runnable. */
struct instance_facts instance_facts_from_ec2(const struct ec2_type *type);

/* Holds the name's architecture against EC2's. Where they differ nothing may be launched: ERR_UNSUPPORTED
 * with an explanation. */
int catalog_check(const struct instance_type_name *name, enum architecture from_ec2, struct err *err);

/* The record of `discover instances --output json`; the caller cJSON_Delete()s it. NULL: out of memory. */
cJSON *instance_facts_json(const struct instance_facts *facts, struct err *err);

#endif
