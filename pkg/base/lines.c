#include "base/lines.h"

void lines_end(struct lines *lines)
{
    if (lines->length > 0)
        lines->on_line(lines->context, lines->line, lines->length);
    lines->length = 0;
}

void lines_take(struct lines *lines, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\n')
            lines_end(lines);
        else if (lines->length < LONGEST_LINE)
            lines->line[lines->length++] = bytes[i];
    }
}
