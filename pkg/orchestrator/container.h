/* The benchmark image on a far machine: deliver it, make sure it is the one we mean, run a suite in it. */
#ifndef ORCHESTRATOR_CONTAINER_H
#define ORCHESTRATOR_CONTAINER_H

#include "base/error.h"
#include "orchestrator/image_archive.h"
#include "orchestrator/remote.h"
#include "orchestrator/suite_talk.h"

/* Where the image comes from: an archive that is sent over SSH, or a reference that the machine pulls. */
struct image_source {
    const struct image_archive *archive; /* NULL: pull */
    const char *reference;
};

/* A connected machine. */
struct container_host {
    const struct remote *remote;
    struct remote_session *session;
    double silence_seconds; /* without a heartbeat, after which it counts as dead */
    char engine[32];        /* "docker", "sudo -n docker", … */
    char architecture[16];  /* EC2's word for what `uname -m` said */
    bool may_be_busy;       /* a suite was begun, and its end was not seen */
};

struct container_image {
    char id[160];                            /* what the engine runs */
    char index_digest[IMAGE_DIGEST_SIZE];    /* names the image, whatever the platform; empty if unknown */
    char platform_digest[IMAGE_DIGEST_SIZE]; /* the image of this platform */
};

/* Runs a script whose output is short. last_words is the last line of its standard error, printable; empty
 * when there is none. */
int host_run_script(const struct container_host *host, const char *script, const struct remote_limits *limits,
                    struct strbuf *output, int *exit_code, char last_words[LAST_WORDS_SIZE], struct err *err);

/* A part of a script that waits for the engine and prints two lines, the machine's architecture and the
 * engine; it exits with 41 or 42 when there is none. */
extern const char container_find_engine[];

/* EC2's word for an architecture in uname's or the engines'; "unknown" for any other. Static. */
const char *container_architecture(const char *word);

/* Takes the two lines. ERR_REMOTE when they are not what the script prints. */
int container_take_engine(struct container_host *host, const char *architecture, const char *engine,
                          struct err *err);

/* Brings the image to the machine. The machine, the image and `architecture` must agree before anything runs:
 * ERR_REMOTE names the two that do not. */
int container_deliver(const struct container_host *host, const struct image_source *source,
                      const char *architecture, const struct remote_limits *limits,
                      struct container_image *image, struct err *err);

/* Runs one suite, and nothing beside it, without network, on a read-only root, without capabilities.
 * `options` are "name=value" words. ERR_REMOTE with the suite's own last words when its exit code is not 0.
 */
int container_run_suite(struct container_host *host, const struct container_image *image, const char *suite,
                        const char *const *options, size_t option_count, const struct suite_talk *talk,
                        const struct remote_limits *limits, struct strbuf *output, struct err *err);

#endif
