/* What the kernel does about the flaws of this CPU: it costs speed, and differs from kernel to kernel. */
#ifndef TOPOLOGY_MITIGATIONS_H
#define TOPOLOGY_MITIGATIONS_H

#include "topology/system_file.h"

#define MITIGATIONS_MAX 48

struct mitigation {
    char name[FILE_NAME_SIZE]; /* "spectre_v2" */
    char text[224];            /* "Mitigation: Enhanced / Automatic IBRS; …", as the kernel words it */
};

struct mitigations {
    bool known; /* false: the kernel does not tell */
    size_t count;
    struct mitigation rows[MITIGATIONS_MAX]; /* by name */
};

void mitigations_read(const char *root, struct mitigations *mitigations);

#endif
