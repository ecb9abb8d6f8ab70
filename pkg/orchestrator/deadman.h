/*
 * The dead-man switch: what a machine is told to do at every boot so that it ends by itself when nobody is
 * left to end it. Two switches that share nothing: logind's scheduled shutdown, and a timer of systemd's own.
 * Either powers the machine off, which EC2 takes for termination
 * (InstanceInitiatedShutdownBehavior=terminate); a halt would not do.
 */
#ifndef ORCHESTRATOR_DEADMAN_H
#define ORCHESTRATOR_DEADMAN_H

#include "base/error.h"

#include <stdint.h>

/* The scripts, for /bin/sh, each to be run on its own; the caller free()s them. The first counts whole
 * minutes, so it comes up to a minute after the second. */
char *deadman_shutdown_script(uint64_t lifetime_seconds, struct err *err);
char *deadman_timer_script(uint64_t lifetime_seconds, struct err *err);

#endif
