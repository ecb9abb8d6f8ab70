/*
 * The seam between the engine and where machines come from. EC2 is one cloud; the engine knows only what
 * stands here.
 */
#ifndef ORCHESTRATOR_CLOUD_H
#define ORCHESTRATOR_CLOUD_H

#include "base/cancel.h"
#include "base/error.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

enum machine_state { MACHINE_UNKNOWN, MACHINE_PENDING, MACHINE_RUNNING, MACHINE_STOPPED, MACHINE_TERMINATED };

struct machine {
    char id[32];
    enum machine_state state; /* shutting-down counts as running, stopping as stopped: the bill goes on */
    bool ending;              /* shutting down or stopping */
    char reason_code[96];     /* why it ended, "Server.InsufficientInstanceCapacity" */
    char reason[192];
    char instance_type[32];
    char image_id[32];
    char architecture[16];
    char zone[32];
    char private_address[48];
    char public_address[48]; /* empty when it has none */
};

struct launch_order {
    const char *run_id;
    const char *token; /* idempotency token, at most 64 characters */
    const char *name;  /* for people who look at the console */
    const char *instance_type;
    const char *image_id;
    const char *subnet_id;
    const char *security_group_id;
    const char *key_pair; /* NULL: none */
    const char *user_data;
    const char *deadline; /* timestamp after which nobody needs the machine, for a tag */
    double lease_seconds; /* from now until when the run is believed to be at work, for a tag */
};

/* The SSH port opened to the addresses of cidr. */
struct access_order {
    const char *run_id;
    const char *vpc_id;
    const char *cidr;
    unsigned port;
    double lease_seconds;
};

/* How long a call may go on: until the deadline (monotonic seconds), or until cancel reaches the level. */
struct cloud_patience {
    double deadline;
    enum cancel_level cancel_from;
};

struct cloud_session; /* one thread's connection */

struct cloud_ops {
    /* Opens the SSH port of the machines of this run; group names what was made, also when a later step of it
     * failed. */
    int (*open_access)(struct cloud_session *session, const struct access_order *order,
                       const struct cloud_patience *patience, char group[32], struct err *err);
    /* The group that was made for the run; group is empty when there is none (or none is seen yet). */
    int (*find_access)(struct cloud_session *session, const char *run_id,
                       const struct cloud_patience *patience, char group[32], struct err *err);
    /* Removes it, waiting while ended machines still hold it. */
    int (*close_access)(struct cloud_session *session, const char *group,
                        const struct cloud_patience *patience, struct err *err);
    struct cloud_session *(*open)(void *context, struct err *err);
    void (*close)(struct cloud_session *session);
    /* The exact request that launch() will send, so that it can be written down before. */
    int (*encode_launch)(struct cloud_session *session, const struct launch_order *order,
                         struct strbuf *request, struct err *err);
    /* Sends the request; the same request again never makes a second machine. ERR_CAPACITY, ERR_QUOTA,
     * ERR_UNSUPPORTED, ERR_AUTH, ERR_CONFIG, ERR_USAGE, and ERR_CANCELLED (already by the first request to
     * stop, as long as nothing was sent) mean that there is no machine; after any other kind there may be
     * one. */
    int (*launch)(struct cloud_session *session, const char *request, const struct cloud_patience *patience,
                  struct machine *machine, struct err *err);
    /* The machine that was launched with the token, asked for until there is an answer. *found is false when
     * there is none (or none is seen yet). */
    int (*find_by_token)(struct cloud_session *session, const char *token,
                         const struct cloud_patience *patience, bool *found, struct machine *machine,
                         struct err *err);
    /* Calls visit for every machine of the run. */
    int (*list)(struct cloud_session *session, const char *run_id, const struct cloud_patience *patience,
                void (*visit)(void *context, const struct machine *machine), void *context, struct err *err);
    /* Asks for the end of the machine, again and again until the call is accepted. That it is accepted does
     * not mean that the machine has ended. A machine that does not exist (any more) is a success. */
    int (*terminate)(struct cloud_session *session, const char *id, const struct cloud_patience *patience,
                     struct err *err);
    /* Says on all that the run has, and on the group (empty: none), that it is at work for so many seconds
     * more. What has ended meanwhile is no failure. */
    int (*renew_lease)(struct cloud_session *session, const char *run_id, const char *group, double seconds,
                       const struct cloud_patience *patience, struct err *err);
};

/* Kinds of a failure after which there certainly is nothing of what launch() or open_access() were to make.
 * After any other there may be. */
bool cloud_has_refused(enum err_kind kind);

struct cloud {
    const struct cloud_ops *ops;
    void *context;
};

#endif
