/* What `run` reads and checks before anything is launched. */
#ifndef CMD_RUN_PREFLIGHT_H
#define CMD_RUN_PREFLIGHT_H

#include "run_options.h"

#include "aws/aws.h"
#include "orchestrator/image_archive.h"
#include "orchestrator/plan.h"
#include "storage/store.h"
#include "storage/store_s3.h"

#include <stdbool.h>
#include <stdint.h>

/* What the options name, read in. */
struct run_inputs {
    struct image_archive archive; /* empty with --image */
    char archive_reference[192];  /* the archive's image by name */
    int program;                  /* with --local: the archive's, as image_program.h has it */
    char *private_key;            /* of --key-file, else NULL */
    struct s3_location bucket;    /* its name is empty when there is none */
};

/* ERR_USAGE or ERR_CONFIG for what the options say wrongly or name in vain; nobody is asked. */
int run_inputs_read(struct run_inputs *inputs, const struct run_options *options, struct err *err);
void run_inputs_free(struct run_inputs *inputs);

/* Makes sure that the image archive has an image for every planned job. ERR_CONFIG. */
int check_image_fits_plan(const struct run_options *options, const struct run_inputs *inputs,
                          const struct plan *plan, struct err *err);

/* Makes sure that a result could be written to the output directory and to the bucket. A dry run makes
 * nothing for that. client may be NULL where there is no bucket. ERR_CONFIG, ERR_AUTH. */
int check_results_can_be_kept(struct aws_client *client, const struct run_options *options,
                              const struct run_inputs *inputs, const struct plan *plan, struct err *err);

/* "bucket/prefix", or the same with s3:// before it. ERR_USAGE. */
int bucket_parse(const char *text, struct s3_location *location, struct err *err);

/* The longest that the run can take, all deadlines in a row, in seconds. */
double longest_run(const struct run_options *options, const struct plan *plan);

/* Warns of credentials that end before the run has to (seconds since the epoch), and says at LOG_DEBUG of
 * temporary ones that their end is not known. */
void tell_when_credentials_end(const struct aws_credentials_end *credentials, double now, double run_seconds,
                               struct log *log);

/* Has a tear-down's time of them kept in reserve, and tells when they end. */
void prepare_credentials(struct aws *aws, const struct run_options *options, const struct plan *plan,
                         struct log *log);

/* The bucket as a store for one thread (struct store_factory). context is a struct bucket_context. */
struct bucket_context {
    struct aws *aws;
    const struct s3_location *location;
};
int bucket_open(void *context, double deadline, struct store *store, void **connection, struct err *err);
void bucket_close(struct store *store, void *connection);

#endif
