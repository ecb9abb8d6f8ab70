#include "base/log.h"

#include "base/strbuf.h"
#include "base/text.h"

#include <stdarg.h>
#include <string.h>

#define LONGEST_LINE 4096

const char *log_level_name(enum log_level level)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    return names[level];
}

static void write_to_stderr(void *context UNUSED, enum log_level level, const char *line)
{
    fprintf(stderr, "%s: %s\n", log_level_name(level), line);
}

void log_init(struct log *log, enum log_level level,
              void (*write)(void *context, enum log_level level, const char *line), void *context)
{
    pthread_mutex_init(&log->lock, NULL);
    log->level = level;
    log->write = write ? write : write_to_stderr;
    log->context = context;
}

void log_destroy(struct log *log)
{
    pthread_mutex_destroy(&log->lock);
}

void log_line(struct log *log, enum log_level level, const char *format, ...)
{
    if (!log || level > log->level)
        return;
    char line[LONGEST_LINE];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    AUTO_STRBUF struct strbuf printable = STRBUF_INIT(LONGEST_LINE * 2);
    text_add_printable(&printable, line, strlen(line));
    pthread_mutex_lock(&log->lock);
    log->write(log->context, level, strbuf_text(&printable));
    pthread_mutex_unlock(&log->lock);
}
