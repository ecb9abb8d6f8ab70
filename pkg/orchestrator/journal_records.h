/* One record of a journal, taken into the history of its run. For journal_read.c. */
#ifndef ORCHESTRATOR_JOURNAL_RECORDS_H
#define ORCHESTRATOR_JOURNAL_RECORDS_H

#include "base/json.h"
#include "orchestrator/journal_read.h"

/* ERR_DATA: something in it is missing or has not the shape it must have. Of such a record nothing is taken,
 * but for an intent, which counts as a launch whatever else is wrong with it. */
int history_apply(struct run_history *history, const cJSON *record, struct err *err);

/* What a part owns. */
void history_part_free(struct history_part *part);

#endif
