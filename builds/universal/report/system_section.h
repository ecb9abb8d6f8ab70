/* The "system" object of the suite document. */
#ifndef REPORT_SYSTEM_SECTION_H
#define REPORT_SYSTEM_SECTION_H

#include "report/json_writer.h"
#include "topology/machine.h"

/* What can't be read is null. */
void system_section_write(struct json_writer *json, const struct machine *machine);

#endif
