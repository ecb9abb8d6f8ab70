/* How often AWS takes spot instances back, by the public data of its Spot Instance Advisor: one JSON document
 * for all regions. https://aws.amazon.com/ec2/spot/instance-advisor/ */
#ifndef AWS_SPOT_ADVISOR_H
#define AWS_SPOT_ADVISOR_H

#include "aws/aws.h"
#include "base/json.h"

#define SPOT_ADVISOR_URL "https://spot-bid-advisor.s3.amazonaws.com/spot-advisor-data.json"
#define SPOT_ADVISOR_MAX_BYTES (32u << 20) /* it has some megabytes */

/* Asks without credentials. The caller cJSON_Delete()s the document. NULL: ERR_NETWORK, ERR_DATA. */
cJSON *spot_advisor_get(struct aws_client *client, const char *url, struct err *err);

/* The part of the type's Linux spot instances that was not taken back in the month before, at the least: 1
 * less the upper end of the range that the advisor gives. NAN where it says nothing of the type, or not in
 * its format. */
double spot_advisor_reliability(const cJSON *advisor, const char *region, const char *instance_type);

#endif
