/* One TCP connection to a numeric address, with a deadline. */
#ifndef ORCHESTRATOR_TCP_H
#define ORCHESTRATOR_TCP_H

#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"

#include <stdint.h>

/* A connected, non-blocking socket that notices a dead peer, or -1: ERR_NETWORK (refused, silent), ERR_DATA
 * (not a numeric address), ERR_CANCELLED. The caller closes it. */
int tcp_connect(const char *address, uint16_t port, const struct clock *clock, double deadline,
                const struct cancel *cancel, enum cancel_level from, struct err *err);

/* Acknowledges what has come, and what comes next, at once. Linux holds acknowledgements back for 40 ms where
 * an answer may carry them, and a far side that waits for one before it says more then waits in vain. Lasts
 * for a few packets: call it before each wait. */
void tcp_acknowledge_at_once(int fd);

#endif
