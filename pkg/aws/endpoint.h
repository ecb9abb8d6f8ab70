/* Regions, partitions, and where a service's requests go. */
#ifndef AWS_ENDPOINT_H
#define AWS_ENDPOINT_H

#include "aws/aws.h"

#include <stdbool.h>

/* "ec2", "s3", … as in signatures and IAM actions. Static. */
const char *service_name(enum aws_service service);

/* The region whose endpoint answers for a region, and for which requests are signed: the region itself, but
 * the Price List, which knows all regions of a partition, is asked in one of them. Static, or region.
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html */
const char *service_region(enum aws_service service, const char *region);

/* ERR_CONFIG unless the text is built like a region's name: "us-east-1", "us-gov-west-1". Whether there is
 * such a region, only AWS knows. */
int region_check(const char *region, struct err *err);

/* "aws", "aws-cn", …, by the region's name. Static. */
const char *region_partition(const char *region);

/* The address of AWS's own endpoint for a service in a region, free()d by the caller. */
char *endpoint_default(enum aws_service service, const char *region, struct err *err);

/* The address that the user set, checked to be http or https with a host and without credentials, query or
 * fragment, and without its trailing slash; free()d by the caller. NULL: ERR_CONFIG, naming where it was set.
 */
char *endpoint_custom(const char *text, const char *set_by, struct err *err);

/* Whether AWS alone can answer there: https on port 443 of the service's own host name in this region or of
 * one of its private endpoints (VPC endpoints). Names under amazonaws.com that customers' machines can have
 * do not count. */
bool endpoint_is_real(const char *url, enum aws_service service, const char *region);

#endif
