/*
 * What runs have left in an account, found by the tags of tags.h, and what may be removed of it. Nothing here
 * changes anything: cleanup.h removes.
 */
#ifndef ORCHESTRATOR_LEFTOVERS_H
#define ORCHESTRATOR_LEFTOVERS_H

#include "aws/aws.h"
#include "base/error.h"
#include "storage/store_s3.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order in which they are removed. */
enum leftover_kind {
    LEFTOVER_SPOT_REQUEST,
    LEFTOVER_INSTANCE,
    LEFTOVER_NETWORK_INTERFACE,
    LEFTOVER_VOLUME,
    LEFTOVER_SECURITY_GROUP,
    LEFTOVER_KEY_PAIR,
    LEFTOVER_MULTIPART_UPLOAD,
};
/* "instance", "security_group", … Static. */
const char *leftover_kind_name(enum leftover_kind kind);

/* Whether a run may have this id: it begins with the time at which it began. */
bool leftover_is_run_id(const char *text);

enum leftover_fate {
    LEFTOVER_OVER, /* it has ended, or is deleted with the machine that has it: it only tells of its run */
    LEFTOVER_KEEP,
    LEFTOVER_REMOVE,
    LEFTOVER_REMOVED,
};

struct leftover {
    enum leftover_kind kind;
    enum leftover_fate fate;
    char *id;   /* owned; of an upload its key */
    char *name; /* owned; a key pair's name, an upload's own id; or NULL */
    char region[32];
    char run_id[64]; /* empty: it names none */
    char state[24];
    char owner[32];        /* account; empty: not told */
    char attached_to[40];  /* instance; empty: none */
    char token[65];        /* an instance's client token */
    int64_t created;       /* seconds since the epoch: as AWS says, else when its run began; 0: unknown */
    int64_t lease;         /* the latest of its run; 0: there is none */
    bool ended;            /* nothing of it is left to remove */
    char why[320];         /* it is kept, or could not be removed */
    enum err_kind failure; /* of the last attempt to remove it */
};

struct leftovers {
    struct leftover *items;
    size_t count;
};
#define AUTO_LEFTOVERS CLEANUP(leftovers_free)
void leftovers_free(struct leftovers *list);

/* Appends all that carries the tool's tag in the client's region, also what has ended. -1: the list may hold
 * a part of it, which must not be decided on. */
int leftovers_find(struct aws_client *client, struct leftovers *list, struct err *err);
/* Appends the uploads in parts to keys of results. */
int leftovers_find_uploads(struct aws_client *client, const struct s3_location *location,
                           struct leftovers *list, struct err *err);

/* What a run is on this machine, by its journal. */
enum run_here { RUN_NOT_HERE, RUN_LIVE_HERE, RUN_DEAD_HERE };

struct leftover_terms {
    const char *account;
    const char *only_run; /* NULL: all */
    int64_t older_than;   /* seconds; 0: of any age */
    int64_t now;          /* seconds since the epoch, by AWS's clock */
    enum run_here (*run_here)(void *context, const char *run_id);
    void *context;
};

/* Fills fate and why of every item. What belongs to another run than only_run counts as ended. */
void leftovers_decide(struct leftovers *list, const struct leftover_terms *terms);

/* The item of the same kind, region and id, or NULL. */
struct leftover *leftovers_same(const struct leftovers *list, const struct leftover *item);
/* Moves the item to the end of the list. */
int leftovers_take(struct leftovers *list, struct leftover *item, struct err *err);
size_t leftovers_count(const struct leftovers *list, enum leftover_fate fate);

#endif
