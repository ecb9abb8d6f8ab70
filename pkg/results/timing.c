#include "results/sense.h"

#include "base/parse.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* A job's states, in the order in which it reaches them; the names are the orchestrator's. What a later
 * version adds is passed over. */
static const char *const states[] = {"planned",   "intent",   "launched", "running",   "reachable",
                                     "delivered", "measured", "stored",   "terminated"};

/* Whole seconds are cut off in some places and rounded in others. */
#define SLACK_SECONDS 1.0

/* A time of the document in seconds since the epoch, NAN where there is none. One that is no date and time is
 * a finding, and then NAN as well. */
static double time_at(const cJSON *object, const char *path, finding_report report, void *context)
{
    const char *text = json_string_or(object, path, NULL);
    int64_t seconds = 0;
    double fraction = 0;
    if (!text)
        return NAN;
    if (parse_timestamp(text, &seconds, NULL) < 0) {
        say_finding(report, context, "timing", "%s is %.32s, which is no time", path, text);
        return NAN;
    }
    char digits[16] = "0";
    const char *point = strchr(text, '.');
    if (point)
        snprintf(digits, sizeof digits, "0%.*s", (int)strspn(point, ".0123456789"), point);
    return parse_double(digits, 0, 1, &fraction, NULL) == 0 ? (double)seconds + fraction : (double)seconds;
}

/* What the timing block says, as far as it is known. */
struct course {
    double first; /* of all states */
    double last;
    double before; /* the last state before the measurement */
    double launched;
    double measured;
    bool in_order;
};

static void note_state(struct course *course, const char *state, double when)
{
    if (isnan(course->first))
        course->first = when;
    if (strcmp(state, "launched") == 0)
        course->launched = when;
    if (strcmp(state, "measured") == 0)
        course->measured = when;
    if (isnan(course->measured))
        course->before = when;
    course->last = when;
}

static struct course read_course(const cJSON *timing, finding_report report, void *context)
{
    struct course course = {NAN, NAN, NAN, NAN, NAN, true};
    const char *previous = NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(states); i++) {
        double when = time_at(timing, states[i], report, context);
        if (isnan(when))
            continue;
        if (previous && when < course.last) {
            say_finding(report, context, "timing", "'%s' is %.3f s earlier than '%s'", states[i],
                        course.last - when, previous);
            course.in_order = false;
        }
        note_state(&course, states[i], when);
        previous = states[i];
    }
    return course;
}

/* The document is of the moment at which its suite had ended. */
static void check_moment(const cJSON *document, const struct course *course, finding_report report,
                         void *context)
{
    double moment = time_at(document, "metadata.timestamp", report, context);
    if (fabs(moment - course->measured) > SLACK_SECONDS)
        say_finding(report, context, "timing", "metadata.timestamp and 'measured' are %.0f s apart",
                    fabs(moment - course->measured));
    else if (moment < course->first - SLACK_SECONDS || moment > course->last + SLACK_SECONDS)
        say_finding(report, context, "timing", "metadata.timestamp is not within the job's states");
}

static void check_lengths(const cJSON *document, const struct course *course, finding_report report,
                          void *context)
{
    const cJSON *suite = json_at(document, "execution_context.duration_seconds");
    const cJSON *billed = json_at(document, "execution_context.seconds_billed");
    if (suite->valuedouble > course->measured - course->before + SLACK_SECONDS)
        say_finding(report, context, "timing", "the suite took %g s, between the states are %.3f s",
                    suite->valuedouble, course->measured - course->before);
    if (cJSON_IsNumber(billed) && billed->valuedouble < course->measured - course->launched - SLACK_SECONDS)
        say_finding(report, context, "timing", "billed are %g s, from 'launched' to 'measured' are %.3f s",
                    billed->valuedouble, course->measured - course->launched);
}

void check_timing(const cJSON *document, finding_report report, void *context)
{
    struct course course = read_course(json_at(document, "execution_context.timing"), report, context);
    time_at(document, "execution_context.started", report, context);
    if (!course.in_order)
        return; /* what lies between them tells nothing */
    check_moment(document, &course, report, context);
    check_lengths(document, &course, report, context);
}
