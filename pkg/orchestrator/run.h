/*
 * Carrying out a plan: workers in threads, a poller, a journal, and at the end nothing left running. The
 * caller's thread hands events on; it alone talks to people.
 */
#ifndef ORCHESTRATOR_RUN_H
#define ORCHESTRATOR_RUN_H

#include "base/cancel.h"
#include "base/log.h"
#include "base/queue.h"
#include "orchestrator/cloud.h"
#include "orchestrator/container.h"
#include "orchestrator/event.h"
#include "orchestrator/hostkey.h"
#include "orchestrator/journal.h"
#include "orchestrator/plan.h"
#include "orchestrator/remote.h"
#include "storage/store.h"

#include <stdbool.h>
#include <stdint.h>

enum address_choice { ADDRESS_AUTO, ADDRESS_PUBLIC, ADDRESS_PRIVATE };

struct run_settings {
    size_t max_concurrency;
    const char *const *suites;
    size_t suite_count;
    const char *const *suite_options; /* "name=value" words, given to every suite */
    size_t suite_option_count;
    unsigned iterations;
    const char *ssh_user;
    uint16_t ssh_port;
    const char *ssh_private_key; /* PEM of the user's key, or NULL: one is made for this run */
    const char *key_pair;        /* EC2's name of that key, or NULL */
    enum address_choice address;
    double boot_seconds;     /* from the launch until the machine answers with its own key */
    double grace_seconds;    /* how long a machine with another host key than ours is asked again */
    double silence_seconds;  /* without a heartbeat, after which a machine counts as dead */
    double margin_seconds;   /* after all other deadlines, until a machine switches itself off */
    double suite_seconds;    /* one suite, once */
    double teardown_seconds; /* until a machine must be confirmed as terminated */
    double lease_seconds;    /* for which the run says to be at work; renewed every third of it */
    double lookup_seconds;   /* after a launch, for which EC2 may not know the machine yet */
    double store_seconds;    /* until a result must be in the remote store */
    struct image_source image;
    const int *local_program;    /* of the image's archive (image_program.h), to measure this machine itself;
                                    NULL: machines of the cloud */
    const char *image_reference; /* how the image is called, for the document */
    bool attestation;            /* results carry the instance identity document */
};

/* The remote store, for one thread: each worker opens its own and closes it. *connection is what the store
 * works on. */
struct store_factory {
    int (*open)(void *context, double deadline, struct store *store, void **connection, struct err *err);
    void (*close)(struct store *store, void *connection);
    void *context;
};

struct run_services {
    struct cloud cloud;
    struct remote remote;
    struct journal *journal;
    const struct store *spool;                /* local, shared by all threads; results go here first */
    const struct store_factory *remote_store; /* NULL: there is none */
    struct cancel *cancel;
    struct log *log;
};

/* The one number of a suite that the table at the end shows. */
struct headline {
    bool known;
    double median, low, high; /* the interval is the median's, from six samples on */
    bool interval_known;
};

/* What became of a job. */
struct job_outcome {
    bool succeeded;     /* every suite measured and stored, and the machine confirmed as terminated */
    struct err failure; /* the first that happened, when not */
    enum job_state failed_at;
    bool may_be_alive; /* a machine of this job is not confirmed as terminated */
    char instance_id[32];
    char launch_token[65]; /* of the launch whose fate is unknown (instance_id is then empty, or that of an
                              earlier machine, which has ended); empty when there is none */
    char zone[32];
    char cpu_model[96];
    double seconds;          /* from the launch to the confirmed end */
    size_t stored;           /* result documents */
    size_t unsent;           /* of these, those that are in the spool only */
    struct headline triad;   /* of stream, GB/s */
    struct headline linpack; /* GFLOPS */
    char flags[96]; /* the words by which suites qualified their results, "cache_resident,unstable" */
};

struct run_outcome {
    struct job_outcome *jobs; /* one for each of the plan's, in its order */
    size_t job_count;
    char security_group_left[32]; /* a temporary group that could not be removed; empty: none */
    double seconds;
};

void run_outcome_free(struct run_outcome *outcome);

/* Called in the caller's thread: for each event, and several times a second with NULL. */
typedef void (*run_listener)(void *context, const struct event *event);

/* Hands events on in the caller's thread until the queue is closed and empty. */
void run_relay_events(struct queue *events, run_listener listener, void *listener_context);

/* Carries out the plan and waits for all of it. -1 only when it could not begin: nothing was launched then.
 */
int run_execute(const struct plan *plan, const struct run_settings *settings,
                const struct run_services *services, run_listener listener, void *listener_context,
                struct run_outcome *outcome, struct err *err);

#endif
