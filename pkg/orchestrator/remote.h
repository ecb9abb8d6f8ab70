/*
 * The seam between a job and the machine it runs on: connect to a machine whose identity is known, run
 * commands there. The far side is not trusted: every read has a cap, every wait a deadline, and a command
 * counts as done only when its own last line says so, with its exit code and the SHA-256 of what it printed.
 */
#ifndef ORCHESTRATOR_REMOTE_H
#define ORCHESTRATOR_REMOTE_H

#include "base/cancel.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "orchestrator/hostkey.h"

#include <stdint.h>

struct remote_target {
    const char *address; /* numeric, IPv4 or IPv6 */
    uint16_t port;
    const char *user;
    const unsigned char *host_blob;   /* SSH_ED25519_BLOB_SIZE bytes: the only host key that is accepted */
    const unsigned char *former_blob; /* the one before it, or NULL: not accepted either, but no stranger's */
    const char *private_key;          /* PEM text of the user's key */
};

/* Codes of errors of connect: the machine still shows its former host key (ERR_NETWORK), there was a
 * connection and it led to nothing (ERR_NETWORK). */
#define REMOTE_FORMER_KEY "FormerHostKey"
#define REMOTE_BROKEN "Broken"

/* Gives up at the deadline (monotonic seconds) or when cancel reaches the level. */
struct remote_limits {
    double deadline;
    const struct cancel *cancel;
    enum cancel_level cancel_from;
};

#define REMOTE_TALK_MAX (16UL << 20) /* bytes of standard error after which it is no longer listened to */

struct remote_command {
    const char *script; /* POSIX shell; it may read `input` on its standard input */
    const void *input;
    size_t input_length;
    size_t output_limit;  /* most bytes of standard output that are kept; more is a failure */
    double silence_limit; /* seconds without a byte from the far side (it sends a heartbeat) that mean it is
                             dead */
    /* Called for each line the script writes to standard error, at most 1 KiB of it, not yet made printable.
     */
    void (*on_line)(void *context, const char *line, size_t length);
    void *context;
};

struct remote_session; /* one machine, one thread */

struct remote_ops {
    /* NULL: ERR_NETWORK (not there yet: ask again), ERR_SECURITY (another host key), ERR_AUTH (our key is
     * refused), ERR_CANCELLED. */
    struct remote_session *(*connect)(void *context, const struct remote_target *target,
                                      const struct remote_limits *limits, struct err *err);
    /* Runs a script and gives its exit code and its standard output, complete and checked. -1: ERR_NETWORK
     * (lost), ERR_REMOTE (killed, no last line, output over the limit or not what it says), ERR_CANCELLED. */
    int (*run)(struct remote_session *session, const struct remote_command *command,
               const struct remote_limits *limits, struct strbuf *output, int *exit_code, struct err *err);
    void (*close)(struct remote_session *session);
};

struct remote {
    const struct remote_ops *ops;
    void *context;
};

/* SSH by libssh2. Call remote_ssh_global_init once, before threads start. */
int remote_ssh_global_init(struct err *err);
void remote_ssh_global_cleanup(void);
struct remote remote_ssh(void);

#endif
