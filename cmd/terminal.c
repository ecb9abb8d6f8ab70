#include "terminal.h"

#include <sys/ioctl.h>

bool terminal_ask(FILE *out, struct terminal_size *size)
{
    struct winsize answer = {0};
    int fd = fileno(out);
    if (fd < 0 || ioctl(fd, TIOCGWINSZ, &answer) < 0 || !answer.ws_row || !answer.ws_col)
        return false;
    *size = (struct terminal_size){answer.ws_row, answer.ws_col};
    return true;
}
