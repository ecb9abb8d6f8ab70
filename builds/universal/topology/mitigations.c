#include "topology/mitigations.h"

#include <string.h>

/* The kernel's documentation, ABI/testing/sysfs-devices-system-cpu: one file a flaw, one line each. */
#define FOLDER "/sys/devices/system/cpu/vulnerabilities"

void mitigations_read(const char *root, struct mitigations *mitigations)
{
    char names[MITIGATIONS_MAX][FILE_NAME_SIZE];
    size_t count = system_folder_names(root, FOLDER, names, MITIGATIONS_MAX);
    *mitigations = (struct mitigations){0};
    for (size_t i = 0; i < count; i++) {
        struct mitigation *row = &mitigations->rows[mitigations->count];
        char path[sizeof FOLDER + 1 + FILE_NAME_SIZE];
        snprintf(path, sizeof path, FOLDER "/%.*s", FILE_NAME_SIZE, names[i]);
        if (!system_file_read(root, path, row->text, sizeof row->text))
            continue;
        memcpy(row->name, names[i], sizeof row->name);
        mitigations->count++;
    }
    mitigations->known = mitigations->count > 0;
}
