#include "results/billed.h"

#include <math.h>
#include <string.h>

void billed_free(struct billed *billed)
{
    for (size_t i = 0; i < billed->count; i++) {
        free(billed->machines[i].instance_type);
        free(billed->machines[i].id);
    }
    free(billed->machines);
    *billed = (struct billed){0};
}

static int compare(const struct billed_machine *machine, const char *instance_type, const char *id)
{
    int order = strcmp(machine->instance_type, instance_type);
    return order ? order : strcmp(machine->id, id);
}

/* The first machine that does not come before that of the type and id. */
static size_t place_of(const struct billed *billed, const char *instance_type, const char *id)
{
    size_t low = 0;
    size_t high = billed->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&billed->machines[middle], instance_type, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct billed_machine *insert(struct billed *billed, size_t at, const char *instance_type,
                                     const char *id, struct err *err)
{
    AUTO_FREE char *type_copy = strdup(instance_type);
    AUTO_FREE char *id_copy = strdup(id);
    struct billed_machine *grown = reallocarray(billed->machines, billed->count + 1, sizeof *grown);
    if (grown)
        billed->machines = grown;
    if (!grown || !type_copy || !id_copy) {
        err_memory(err);
        return NULL;
    }
    memmove(grown + at + 1, grown + at, (billed->count++ - at) * sizeof *grown);
    grown[at] = (struct billed_machine){.instance_type = TAKE(type_copy), .id = TAKE(id_copy)};
    return &grown[at];
}

int billed_note(struct billed *billed, const cJSON *document, struct err *err)
{
    const char *instance_type = json_string_or(document, "metadata.instance_type", "");
    const char *id = json_string_or(document, "execution_context.instance_id", NULL);
    const cJSON *seconds = json_at(document, "execution_context.seconds_billed");
    if (!id || !cJSON_IsNumber(seconds))
        return 0;
    size_t at = place_of(billed, instance_type, id);
    bool known = at < billed->count && compare(&billed->machines[at], instance_type, id) == 0;
    struct billed_machine *machine =
        known ? &billed->machines[at] : insert(billed, at, instance_type, id, err);
    if (!machine)
        return -1;
    machine->seconds = fmax(machine->seconds, seconds->valuedouble);
    machine->results++;
    return 0;
}

double billed_seconds(const struct billed *billed, const char *instance_type)
{
    double seconds = 0;
    size_t results = 0;
    for (size_t i = place_of(billed, instance_type, "");
         i < billed->count && strcmp(billed->machines[i].instance_type, instance_type) == 0; i++) {
        seconds += billed->machines[i].seconds;
        results += billed->machines[i].results;
    }
    return results && seconds >= 1 ? seconds / (double)results : NAN;
}
