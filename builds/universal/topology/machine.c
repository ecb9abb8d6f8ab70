#include "topology/machine.h"

#include "topology/system_file.h"

#include <sched.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

static int read_affinity(struct cpu_list *list, struct err *err)
{
    size_t size = CPU_ALLOC_SIZE(CPUS_MAX);
    cpu_set_t *mask = CPU_ALLOC(CPUS_MAX);
    if (!mask)
        return err_memory(err);
    list->count = 0;
    CPU_ZERO_S(size, mask);
    if (sched_getaffinity(0, size, mask) == 0)
        for (size_t cpu = 0; cpu < CPUS_MAX; cpu++)
            if (CPU_ISSET_S(cpu, size, mask))
                list->cpus[list->count++] = (uint16_t)cpu;
    CPU_FREE(mask);
    if (list->count == 0)
        return err_set(err, ERR_UNSUPPORTED, "the CPU affinity mask can't be read");
    return 0;
}

static void read_cpus(struct machine *machine, const struct cpu_list *affinity)
{
    machine->online_known =
        cpu_list_read(machine->root, "/sys/devices/system/cpu/online", &machine->online) &&
        machine->online.count > 0;
    if (!machine->online_known)
        machine->online = *affinity;
    machine->usable = *affinity;
    double quota = machine->limits.cpus;
    machine->quota_below_one = quota > 0 && quota < 1;
    if (quota > 0 && quota < (double)affinity->count)
        machine->usable.count = quota < 1 ? 1 : (size_t)quota;
}

/* sysinfo(2) answers where /proc is hidden, and holds a faked /proc to the truth. */
static void read_memory(struct machine *machine)
{
    struct sysinfo info = {0};
    sysinfo(&info);
    struct optional_u64 total = {info.totalram > 0, (uint64_t)info.totalram * info.mem_unit};
    struct optional_u64 available = {info.totalram > 0, (uint64_t)info.freeram * info.mem_unit};
    char text[8192];
    if (system_file_read(machine->root, "/proc/meminfo", text, sizeof text)) {
        struct optional_u64 kib = system_text_number(text, "MemTotal");
        if (kib.known)
            total = smaller_known(total, known_u64(kib.value * 1024));
        kib = system_text_number(text, "MemAvailable");
        if (kib.known)
            available = smaller_known(total, known_u64(kib.value * 1024));
    }
    machine->memory_total = total;
    machine->memory_available = smaller_known(available, machine->limits.memory_left_bytes).value;
}

/* Of the CPU that is measured; most virtual machines have no say in it, and no such files. */
static void read_frequency_policy(struct machine *machine)
{
    struct frequency_policy *policy = &machine->frequency_policy;
    char path[128];
    size_t cpu = machine_measuring_cpu(machine);
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/cpufreq/scaling_driver", cpu);
    system_file_read(machine->root, path, policy->driver, sizeof policy->driver);
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/cpufreq/scaling_governor", cpu);
    system_file_read(machine->root, path, policy->governor, sizeof policy->governor);
}

static void read_kernel(struct machine *machine)
{
    struct utsname name;
    if (uname(&name) == 0)
        snprintf(machine->kernel, sizeof machine->kernel, "%s", name.release);
}

struct machine *machine_read(const char *root, struct err *err)
{
    AUTO_FREE struct cpu_list *affinity = calloc(1, sizeof *affinity);
    AUTO_FREE struct machine *machine = calloc(1, sizeof *machine);
    if (!machine || !affinity) {
        err_memory(err);
        return NULL;
    }
    if (read_affinity(affinity, err) < 0)
        return NULL;
    machine->root = root;
    machine->features = cpu_features_detect();
    machine->limits = cgroup_read_limits(root);
    cpu_identity_read(root, &machine->identity);
    read_cpus(machine, affinity);
    read_memory(machine);
    packages_read(root, &machine->online, &machine->packages);
    caches_read(root, machine_measuring_cpu(machine), &machine->online, &machine->caches);
    numa_nodes_read(root, &machine->online, machine->memory_total, &machine->nodes);
    huge_pages_read(root, &machine->huge_pages);
    mitigations_read(root, &machine->mitigations);
    read_frequency_policy(machine);
    read_kernel(machine);
    return TAKE(machine);
}

size_t machine_measuring_cpu(const struct machine *machine)
{
    return machine->usable.cpus[machine->usable.count - 1];
}
