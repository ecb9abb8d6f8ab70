/* What `cleanup` says. */
#ifndef CMD_CLEANUP_REPORT_H
#define CMD_CLEANUP_REPORT_H

#include "command.h"

#include "orchestrator/leftovers.h"
#include "storage/store_s3.h"

/* The list on stdout, without what has ended by itself. */
int report_leftover_table(struct program *program, const struct leftovers *list,
                          const struct s3_location *bucket, struct err *err);
/* One line on stderr. */
void report_leftover_sum(struct program *program, const struct leftovers *list, bool removing);

#endif
