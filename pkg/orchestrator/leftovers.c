#include "orchestrator/leftovers.h"

#include "aws/ec2.h"
#include "aws/s3.h"
#include "base/clock.h"
#include "base/parse.h"
#include "discovery/tags.h"
#include "orchestrator/journal_read.h"
#include "storage/keys.h"

#include <stdlib.h>
#include <string.h>

/* An upload carries no tag: for so long after its beginning it may be under way. */
#define UPLOAD_LEASE_SECONDS 3600

static const char *const kind_names[] = {
    [LEFTOVER_SPOT_REQUEST] = "spot_request",           [LEFTOVER_INSTANCE] = "instance",
    [LEFTOVER_NETWORK_INTERFACE] = "network_interface", [LEFTOVER_VOLUME] = "volume",
    [LEFTOVER_SECURITY_GROUP] = "security_group",       [LEFTOVER_KEY_PAIR] = "key_pair",
    [LEFTOVER_MULTIPART_UPLOAD] = "multipart_upload",
};

const char *leftover_kind_name(enum leftover_kind kind)
{
    return kind_names[kind];
}

bool leftover_is_run_id(const char *text)
{
    return history_is_run_id(text) && run_id_time(text) > 0;
}

static void free_texts(struct leftover *item)
{
    free(item->id);
    free(item->name);
}

void leftovers_free(struct leftovers *list)
{
    for (size_t i = 0; i < list->count; i++)
        free_texts(&list->items[i]);
    free(list->items);
    *list = (struct leftovers){0};
}

int leftovers_take(struct leftovers *list, struct leftover *item, struct err *err)
{
    struct leftover *items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (!items)
        return err_memory(err);
    list->items = items;
    list->items[list->count++] = *item;
    *item = (struct leftover){0};
    return 0;
}

struct leftover *leftovers_same(const struct leftovers *list, const struct leftover *item)
{
    for (size_t i = 0; i < list->count; i++) {
        struct leftover *other = &list->items[i];
        if (other->kind == item->kind && strcmp(other->id, item->id) == 0 &&
            strcmp(other->region, item->region) == 0 &&
            (item->kind != LEFTOVER_MULTIPART_UPLOAD || strcmp(other->name, item->name) == 0))
            return other;
    }
    return NULL;
}

size_t leftovers_count(const struct leftovers *list, enum leftover_fate fate)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += list->items[i].fate == fate;
    return count;
}

/* --- finding -------------------------------------------------------------------------------------------- */

static int64_t time_of(const char *timestamp)
{
    int64_t seconds = 0;
    return timestamp && parse_timestamp(timestamp, &seconds, NULL) == 0 ? seconds : 0;
}

/* What the tags say of the run. Without a lease the deadline stands for it. */
static void read_tags(struct leftover *item, const struct ec2_tags *tags)
{
    const char *run_id = ec2_tag_value(tags, TAG_RUN);
    snprintf(item->run_id, sizeof item->run_id, "%s", run_id && leftover_is_run_id(run_id) ? run_id : "");
    item->lease = time_of(ec2_tag_value(tags, TAG_LEASE));
    if (!item->lease)
        item->lease = time_of(ec2_tag_value(tags, TAG_DEADLINE));
    if (!item->created && item->run_id[0])
        item->created = run_id_time(item->run_id);
}

/* Adds the item with a copy of its texts. */
static int add(struct leftovers *list, struct leftover *item, const char *id, const char *name,
               struct err *err)
{
    item->id = strdup(id);
    item->name = name ? strdup(name) : NULL;
    if (item->id && (item->name || !name) && leftovers_take(list, item, err) == 0)
        return 0;
    free_texts(item);
    return err_memory(err);
}

static const struct ec2_filter tool_filter = {"tag-key", (const char *const[]){TAG_TOOL}, 1};

