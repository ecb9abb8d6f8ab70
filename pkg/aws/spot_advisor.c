#include "aws/spot_advisor.h"

#include "aws/http.h"

#include <math.h>
#include <string.h>

#define ANSWER_SECONDS 60.0

cJSON *spot_advisor_get(struct aws_client *client, const char *url, struct err *err)
{
    AUTO_FREE char *text = http_get(client->http, url, SPOT_ADVISOR_MAX_BYTES, ANSWER_SECONDS, err);
    cJSON *advisor = text ? json_parse(text, strlen(text), SPOT_ADVISOR_MAX_BYTES, err) : NULL;
    if (!advisor)
        err_prepend(err, "the Spot Instance Advisor");
    return advisor;
}

/* The upper end of a range in percent; NAN where there is no range of that number. */
static double range_end(const cJSON *advisor, double number)
{
    const cJSON *range;
    cJSON_ArrayForEach(range, json_at(advisor, "ranges"))
    {
        const cJSON *index = json_at(range, "index");
        const cJSON *end = json_at(range, "max");
        if (cJSON_IsNumber(index) && index->valuedouble == number)
            return cJSON_IsNumber(end) ? end->valuedouble : NAN;
    }
    return NAN;
}

double spot_advisor_reliability(const cJSON *advisor, const char *region, const char *instance_type)
{
    const cJSON *here = cJSON_GetObjectItemCaseSensitive(json_at(advisor, "spot_advisor"), region);
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(json_at(here, "Linux"), instance_type);
    const cJSON *range = json_at(type, "r");
    double end = cJSON_IsNumber(range) ? range_end(advisor, range->valuedouble) : NAN;
    return end >= 0 && end <= 100 ? (100 - end) / 100 : NAN;
}
