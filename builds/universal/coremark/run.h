/* EEMBC's CoreMark, from its own unmodified source, and what is to be read from what it prints. */
#ifndef COREMARK_RUN_H
#define COREMARK_RUN_H

#include "base/strbuf.h"
#include "measure/progress.h"

#include <stddef.h>
#include <stdint.h>

#define COREMARK_LOG_MAX ((size_t)1 << 20)
#define COREMARK_CONTEXTS_MAX 1024

/* What its files and the port layer were compiled with. */
extern const char coremark_flags[];

/* The seeds for which EEMBC's rules want a correct run. */
enum coremark_seeds { COREMARK_PERFORMANCE, COREMARK_VALIDATION };

struct coremark_order {
    enum coremark_seeds seeds;
    const uint16_t *cpus; /* a context on each */
    size_t contexts;      /* 1 to COREMARK_CONTEXTS_MAX */
    uint32_t iterations;  /* of each context */
    struct progress *progress;
};

/* Runs CoreMark once and appends what it printed. -1: it did not run as ordered (threads, the clock). One at
 * a time. */
int coremark_run(const struct coremark_order *order, struct strbuf *log, struct err *err);

/* What such a log says. */
struct coremark_result {
    bool validated;   /* "Correct operation validated": results right, and ten seconds at least */
    double rate;      /* iterations a second, all contexts together */
    char report[160]; /* the line that EEMBC's reporting rules ask for, "CoreMark 1.0 : N / …"; empty: no
                         valid score */
};

/* -1 with ERR_DATA where the log names no rate. */
int coremark_read_log(const char *log, struct coremark_result *result, struct err *err);

#endif
