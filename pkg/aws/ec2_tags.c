#include "aws/ec2_query.h"

#include <stdlib.h>
#include <string.h>

/* The tags' text lies in one piece of memory: key, NUL, value, NUL, key, … */
static size_t tag_text_size(const struct xml_node *node)
{
    size_t size = 0;
    for (const struct xml_node *tag = xml_at(node, "tagSet/item"); tag; tag = xml_next(tag))
        size += strlen(xml_text(tag, "key")) + strlen(xml_text(tag, "value")) + 2;
    return size;
}

static const char *add_tag_text(char **at, const char *text)
{
    char *start = *at;
    size_t size = strlen(text) + 1;
    memcpy(start, text, size);
    *at += size;
    return start;
}

int ec2_read_tags(const struct xml_node *node, struct ec2_tags *tags, struct err *err)
{
    size_t count = xml_count(node, "tagSet/item");
    if (count == 0)
        return 0;
    tags->items = calloc(count, sizeof *tags->items);
    tags->text = malloc(tag_text_size(node));
    if (!tags->items || !tags->text)
        return err_memory(err);
    char *at = tags->text;
    for (const struct xml_node *tag = xml_at(node, "tagSet/item"); tag; tag = xml_next(tag)) {
        struct ec2_tag *target = &tags->items[tags->count++];
        target->key = add_tag_text(&at, xml_text(tag, "key"));
        target->value = add_tag_text(&at, xml_text(tag, "value"));
    }
    return 0;
}

void ec2_tags_free(struct ec2_tags *tags)
{
    free(tags->items);
    free(tags->text);
    *tags = (struct ec2_tags){0};
}

const char *ec2_tag_value(const struct ec2_tags *tags, const char *key)
{
    for (size_t i = 0; i < tags->count; i++) {
        if (strcmp(tags->items[i].key, key) == 0)
            return tags->items[i].value;
    }
    return NULL;
}

struct tagging {
    const struct ec2_tag *tags;
    size_t count;
};

static int create_tags(struct aws_client *client, const void *context, const char *const *ids, size_t count,
                       struct err *err)
{
    const struct tagging *tagging = context;
    AUTO_STRBUF struct strbuf form = QUERY_FORM;
    AUTO_ANSWER struct aws_answer answer = {0};
    ec2_begin(&form, "CreateTags");
    ec2_add_list(&form, "ResourceId.", ids, count);
    for (size_t i = 0; i < tagging->count; i++) {
        query_add_numbered(&form, "Tag.", i + 1, ".Key", tagging->tags[i].key);
        query_add_numbered(&form, "Tag.", i + 1, ".Value", tagging->tags[i].value);
    }
    return ec2_send(client, "CreateTags", &form, &answer, err);
}

int ec2_create_tags(struct aws_client *client, const char *const *ids, size_t count,
                    const struct ec2_tag *tags, size_t tag_count, struct err *err)
{
    const struct tagging tagging = {tags, tag_count};
    return ec2_in_batches(client, create_tags, &tagging, ids, count, err);
}
