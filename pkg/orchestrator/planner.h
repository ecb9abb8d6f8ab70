/* Makes the plan of a run: asks AWS what there is, decides, and launches nothing. */
#ifndef ORCHESTRATOR_PLANNER_H
#define ORCHESTRATOR_PLANNER_H

#include "aws/aws.h"
#include "base/log.h"
#include "discovery/network.h"
#include "orchestrator/plan.h"

struct plan_request {
    const char *const *words; /* names and patterns of instance types */
    size_t word_count;
    struct network_request network;
    const char *ami_id;   /* NULL: AWS's recommended one for each architecture */
    const char *key_pair; /* NULL: none; else it must exist */
};

/* What can be said of the words without asking anybody: ERR_USAGE for a malformed name, one that is given
 * twice, or one that this program does not run, with the reason. */
int plan_check_words(const char *const *words, size_t count, struct err *err);

/* Fills the plan, which the caller frees. A type that no zone offers is in the plan, refused. Else ERR_USAGE,
 * ERR_AUTH, ERR_CONFIG, … say what keeps the whole run from beginning. */
int plan_make(struct aws_client *client, const struct plan_request *request, double realtime, struct log *log,
              struct plan *plan, struct err *err);

#endif
