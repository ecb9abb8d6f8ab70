#include "orchestrator/cloud.h"

bool cloud_has_refused(enum err_kind kind)
{
    return kind == ERR_CAPACITY || kind == ERR_QUOTA || kind == ERR_UNSUPPORTED || kind == ERR_AUTH ||
           kind == ERR_CONFIG || kind == ERR_USAGE || kind == ERR_NOT_FOUND || kind == ERR_THROTTLED ||
           kind == ERR_CANCELLED;
}
