/* Prices of instance types from all who know some: AWS's Price List, EC2, the Spot Instance Advisor. */
#ifndef CMD_PRICE_FETCH_H
#define CMD_PRICE_FETCH_H

#include "aws/aws.h"
#include "base/json.h"
#include "base/log.h"
#include "results/words.h"

struct price_request {
    const struct words *types;
    const char *advisor_url;
    struct log *log; /* hears of each type without a price, and of an advisor that does not answer */
};

/* In the client's region; the table is price_table.h's, cJSON_Delete()d by the caller. *complete is false
 * where a type has no price, or the advisor did not answer. NULL: nobody could be asked. */
cJSON *price_fetch(struct aws_client *client, const struct price_request *request, bool *complete,
                   struct err *err);

#endif
