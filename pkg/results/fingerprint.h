/*
 * Samples as evidence: lists that agree in every digit have one origin, unless they are so short or so coarse
 * that chance may have made them agree.
 */
#ifndef RESULTS_FINGERPRINT_H
#define RESULTS_FINGERPRINT_H

#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"

#include <stddef.h>

struct fingerprint {
    char sha256[SHA256_HEX_SIZE]; /* of the numbers in their order */
    size_t distinct;              /* different numbers */
    size_t digits;                /* decimal digits that chance would have had to hit */
};

/* Of an array of numbers. Nothing that is measured repeats in more than four digits by itself: of each
 * different number those from the fifth to the ninth count, and each one after the first counts as a digit.
 */
int fingerprint_of(const cJSON *numbers, struct fingerprint *fingerprint, struct err *err);

#endif
