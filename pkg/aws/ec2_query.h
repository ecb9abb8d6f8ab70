/* What EC2's calls have in common; for this package alone. */
#ifndef AWS_EC2_QUERY_H
#define AWS_EC2_QUERY_H

#include "aws/ec2.h"
#include "aws/query.h"
#include "aws/xml_fields.h"

#define EC2_VERSION "2016-11-15"

void ec2_begin(struct strbuf *form, const char *action);
/* Values numbered from 1: name_before is "SecurityGroupId.". */
void ec2_add_list(struct strbuf *form, const char *name_before, const char *const *values, size_t count);
void ec2_add_filters(struct strbuf *form, const struct ec2_filter *filters, size_t count);
/* The tags for what the call makes: "instance", "security-group", … as specification number `number`, from 1.
 */
void ec2_add_tags(struct strbuf *form, size_t number, const char *resource, const struct ec2_tag *tags,
                  size_t count);

/* About so many resources, where AWS limits those too. */
int ec2_send_about(struct aws_client *client, const char *action, const struct strbuf *form, size_t resources,
                   struct aws_answer *answer, struct err *err);
int ec2_send(struct aws_client *client, const char *action, const struct strbuf *form,
             struct aws_answer *answer, struct err *err);

/* How the items of a Describe call are found and read. */
struct ec2_listing {
    const char *action;
    const char *groups; /* path to elements that each hold items ("reservationSet/item"); NULL: none */
    const char *items;  /* path to the items, below the root or below a group */
    size_t item_size;
    /* Fills a zeroed item, which belongs to the list also after a failure. */
    int (*read)(const struct xml_node *node, void *item, struct err *err);
    const char *bucket; /* of the limiter; NULL: the action's */
    unsigned page_size; /* MaxResults; 0: one page, as calls that name ids demand */
};

struct ec2_items {
    void *items;
    size_t count;
};

/* Sends the form, page after page, and appends to list what comes; after a failure too it holds what came
 * before. */
int ec2_list(struct aws_client *client, const struct ec2_listing *listing, const struct strbuf *form,
             struct ec2_items *list, struct err *err);

/* The tags of a resource ("tagSet/item"); what there was of them belongs to tags also after a failure. */
int ec2_read_tags(const struct xml_node *node, struct ec2_tags *tags, struct err *err);
void ec2_tags_free(struct ec2_tags *tags);

/* A call that does one thing to many ids, as TerminateInstances does. */
typedef int (*ec2_batch_call)(struct aws_client *client, const void *context, const char *const *ids,
                              size_t count, struct err *err);

/* Makes the call for portions of the ids. Where one bad id fails a portion, each of its ids is tried by
 * itself. -1, with the first error, when any failed, after all have been tried (or after ERR_CANCELLED). */
int ec2_in_batches(struct aws_client *client, ec2_batch_call call, const void *context,
                   const char *const *ids, size_t count, struct err *err);

#endif
