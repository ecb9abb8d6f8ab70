#include "orchestrator/complaint.h"

#include <string.h>

bool complaint_is_due(struct complaint *complaint, const struct err *err, double now)
{
    bool same = complaint->kind == err->kind && strcmp(complaint->code, err->code) == 0;
    if (same && now < complaint->said + COMPLAINT_EVERY)
        return false;
    complaint->kind = err->kind;
    memcpy(complaint->code, err->code, sizeof complaint->code);
    complaint->said = now;
    return true;
}

bool complaint_is_over(struct complaint *complaint)
{
    bool was_said = complaint->kind != ERR_NONE;
    *complaint = (struct complaint){0};
    return was_said;
}
