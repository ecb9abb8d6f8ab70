#include "topology/cpu_identity.h"

#include "topology/system_file.h"

/* Enough for the first CPUs of a large machine; all say the same. */
#define CPUINFO_SIZE 16384

void cpu_identity_read(const char *root, struct cpu_identity *identity)
{
    char cpuinfo[CPUINFO_SIZE];
    *identity = (struct cpu_identity){0};
    if (!system_file_read(root, "/proc/cpuinfo", cpuinfo, sizeof cpuinfo))
        cpuinfo[0] = '\0';
    cpu_identity_ask_cpu(root, cpuinfo, identity);
}
