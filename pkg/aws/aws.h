/*
 * An AWS account in one region, as one program sees it. `struct aws` is made once and shared by all threads:
 * credentials, endpoints, rate limiters, retry quota, clock offset. `struct aws_client` belongs to one
 * thread: its connections and how hard its calls try. The services (ec2.h, s3.h, ssm.h, sts.h, pricing.h)
 * take a client.
 */
#ifndef AWS_AWS_H
#define AWS_AWS_H

#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"

#include <stdbool.h>
#include <stdint.h>

enum aws_service { AWS_EC2, AWS_S3, AWS_SSM, AWS_STS, AWS_PRICING };
#define AWS_SERVICE_COUNT (AWS_PRICING + 1)

/* Sets up libcurl, once, before any thread is started; and takes it down after the last has ended. */
int aws_global_init(struct err *err);
void aws_global_cleanup(void);

/* What is borrowed here must outlive the struct aws. Everything may be left zero. */
struct aws_options {
    const char *region;   /* --region; else AWS_REGION, AWS_DEFAULT_REGION, the profile's region */
    const char *profile;  /* --profile: the keys in the environment are set aside then; else AWS_PROFILE */
    const char *endpoint; /* for every service, in place of AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_SERVICE */
    struct log *log;      /* borrowed; retries and slow-downs are said at LOG_DEBUG, secrets never */
    const struct clock *clock;   /* borrowed; NULL: the machine's */
    const struct cancel *cancel; /* borrowed; NULL: nothing interrupts */
};

struct aws;

/* Reads options, environment and shared files, and gets credentials (credentials.h says from where; that may
 * run a program or ask STS or a metadata service). NULL: ERR_CONFIG (no region, a malformed one, an
 * unreadable file, a malformed endpoint), ERR_AUTH (no credentials), or why nobody could be asked for them.
 */
struct aws *aws_open(const struct aws_options *options, struct err *err);
/* Wipes the secrets. NULL is allowed. */
void aws_close(struct aws *aws);

/* "us-east-1", and "aws", "aws-cn", "aws-us-gov", … They belong to aws. */
const char *aws_region(const struct aws *aws);
const char *aws_partition(const struct aws *aws);

/* Where a service's requests go, without a trailing slash. It belongs to aws. */
const char *aws_endpoint(const struct aws *aws, enum aws_service service);

/* Seconds since the epoch by AWS's clock, as far as it is known: by this machine's until a wrong one was
 * noticed. */
int64_t aws_time(struct aws *aws);

/* Whether every service is reached at an endpoint of AWS itself: https, the usual port, and a host that AWS
 * alone can serve. Anything else counts as a sandbox: better a real result mislabelled than the reverse. */
bool aws_is_real(const struct aws *aws);

/* How long the credentials are good for. */
struct aws_credentials_end {
    const char *source; /* which provider gave them, "environment", … Static. */
    bool temporary;     /* they have a session token: they end some time */
    bool renewable;     /* new ones are had in time */
    int64_t at;         /* seconds since the epoch after which there are none; 0: never, or not known */
};
void aws_credentials_end(struct aws *aws, struct aws_credentials_end *end);

/* Credentials that can be renewed are renewed so early that, as far as their lifetime allows, never less than
 * so many seconds are left of them: the time that a tear-down may take. */
void aws_reserve_credentials(struct aws *aws, double seconds);

/* How hard the calls of a client try. */
struct aws_policy {
    /* false: three attempts out of the quota that all threads share (AWS's standard mode).
     * true: transient failures and throttling are retried until the deadline, outside the quota. For what
     * must not be given up: terminating an instance, storing a result. */
    bool persistent;
    /* Credentials that have expired and can't be renewed just now: true: they are looked for again until the
     * deadline (a person may have put new ones into the files), for what must not be given up. false:
     * ERR_AUTH at once. */
    bool outlasts_credentials;
    /* Absolute monotonic time (base/clock.h) at which a call gives up, ERR_NETWORK; 0 or INFINITY: none. */
    double deadline;
    /* The cancel level that stops a call, also in the middle (ERR_CANCELLED): CANCEL_DRAIN for ordinary work,
     * CANCEL_ABANDON for tear-down. */
    enum cancel_level stop_at;
    /* The same for as long as nothing of the call can have happened: it was not sent, or clearly refused.
     * Then ERR_CANCELLED leaves the client's may_have_happened false. CANCEL_NONE: as stop_at. */
    enum cancel_level stop_unsent_at;
};

/* Three attempts, no deadline, stopped by the first Ctrl-C. */
struct aws_policy aws_policy_standard(void);
/* Persistent for so many seconds from now, stopped by the second Ctrl-C alone. */
struct aws_policy aws_policy_persistent(const struct aws *aws, double seconds);

struct http;

/* Never used by two threads at a time. */
struct aws_client {
    struct aws *aws;          /* shared, borrowed */
    struct http *http;        /* this client's connections (aws/http.h), owned */
    struct aws_policy policy; /* the owner may set it between calls */
    /* Whether an attempt of the last call was not answered, or with a fault of the service's own: it may have
     * been carried out, also when a later attempt was clearly refused. */
    bool may_have_happened;
};

int aws_client_init(struct aws_client *client, struct aws *aws, struct err *err);
/* A zeroed client may be destroyed. */
void aws_client_destroy(struct aws_client *client);

#endif