static int find_instances(struct aws_client *client, struct leftovers *list, struct err *err)
{
    CLEANUP(ec2_instances_free) struct ec2_instances found = {0};
    const struct ec2_instance_query query = {.filters = &tool_filter, .filter_count = 1};
    if (ec2_describe_instances(client, &query, &found, err) < 0)
        return -1;
    for (size_t i = 0; i < found.count; i++) {
        const struct ec2_instance *instance = &found.items[i];
        struct leftover item = {.kind = LEFTOVER_INSTANCE,
                                .created = instance->launch_time,
                                .ended = instance->state == EC2_TERMINATED};
        snprintf(item.region, sizeof item.region, "%s", aws_region(client->aws));
        snprintf(item.state, sizeof item.state, "%s", ec2_state_name(instance->state));
        snprintf(item.token, sizeof item.token, "%s", instance->client_token);
        read_tags(&item, &instance->tags);
        if (add(list, &item, instance->id, NULL, err) < 0)
            return -1;
    }
    return 0;
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

/* States after which there is nothing to remove: a spot request that is over, a volume on its way out. */
static bool has_ended(const struct ec2_resource *resource)
{
    static const char *const ends[] = {"closed", "cancelled", "failed", "deleting", "deleted", NULL};
    return is_one_of(resource->state, ends);
}

static int find_resources(struct aws_client *client, enum ec2_resource_kind kind, enum leftover_kind as,
                          struct leftovers *list, struct err *err)
{
    CLEANUP(ec2_resources_free) struct ec2_resources found = {0};
    if (ec2_describe_resources(client, kind, &tool_filter, 1, &found, err) < 0)
        return -1;
    for (size_t i = 0; i < found.count; i++) {
        const struct ec2_resource *resource = &found.items[i];
        struct leftover item = {.kind = as, .created = resource->created, .ended = has_ended(resource)};
        snprintf(item.region, sizeof item.region, "%s", aws_region(client->aws));
        snprintf(item.state, sizeof item.state, "%s", resource->state);
        snprintf(item.owner, sizeof item.owner, "%s", resource->owner_id);
        if (as != LEFTOVER_SPOT_REQUEST)
            snprintf(item.attached_to, sizeof item.attached_to, "%s", resource->attached_to);
        read_tags(&item, &resource->tags);
        if (add(list, &item, resource->id, as == LEFTOVER_KEY_PAIR ? resource->name : NULL, err) < 0)
            return -1;
    }
    return 0;
}

int leftovers_find(struct aws_client *client, struct leftovers *list, struct err *err)
{
    static const struct {
        enum ec2_resource_kind kind;
        enum leftover_kind as;
    } kinds[] = {
        {EC2_SPOT_REQUEST, LEFTOVER_SPOT_REQUEST},
        {EC2_NETWORK_INTERFACE, LEFTOVER_NETWORK_INTERFACE},
        {EC2_VOLUME, LEFTOVER_VOLUME},
        {EC2_SECURITY_GROUP, LEFTOVER_SECURITY_GROUP},
        {EC2_KEY_PAIR, LEFTOVER_KEY_PAIR},
    };
    if (find_instances(client, list, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
        if (find_resources(client, kinds[i].kind, kinds[i].as, list, err) < 0)
            return -1;
    return 0;
}

struct upload_search {
    struct leftovers *list;
    const char *region;
    size_t prefix_length;
};

/* Only keys that this program would write. */
static int add_upload(void *context, const struct s3_upload *upload, struct err *err)
{
    const struct upload_search *search = context;
    struct result_key key;
    if (result_key_parse(upload->key + search->prefix_length, &key, NULL) < 0 ||
        !leftover_is_run_id(key.run_id))
        return 0;
    struct leftover item = {.kind = LEFTOVER_MULTIPART_UPLOAD, .created = upload->initiated};
    snprintf(item.region, sizeof item.region, "%s", search->region);
    snprintf(item.run_id, sizeof item.run_id, "%s", key.run_id);
    if (!item.created)
        item.created = run_id_time(item.run_id);
    item.lease = item.created + UPLOAD_LEASE_SECONDS;
    return add(search->list, &item, upload->key, upload->upload_id, err);
}

int leftovers_find_uploads(struct aws_client *client, const struct s3_location *location,
                           struct leftovers *list, struct err *err)
{
    char prefix[sizeof location->prefix + sizeof RESULT_KEY_ROOT];
    struct upload_search search = {list, aws_region(client->aws), strlen(location->prefix)};
    snprintf(prefix, sizeof prefix, "%s" RESULT_KEY_ROOT, location->prefix);
    return s3_list_multipart_uploads(client, location->bucket, prefix, add_upload, &search, err);
}

/* --- deciding ------------------------------------------------------------------------------------------- */

static void keep(struct leftover *item, const char *format, ...) PRINTF_LIKE(2, 3);
static void keep(struct leftover *item, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    item->fate = LEFTOVER_KEEP;
    vsnprintf(item->why, sizeof item->why, format, args);
    va_end(args);
}

static const struct leftover *find_instance(const struct leftovers *list, const char *id)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind == LEFTOVER_INSTANCE && strcmp(list->items[i].id, id) == 0)
            return &list->items[i];
    return NULL;
}

/* Whose it is, and whether somebody is at work on it. */
static bool is_kept_for_its_run(struct leftover *item, const struct leftover_terms *terms)
{
    char until[TIMESTAMP_SIZE];
    enum run_here here = RUN_NOT_HERE;
    if (item->run_id[0] && terms->run_here)
        here = terms->run_here(terms->context, item->run_id);
    bool leased = item->lease > terms->now && here != RUN_DEAD_HERE && !terms->only_run;
    if (!item->run_id[0])
        keep(item, "it names no run of this program");
    else if (item->owner[0] && strcmp(item->owner, terms->account) != 0)
        keep(item, "it belongs to account %s", item->owner);
    else if (here == RUN_LIVE_HERE)
        keep(item, "its run is live on this machine");
    else if (leased) {
        format_timestamp((double)item->lease, until);
        keep(item, "its run may be live until %s", until);
    }
    return item->fate == LEFTOVER_KEEP;
}

static bool is_kept_for_its_age(struct leftover *item, const struct leftover_terms *terms)
{
    if (!terms->older_than)
        return false;
    if (!item->created)
        keep(item, "its age is unknown");
    else if (terms->now - item->created < terms->older_than)
        keep(item, "it is younger than --older-than");
    return item->fate == LEFTOVER_KEEP;
}

static void decide(struct leftover *item, const struct leftover_terms *terms)
{
    item->why[0] = '\0';
    item->fate = LEFTOVER_OVER;
    if (item->ended || (terms->only_run && strcmp(item->run_id, terms->only_run) != 0))
        return;
    if (is_kept_for_its_run(item, terms) || is_kept_for_its_age(item, terms))
        return;
    item->fate = LEFTOVER_REMOVE;
}

/* What a machine still has goes, or stays, with the machine. */
static void decide_attached(const struct leftovers *list, struct leftover *item)
{
    if (item->fate == LEFTOVER_OVER || !item->attached_to[0] || strcmp(item->state, "available") == 0)
        return;
    const struct leftover *instance = find_instance(list, item->attached_to);
    if (!instance)
        keep(item, "it is in use by %s, which is not this program's", item->attached_to);
    else if (instance->ended)
        return; /* it is about to be free */
    else if (instance->fate == item->fate)
        item->fate = LEFTOVER_OVER;
    else
        keep(item, "it is in use by %s, which is kept", item->attached_to);
}

/* A run is as long at work as the latest of its leases says. */
static void share_leases(struct leftovers *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct leftover *item = &list->items[i];
        for (size_t j = 0; item->run_id[0] && j < list->count; j++) {
            const struct leftover *other = &list->items[j];
            if (other->kind != LEFTOVER_MULTIPART_UPLOAD && other->lease > item->lease &&
                strcmp(other->run_id, item->run_id) == 0)
                item->lease = other->lease;
        }
    }
}

void leftovers_decide(struct leftovers *list, const struct leftover_terms *terms)
{
    share_leases(list);
    for (size_t i = 0; i < list->count; i++)
        decide(&list->items[i], terms);
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind != LEFTOVER_INSTANCE)
            decide_attached(list, &list->items[i]);
}
