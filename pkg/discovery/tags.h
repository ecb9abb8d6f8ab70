/* Tags by which everything that this program made in an account is found again. */
#ifndef DISCOVERY_TAGS_H
#define DISCOVERY_TAGS_H

#define TAG_TOOL "aws-benchmark-collector" /* its value: the program's version */
#define TAG_RUN "aws-benchmark-collector:run-id"
#define TAG_DEADLINE "aws-benchmark-collector:deadline"
/* Until when the run says that it is at work; it is renewed for as long as that is so. */
#define TAG_LEASE "aws-benchmark-collector:lease-until"

#endif
