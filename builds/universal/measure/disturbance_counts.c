#include "measure/disturbance_counts.h"

#include "measure/disturbance.h"

#include <sys/resource.h>

static struct optional_u64 read_preemptions(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) < 0 || usage.ru_nivcsw < 0)
        return (struct optional_u64){0};
    return known_u64((uint64_t)usage.ru_nivcsw);
}

struct disturbance_counts disturbance_counts_read(const struct machine *machine)
{
    return (struct disturbance_counts){
        .stolen_ticks = stolen_ticks(machine->root),
        .quota_stops = quota_stops_read(machine->root),
        .thermal_throttles = thermal_throttles_read(machine->root, &machine->usable),
        .preemptions = read_preemptions(),
    };
}

static struct optional_u64 added(struct optional_u64 before, struct optional_u64 after)
{
    if (!before.known || !after.known || after.value < before.value)
        return (struct optional_u64){0};
    return known_u64(after.value - before.value);
}

struct disturbance_counts disturbance_counts_between(const struct disturbance_counts *before,
                                                     const struct disturbance_counts *after)
{
    return (struct disturbance_counts){
        .stolen_ticks = added(before->stolen_ticks, after->stolen_ticks),
        .quota_stops = {added(before->quota_stops.periods, after->quota_stops.periods),
                        added(before->quota_stops.nanoseconds, after->quota_stops.nanoseconds)},
        .thermal_throttles = added(before->thermal_throttles, after->thermal_throttles),
        .preemptions = added(before->preemptions, after->preemptions),
    };
}
