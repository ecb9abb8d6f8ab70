/*
 * Removing what runs have left: spot requests and instances, then, when the instances are confirmed as
 * terminated, what they held, and the rest. It may be interrupted and repeated at any point.
 */
#ifndef ORCHESTRATOR_CLEANUP_H
#define ORCHESTRATOR_CLEANUP_H

#include "base/cancel.h"
#include "base/clock.h"
#include "base/log.h"
#include "orchestrator/leftovers.h"

/* A region to look at, by a client of its own. */
struct cleanup_place {
    struct aws_client *client;
    const struct s3_location *uploads; /* where to look for uploads in parts as well, or NULL */
};

struct cleanup_order {
    struct cleanup_place *places;
    size_t place_count;
    const struct leftover_terms *terms;
    double deadline; /* monotonic; the clients' policies should have the same */
    struct clock clock;
    const struct cancel *cancel;
    struct log *log;
};

/* Lists what there is, decided. A region that can't be listed is said in the log, and nothing of it is in the
 * list. -1, with the first error, when any could not be. */
int cleanup_find(const struct cleanup_order *order, struct leftovers *list, struct err *err);

/* Removes what of the list has the fate LEFTOVER_REMOVE, which becomes LEFTOVER_REMOVED, or stays with the
 * reason in why. What else turns up meanwhile and may be removed (the volume of an ended instance) is added
 * to the list. -1 when it was interrupted, or a region could not be listed any more. */
int cleanup_remove(const struct cleanup_order *order, struct leftovers *list, struct err *err);

#endif
