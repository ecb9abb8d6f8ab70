#include "coremark/run.h"

#include "topology/system_file.h"

#include <math.h>
#include <string.h>

static const char *find_line(const char *log, const char *start)
{
    for (const char *line = log; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, start, strlen(start)) == 0)
            return line;
    }
    return NULL;
}

int coremark_read_log(const char *log, struct coremark_result *result, struct err *err)
{
    char text[64], *end = NULL;
    *result = (struct coremark_result){0};
    bool found = system_text_field(log, "Iterations/Sec", text, sizeof text);
    result->rate = found ? strtod(text, &end) : 0;
    if (!found || *end || !isfinite(result->rate) || result->rate <= 0)
        return err_set(err, ERR_DATA, "CoreMark's output has no iterations a second");
    result->validated = find_line(log, "Correct operation validated.") && !find_line(log, "Errors detected");
    const char *report = find_line(log, "CoreMark 1.0 : ");
    if (report && result->validated)
        snprintf(result->report, sizeof result->report, "%.*s", (int)strcspn(report, "\n"), report);
    return 0;
}
