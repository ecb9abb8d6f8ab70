/* A stream of bytes cut into lines, however it arrives in pieces. */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include <stddef.h>

#define LONGEST_LINE 1024 /* bytes; what a line has beyond is dropped */

struct lines {
    /* Called for each line that is not empty, without its newline. It is not NUL-terminated, and nothing
     * about its bytes is promised. */
    void (*on_line)(void *context, const char *line, size_t length);
    void *context;
    char line[LONGEST_LINE];
    size_t length; /* of what has come of a line that has not ended */
};

void lines_take(struct lines *lines, const char *bytes, size_t length);

/* No more comes: what has come of a last line counts as one. */
void lines_end(struct lines *lines);

#endif
