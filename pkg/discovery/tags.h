/* Tags by which everything that this program made in an account is found again. */
#ifndef DISCOVERY_TAGS_H
#define DISCOVERY_TAGS_H

#define TAG_TOOL "aws-benchmark-collector" /* its value: the program's version */
#define TAG_RUN "aws-benchmark-collector:run-id"
#define TAG_DEADLINE "aws-benchmark-collector:deadline"

#endif
