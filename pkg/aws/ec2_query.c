#include "aws/ec2_query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PAGES 1000
#define BATCH 100                  /* ids in one call; EC2 takes 1000 */
#define MAX_PAGE_BYTES (32u << 20) /* a description of an instance type takes about 6 KiB */

void ec2_begin(struct strbuf *form, const char *action)
{
    query_begin(form, action, EC2_VERSION);
}

void ec2_add_list(struct strbuf *form, const char *name_before, const char *const *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        query_add_numbered(form, name_before, i + 1, "", values[i]);
}

void ec2_add_filters(struct strbuf *form, const struct ec2_filter *filters, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char values[64];
        snprintf(values, sizeof values, "Filter.%zu.Value.", i + 1);
        query_add_numbered(form, "Filter.", i + 1, ".Name", filters[i].name);
        ec2_add_list(form, values, filters[i].values, filters[i].value_count);
    }
}

void ec2_add_tags(struct strbuf *form, size_t number, const char *resource, const struct ec2_tag *tags,
                  size_t count)
{
    if (count == 0)
        return;
    char before[64];
    query_add_numbered(form, "TagSpecification.", number, ".ResourceType", resource);
    snprintf(before, sizeof before, "TagSpecification.%zu.Tag.", number);
    for (size_t i = 0; i < count; i++) {
        query_add_numbered(form, before, i + 1, ".Key", tags[i].key);
        query_add_numbered(form, before, i + 1, ".Value", tags[i].value);
    }
}

static int send_form(struct aws_client *client, const struct query *query, const struct strbuf *form,
                     struct aws_answer *answer, struct err *err)
{
    struct query filled = *query;
    *answer = (struct aws_answer){0};
    if (strbuf_ok(form, "the request", err) < 0)
        return -1;
    filled.service = AWS_EC2;
    filled.body = strbuf_text(form);
    filled.length = form->length;
    filled.max_answer = MAX_PAGE_BYTES;
    return query_send(client, &filled, answer, err);
}

int ec2_send_about(struct aws_client *client, const char *action, const struct strbuf *form, size_t resources,
                   struct aws_answer *answer, struct err *err)
{
    const struct query query = {.action = action, .resources = resources};
    return send_form(client, &query, form, answer, err);
}

int ec2_send(struct aws_client *client, const char *action, const struct strbuf *form,
             struct aws_answer *answer, struct err *err)
{
    return ec2_send_about(client, action, form, 1, answer, err);
}

static int append_items(const struct ec2_listing *listing, const struct xml_node *node,
                        struct ec2_items *list, struct err *err)
{
    size_t more = xml_count(node, listing->items);
    if (more == 0)
        return 0;
    char *items = realloc(list->items, (list->count + more) * listing->item_size);
    if (!items)
        return err_memory(err);
    list->items = items;
    memset(items + list->count * listing->item_size, 0, more * listing->item_size);
    for (const struct xml_node *item = xml_at(node, listing->items); item; item = xml_next(item)) {
        void *target = items + list->count++ * listing->item_size;
        if (listing->read(item, target, err) < 0)
            return err_prepend(err, "ec2 %s", listing->action);
    }
    return 0;
}

static int append_page(const struct ec2_listing *listing, const struct xml_node *root, struct ec2_items *list,
                       struct err *err)
{
    if (!listing->groups)
        return append_items(listing, root, list, err);
    for (const struct xml_node *group = xml_at(root, listing->groups); group; group = xml_next(group)) {
        if (append_items(listing, group, list, err) < 0)
            return -1;
    }
    return 0;
}

static int fetch_page(struct aws_client *client, const struct ec2_listing *listing, const struct strbuf *form,
                      struct strbuf *token, struct ec2_items *list, struct err *err)
{
    AUTO_STRBUF struct strbuf page = QUERY_FORM;
    AUTO_ANSWER struct aws_answer answer = {0};
    char size[16];
    strbuf_add(&page, form->data, form->length);
    if (listing->page_size) {
        snprintf(size, sizeof size, "%u", listing->page_size);
        query_add(&page, "MaxResults", size);
    }
    if (token->length > 0)
        query_add(&page, "NextToken", strbuf_text(token));
    const struct query query = {.action = listing->action, .bucket = listing->bucket};
    if (send_form(client, &query, &page, &answer, err) < 0)
        return -1;
    strbuf_reset(token);
    strbuf_adds(token, xml_text(xml_root(answer.xml), "nextToken"));
    if (strbuf_ok(token, "the token of the next page", err) < 0)
        return -1;
    return append_page(listing, xml_root(answer.xml), list, err);
}

int ec2_list(struct aws_client *client, const struct ec2_listing *listing, const struct strbuf *form,
             struct ec2_items *list, struct err *err)
{
    AUTO_STRBUF struct strbuf token = STRBUF_INIT(16u << 10);
    if (strbuf_ok(form, "the request", err) < 0)
        return -1;
    for (unsigned page = 0; page < MAX_PAGES; page++) {
        if (fetch_page(client, listing, form, &token, list, err) < 0)
            return -1;
        if (token.length == 0)
            return 0;
    }
    return err_set(err, ERR_DATA, "ec2 %s: the answer has no end after %d pages", listing->action, MAX_PAGES);
}

/* --- many ids ------------------------------------------------------------------------------------------- */

/* The service refused the batch as it stands, perhaps for one id in it. */
static bool may_be_one_id(const struct err *err)
{
    return err->kind == ERR_NOT_FOUND || err->kind == ERR_CONFIG || err->kind == ERR_AUTH;
}

/* In portions of so many; err is that of the first that failed. */
static int call_in_portions(struct aws_client *client, ec2_batch_call call, const void *context,
                            const char *const *ids, size_t count, size_t portion, struct err *err)
{
    int result = 0;
    for (size_t done = 0; done < count; done += portion) {
        size_t batch = count - done < portion ? count - done : portion;
        struct err failure = {0};
        int called = call(client, context, ids + done, batch, &failure);
        if (called < 0 && batch > 1 && may_be_one_id(&failure)) {
            err_clear(&failure);
            called = call_in_portions(client, call, context, ids + done, batch, 1, &failure);
        }
        if (called == 0)
            continue;
        if (result == 0)
            err_copy(err, &failure);
        result = -1;
        if (failure.kind == ERR_CANCELLED)
            break;
    }
    return result;
}

int ec2_in_batches(struct aws_client *client, ec2_batch_call call, const void *context,
                   const char *const *ids, size_t count, struct err *err)
{
    return call_in_portions(client, call, context, ids, count, BATCH, err);
}
