/* Talk: leveled lines to a sink that the program's face hands in. Threads may share a log; the sink is called
 * under its lock, one line at a time, with control characters already made harmless. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/error.h"

#include <pthread.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

struct log {
    pthread_mutex_t lock;
    enum log_level level; /* lines above it are dropped; set before threads start */
    void (*write)(void *context, enum log_level level, const char *line);
    void *context;
};

/* Without write, lines go to stderr as "warning: text". */
void log_init(struct log *log, enum log_level level,
              void (*write)(void *context, enum log_level level, const char *line), void *context);
void log_destroy(struct log *log);

/* log may be NULL: then nothing is said. */
void log_line(struct log *log, enum log_level level, const char *format, ...) PRINTF_LIKE(3, 4);

const char *log_level_name(enum log_level level);

#endif
