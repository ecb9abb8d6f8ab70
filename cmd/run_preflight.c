#include "run_preflight.h"

#include "aws/s3.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/text.h"
#include "discovery/address.h"
#include "orchestrator/image_program.h"
#include "orchestrator/local.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#define LARGEST_KEY_FILE 16384

/* --- what the options say --------------------------------------------------------------------- */

/* Words that end up in a shell command on the instance: nothing but harmless characters. */
static bool only_of(const char *text, const char *allowed, size_t longest)
{
    size_t length = strlen(text);
    return length > 0 && length <= longest && strspn(text, allowed) == length;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static int check_suites(const struct run_options *options, struct err *err)
{
    const struct string_list *suites = &options->benchmarks;
    for (size_t i = 0; i < suites->count; i++) {
        if (!only_of(suites->items[i], LOWER DIGITS "-_", 63))
            return err_set(err, ERR_USAGE, "'%.64s' is not the name of a suite", suites->items[i]);
        for (size_t j = 0; j < i; j++)
            if (strcmp(suites->items[i], suites->items[j]) == 0)
                return err_set(err, ERR_USAGE,
                               "the suite '%s' is named twice; --iterations runs suites repeatedly",
                               suites->items[i]);
    }
    return suites->count ? 0 : err_set(err, ERR_USAGE, "no suites: name some, as in --benchmarks stream");
}

static int check_suite_options(const struct run_options *options, struct err *err)
{
    for (size_t i = 0; i < options->suite_options.count; i++) {
        const char *word = options->suite_options.items[i];
        if (!strchr(word, '=') || !only_of(word, LOWER UPPER DIGITS "-_.=:+/", 200) || word[0] == '-')
            return err_set(err, ERR_USAGE,
                           "'%.64s' is not a suite option: give NAME=VALUE, as in max-seconds=10", word);
    }
    return 0;
}

static int check_names(const struct run_options *options, struct err *err)
{
    if (!only_of(options->ssh_user, LOWER UPPER DIGITS "-_.", 32))
        return err_set(err, ERR_USAGE, "--ssh-user '%.64s' is not a user's name", options->ssh_user);
    if (options->image && options->image_archive)
        return err_set(err, ERR_USAGE, "--image and --image-archive exclude each other");
    if (options->image && !only_of(options->image, LOWER UPPER DIGITS "-_./:@", 255))
        return err_set(err, ERR_USAGE, "--image '%.64s' is not an image reference", options->image);
    if (!options->key_pair != !options->key_file)
        return err_set(err, ERR_USAGE,
                       "--key-pair and --key-file go together: the key pair's name and its private key");
    char cidr[CIDR_SIZE];
    if (options->ssh_cidr && cidr_parse(options->ssh_cidr, cidr, err) < 0)
        return err_prepend(err, "--ssh-cidr");
    return 0;
}

static int check_local_name(const struct run_options *options, struct err *err)
{
    const char *name = options->local_name;
    if (name && !only_of(name, LOWER DIGITS "-", LOCAL_NAME_MAX))
        return err_set(
            err, ERR_USAGE,
            "--local-name '%.64s' is not made of lower-case letters, digits and dashes, %d at most", name,
            LOCAL_NAME_MAX);
    return 0;
}

int bucket_parse(const char *text, struct s3_location *location, struct err *err)
{
    AUTO_STRBUF struct strbuf url = STRBUF_INIT(1024);
    strbuf_addf(&url, "%s%s", is_s3_url(text) ? "" : "s3://", text);
    if (strbuf_ok(&url, "--s3-bucket", err) < 0 || s3_location_parse(strbuf_text(&url), location, err) < 0)
        return err_prepend(err, "--s3-bucket");
    return 0;
}

static int read_key_file(struct run_inputs *inputs, const char *path, struct err *err)
{
    if (!path)
        return 0;
    inputs->private_key = fs_read_file(path, LARGEST_KEY_FILE, NULL, err);
    if (!inputs->private_key) {
        err->kind = ERR_CONFIG;
        return err_prepend(err, "--key-file");
    }
    if (!text_starts_with(inputs->private_key, "-----BEGIN ") || strstr(inputs->private_key, "ENCRYPTED"))
        return err_set(err, ERR_CONFIG, "--key-file '%s' is not a private key in PEM without a passphrase",
                       path);
    if (text_starts_with(inputs->private_key, "-----BEGIN RSA "))
        return err_set(err, ERR_CONFIG,
                       "--key-file '%s' is an RSA key, which this program's SSH library can only use with "
                       "SHA-1: make an "
                       "ed25519 key pair",
                       path);
    return 0;
}

/* Beside the program in its source tree, or where `make install` puts it. */
static char *find_universal_image(struct err *err)
{
    static const char *const places[] = {"build/image/universal.tar",
                                         "../share/" PROGRAM_NAME "/universal.tar"};
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    char *slash = length > 0 ? memrchr(program, '/', (size_t)length) : NULL;
    for (size_t i = 0; slash && i < ARRAY_LENGTH(places); i++) {
        *slash = '\0';
        AUTO_FREE char *path = fs_join(program, places[i], err);
        if (!path)
            return NULL;
        if (fs_exists(path))
            return TAKE(path);
    }
    err_set(err, ERR_CONFIG,
            "the benchmark image is not there: build it with `make image`, or name one with --image-archive "
            "or --image");
    return NULL;
}

static int read_archive(struct run_inputs *inputs, const struct run_options *options, struct err *err)
{
    if (options->image)
        return 0;
    AUTO_FREE char *path =
        options->image_archive ? strdup(options->image_archive) : find_universal_image(err);
    if (!path)
        return -1;
    if (image_archive_open(&inputs->archive, path, err) < 0) {
        err->kind = ERR_CONFIG;
        return err_prepend(err, "the image archive");
    }
    /* "name:version-arch" of any platform, without the architecture, names the image */
    const char *tag = inputs->archive.platforms[0].tag;
    const char *dash = strrchr(tag, '-');
    snprintf(inputs->archive_reference, sizeof inputs->archive_reference, "%.*s",
             dash ? (int)(dash - tag) : (int)strlen(tag), tag);
    return 0;
}

#define MOST_SUITES 32

/* Cuts "a,b,c" into words. */
static size_t split_words(char *text, const char *words[MOST_SUITES])
{
    size_t count = 0;
    for (char *word = text; word && *word && count < MOST_SUITES;) {
        char *comma = strchr(word, ',');
        if (comma)
            *comma++ = '\0';
        words[count++] = word;
        word = comma;
    }
    return count;
}

static int no_such_suite(const char *suite, const char *available, const char *nearest, struct err *err)
{
    if (nearest)
        return err_set(err, ERR_USAGE, "the image has no suite '%s'; did you mean '%s'?", suite, nearest);
    return err_set(err, ERR_USAGE, "the image has no suite '%s'; it has %s", suite, available);
}

/* A mistyped suite is found here, not on an instance that is paid for. */
static int check_suites_are_in_image(const struct run_inputs *inputs, const struct string_list *wanted,
                                     struct err *err)
{
    char text[sizeof inputs->archive.suites];
    const char *words[MOST_SUITES];
    memcpy(text, inputs->archive.suites, sizeof text);
    size_t count = split_words(text, words);
    for (size_t i = 0; count > 0 && i < wanted->count; i++) {
        bool found = false;
        for (size_t j = 0; j < count && !found; j++)
            found = strcmp(words[j], wanted->items[i]) == 0;
        if (!found)
            return no_such_suite(wanted->items[i], inputs->archive.suites,
                                 text_nearest(wanted->items[i], words, count), err);
    }
    return 0;
}

/* The program that --local runs is looked at here as well, before anything is begun. */
static int take_program(struct run_inputs *inputs, struct err *err)
{
    inputs->program = image_program_open(&inputs->archive, local_architecture(), err);
    if (inputs->program >= 0)
        return 0;
    if (err)
        err->kind = ERR_CONFIG;
    return -1;
}

int run_inputs_read(struct run_inputs *inputs, const struct run_options *options, struct err *err)
{
    inputs->program = -1;
    if (check_suites(options, err) < 0 || check_suite_options(options, err) < 0 ||
        check_names(options, err) < 0 || check_local_name(options, err) < 0 ||
        (options->s3_bucket && !options->local &&
         bucket_parse(options->s3_bucket, &inputs->bucket, err) < 0) ||
        read_key_file(inputs, options->key_file, err) < 0 || read_archive(inputs, options, err) < 0 ||
        check_suites_are_in_image(inputs, &options->benchmarks, err) < 0)
        return -1;
    return options->local ? take_program(inputs, err) : 0;
}

void run_inputs_free(struct run_inputs *inputs)
{
    image_archive_close(&inputs->archive);
    if (inputs->program > 0) /* 0: nothing was read at all */
        close(inputs->program);
    if (inputs->private_key)
        explicit_bzero(inputs->private_key, strlen(inputs->private_key));
    free(inputs->private_key);
}

int check_image_fits_plan(const struct run_options *options, const struct run_inputs *inputs,
                          const struct plan *plan, struct err *err)
{
    for (size_t i = 0; i < plan->job_count && !options->image; i++) {
        const struct planned_job *job = &plan->jobs[i];
        if (job->refused.kind == ERR_NONE && !image_archive_platform(&inputs->archive, job->architecture))
            return err_set(err, ERR_CONFIG, "the image archive has no image for %s, which %s needs",
                           job->architecture, job->instance_type);
    }
    return 0;
}

/* --- where results go ------------------------------------------------------------------------- */

/* Writes a file and takes it away again. */
static int check_directory(const char *directory, struct err *err)
{
    char name[32] = ".writable-";
    if (random_name(name + strlen(name), 12, err) < 0 || fs_make_directories(directory, 0755, err) < 0)
        return err_prepend(err, "--output-dir");
    AUTO_FREE char *path = fs_join(directory, name, err);
    if (!path)
        return -1;
    static const char text[4096] = "whether results can be written";
    if (fs_create_file(path, text, sizeof text, 0600, err) < 0) {
        err->kind = ERR_CONFIG;
        return err_prepend(err, "--output-dir");
    }
    unlink(path);
    return 0;
}

/* The same as far as it can be told without making anything: of the directory, or of the nearest one above it
 * that is there. */
static int check_directory_to_be(const char *directory, struct err *err)
{
    AUTO_FREE char *path = fs_absolute(directory, err);
    if (!path)
        return err_prepend(err, "--output-dir");
    while (!fs_exists(path) && path[1]) {
        char *slash = strrchr(path, '/');
        *(slash == path ? slash + 1 : slash) = '\0';
    }
    if (!fs_is_directory(path))
        return err_set(err, ERR_CONFIG, "--output-dir: '%.512s' is not a directory", path);
    if (access(path, W_OK | X_OK) < 0)
        return err_errno(err, "--output-dir: '%.512s' can't be written to", path);
    return 0;
}

int check_results_can_be_kept(struct aws_client *client, const struct run_options *options,
                              const struct run_inputs *inputs, const struct plan *plan, struct err *err)
{
    if ((options->dry_run ? check_directory_to_be : check_directory)(options->output_dir, err) < 0)
        return -1;
    const struct s3_location *location = &inputs->bucket;
    if (!location->bucket[0])
        return 0;
    char key[640];
    snprintf(key, sizeof key, "%sresults/v1.0/region=%s/%s", location->prefix, plan->region, plan->run_id);
    if (s3_head_bucket(client, location->bucket, err) < 0 ||
        s3_check_put(client, location->bucket, key, err) < 0)
        return err_prepend(err, "--s3-bucket");
    return 0;
}

/* --- how long credentials hold ---------------------------------------------------------------- */

double longest_run(const struct run_options *options, const struct plan *plan)
{
    size_t jobs = 0;
    for (size_t i = 0; i < plan->job_count; i++)
        jobs += plan->jobs[i].refused.kind == ERR_NONE;
    double rounds = ceil((double)jobs / (double)options->max_concurrency);
    double suites =
        (double)options->benchmarks.count * (double)options->iterations * (double)options->timeout;
    return rounds * ((double)options->boot_timeout + suites + (double)options->store_timeout +
                     (double)options->teardown_timeout);
}

void tell_when_credentials_end(const struct aws_credentials_end *credentials, double now, double run_seconds,
                               struct log *log)
{
    char end[TIMESTAMP_SIZE], run_end[TIMESTAMP_SIZE];
    if (credentials->at == 0) {
        if (credentials->temporary && !credentials->renewable)
            log_line(log, LOG_DEBUG,
                     "the credentials (%s) are temporary and don't say when they end "
                     "(AWS_CREDENTIAL_EXPIRATION would); "
                     "they can't be renewed",
                     credentials->source);
        return;
    }
    if ((double)credentials->at >= now + run_seconds)
        return;
    format_timestamp((double)credentials->at, end);
    format_timestamp(now + run_seconds, run_end);
    log_line(log, LOG_WARNING,
             "the credentials (%s) end at %s, but the run may take until %s, and terminating what is left "
             "then would "
             "need new ones: get credentials that last longer, or a profile whose credentials can be renewed",
             credentials->source, end, run_end);
}

void prepare_credentials(struct aws *aws, const struct run_options *options, const struct plan *plan,
                         struct log *log)
{
    struct aws_credentials_end credentials;
    aws_reserve_credentials(aws, (double)options->teardown_timeout);
    aws_credentials_end(aws, &credentials);
    tell_when_credentials_end(&credentials, (double)aws_time(aws), longest_run(options, plan), log);
}

int bucket_open(void *context, double deadline, struct store *store, void **connection, struct err *err)
{
    const struct bucket_context *bucket = context;
    struct aws_client *client = calloc(1, sizeof *client);
    if (!client)
        return err_memory(err);
    if (aws_client_init(client, bucket->aws, err) < 0) {
        free(client);
        return -1;
    }
    client->policy = (struct aws_policy){
        .persistent = true, .outlasts_credentials = true, .deadline = deadline, .stop_at = CANCEL_ABANDON};
    *connection = client;
    if (store_open_s3(store, client, bucket->location, err) == 0)
        return 0;
    bucket_close(&(struct store){0}, client);
    return -1;
}

void bucket_close(struct store *store, void *connection)
{
    struct aws_client *client = connection;
    store_close(store);
    aws_client_destroy(client);
    free(client);
}
