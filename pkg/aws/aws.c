#include "aws/account.h"
#include "aws/endpoint.h"
#include "aws/http.h"
#include "aws/profile.h"
#include "aws/trust.h"
#include "base/text.h"

#include <curl/curl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USER_AGENT "aws-benchmark-collector/" VERSION
#define CLOCK_TOLERANCE 240 /* seconds; AWS itself takes five minutes, S3 fifteen */

int aws_global_init(struct err *err)
{
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK)
        return err_set(err, ERR_INTERNAL, "libcurl could not be set up: %s", curl_easy_strerror(code));
    return 0;
}

void aws_global_cleanup(void)
{
    curl_global_cleanup();
}

static int set_text(char **target, const char *text, struct err *err)
{
    *target = strdup(text);
    return *target ? 0 : err_memory(err);
}

static int find_region(struct aws *aws, const struct aws_options *options, const struct profile *profile,
                       struct err *err)
{
    const char *region = options->region;
    if (!region)
        region = environment("AWS_REGION");
    if (!region)
        region = environment("AWS_DEFAULT_REGION");
    if (!region)
        region = profile_get(profile, PROFILE_REGION);
    if (!region)
        return err_set(err, ERR_CONFIG,
                       "no AWS region: name one with --region or AWS_REGION, for example us-east-1");
    return region_check(region, err) < 0 ? -1 : set_text(&aws->region, region, err);
}

struct custom_endpoint {
    const char *url;
    const char *set_by;
};

/* The address in place of AWS's own, from the most particular setting to the most general; url NULL: none. */
static struct custom_endpoint find_endpoint(const struct aws_options *options, const struct profile *profile,
                                            enum aws_service service)
{
    static const char *const variables[AWS_SERVICE_COUNT] = {
        [AWS_EC2] = "AWS_ENDPOINT_URL_EC2",         [AWS_S3] = "AWS_ENDPOINT_URL_S3",
        [AWS_SSM] = "AWS_ENDPOINT_URL_SSM",         [AWS_STS] = "AWS_ENDPOINT_URL_STS",
        [AWS_PRICING] = "AWS_ENDPOINT_URL_PRICING",
    };
    const char *ignore = environment("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    if (options->endpoint)
        return (struct custom_endpoint){options->endpoint, "--endpoint-url"};
    if (ignore && strcmp(ignore, "true") == 0)
        return (struct custom_endpoint){0};
    if (environment(variables[service]))
        return (struct custom_endpoint){environment(variables[service]), variables[service]};
    if (environment("AWS_ENDPOINT_URL"))
        return (struct custom_endpoint){environment("AWS_ENDPOINT_URL"), "AWS_ENDPOINT_URL"};
    return (struct custom_endpoint){profile_get(profile, PROFILE_ENDPOINT_URL),
                                    "endpoint_url of the profile"};
}

static int find_endpoints(struct aws *aws, const struct aws_options *options, const struct profile *profile,
                          struct err *err)
{
    for (enum aws_service service = 0; service < AWS_SERVICE_COUNT; service++) {
        struct custom_endpoint custom = find_endpoint(options, profile, service);
        char *endpoint = custom.url ? endpoint_custom(custom.url, custom.set_by, err)
                                    : endpoint_default(service, aws->region, err);
        if (!endpoint)
            return -1;
        aws->endpoints[service] = endpoint;
        aws->real[service] = endpoint_is_real(endpoint, service, aws->region);
    }
    return 0;
}

/* Not where nothing is to be trusted: the certificates are many. */
static int find_trust(struct aws *aws, const struct profile *profile, struct err *err)
{
    const char *ca_bundle = environment("AWS_CA_BUNDLE");
    bool needed = false;
    if (!ca_bundle)
        ca_bundle = profile_get(profile, PROFILE_CA_BUNDLE);
    for (size_t i = 0; i < AWS_SERVICE_COUNT; i++)
        needed = needed || text_starts_with(aws->endpoints[i], "https:");
    if (!needed && !ca_bundle)
        return 0;
    aws->trust = trust_load(ca_bundle, err);
    return aws->trust ? 0 : -1;
}

static int configure(struct aws *aws, const struct aws_options *options, const struct profile *profile,
                     struct err *err)
{
    if (find_region(aws, options, profile, err) < 0 || find_endpoints(aws, options, profile, err) < 0 ||
        find_trust(aws, profile, err) < 0)
        return -1;
    aws->limiter = limiter_new(err);
    aws->credentials = aws->limiter ? credential_cache_new(aws, options->profile, err) : NULL;
    return aws->credentials ? 0 : -1;
}

/* So that their absence is told before anything else is done. */
static int find_credentials(struct aws *aws, struct err *err)
{
    const struct aws_policy policy = aws_policy_standard();
    struct leased_credentials leased;
    int result = credential_cache_get(aws->credentials, &policy, &leased, err);
    credentials_free(&leased.credentials);
    return result;
}

struct aws *aws_open(const struct aws_options *options, struct err *err)
{
    struct aws *aws = calloc(1, sizeof *aws);
    if (!aws) {
        err_memory(err);
        return NULL;
    }
    aws->log = options->log;
    aws->clock = options->clock ? *options->clock : clock_system();
    aws->cancel = options->cancel;
    atomic_init(&aws->clock_offset, 0);
    retry_quota_init(&aws->quota);
    struct profile profile = {0};
    int result = profile_load(&profile, options->profile, err);
    if (result == 0)
        result = configure(aws, options, &profile, err);
    profile_free(&profile);
    log_line(aws->log, LOG_DEBUG, "region %s", aws->region ? aws->region : "unknown");
    if (result == 0)
        result = find_credentials(aws, err);
    if (result < 0) {
        aws_close(aws);
        return NULL;
    }
    return aws;
}

void aws_close(struct aws *aws)
{
    if (!aws)
        return;
    credential_cache_free(aws->credentials);
    retry_quota_destroy(&aws->quota);
    limiter_free(aws->limiter);
    for (size_t i = 0; i < AWS_SERVICE_COUNT; i++)
        free(aws->endpoints[i]);
    trust_free(aws->trust);
    free(aws->region);
    free(aws);
}

const char *aws_region(const struct aws *aws)
{
    return aws->region;
}

const char *aws_partition(const struct aws *aws)
{
    return region_partition(aws->region);
}

const char *aws_endpoint(const struct aws *aws, enum aws_service service)
{
    return aws->endpoints[service];
}

bool aws_is_real(const struct aws *aws)
{
    bool real = true;
    for (size_t i = 0; i < AWS_SERVICE_COUNT; i++)
        real = real && aws->real[i];
    return real;
}

int64_t account_time(struct aws *aws)
{
    return (int64_t)clock_realtime(&aws->clock) + atomic_load(&aws->clock_offset);
}

int64_t aws_time(struct aws *aws)
{
    return account_time(aws);
}

bool account_correct_clock(struct aws *aws, const char *date, int64_t signed_at)
{
    long long told = (long long)curl_getdate(date, NULL);
    long long error = told - signed_at;
    if (told <= 0 || (error >= -CLOCK_TOLERANCE && error <= CLOCK_TOLERANCE))
        return false;
    long long offset = told - (long long)clock_realtime(&aws->clock);
    atomic_store(&aws->clock_offset, offset);
    log_line(aws->log, LOG_WARNING,
             "this machine's clock is %lld seconds off AWS's; requests are dated by AWS's", offset);
    return true;
}

void aws_reserve_credentials(struct aws *aws, double seconds)
{
    credential_cache_reserve(aws->credentials, seconds);
}

void aws_credentials_end(struct aws *aws, struct aws_credentials_end *end)
{
    credential_cache_end(aws->credentials, end);
}

struct aws_policy aws_policy_standard(void)
{
    return (struct aws_policy){.stop_at = CANCEL_DRAIN};
}

struct aws_policy aws_policy_persistent(const struct aws *aws, double seconds)
{
    return (struct aws_policy){.persistent = true,
                               .outlasts_credentials = true,
                               .deadline = clock_monotonic(&aws->clock) + seconds,
                               .stop_at = CANCEL_ABANDON};
}

int aws_client_init(struct aws_client *client, struct aws *aws, struct err *err)
{
    const struct http_settings settings = {aws->trust, aws->cancel, USER_AGENT};
    *client = (struct aws_client){.aws = aws, .policy = aws_policy_standard()};
    client->http = http_new(&settings, err);
    return client->http ? 0 : -1;
}

void aws_client_destroy(struct aws_client *client)
{
    http_free(client->http);
    *client = (struct aws_client){0};
}
