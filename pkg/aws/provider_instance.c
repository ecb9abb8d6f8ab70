/* https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html; version 2
 * alone: who can make this machine fetch an address can't make it send the PUT that version 2 begins with. */
#include "aws/credential_document.h"
#include "aws/metadata.h"
#include "aws/provider.h"
#include "aws/url.h"
#include "base/strbuf.h"

#include <string.h>
#include <strings.h>

#define ROLES "/latest/meta-data/iam/security-credentials/"
#define MAX_ADDRESS 1024
#define MAX_NAME 128 /* of a role */

/* The service, while it is asked. */
struct metadata_service {
    struct aws_client *client;
    char endpoint[MAX_ADDRESS];
    bool chosen;         /* by the user, who then wants to know what is wrong with it */
    struct strbuf token; /* of this session */
};

static void service_free(struct metadata_service *service)
{
    strbuf_free(&service->token);
}

static const char *setting(const struct profile *profile, const char *variable, enum profile_key key)
{
    const char *value = environment(variable);
    return value ? value : profile_get(profile, key);
}

static int find_service(struct metadata_service *service, const struct profile *profile, struct err *err)
{
    AUTO_URL struct url url = {0};
    const char *endpoint =
        setting(profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT", PROFILE_METADATA_SERVICE_ENDPOINT);
    const char *mode =
        setting(profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", PROFILE_METADATA_SERVICE_ENDPOINT_MODE);
    bool version_6 = mode && strcasecmp(mode, "IPv6") == 0;
    if (mode && !version_6 && strcasecmp(mode, "IPv4") != 0)
        return err_set(err, ERR_CONFIG,
                       "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is '%.32s': it can be IPv4 or IPv6", mode);
    service->chosen = endpoint != NULL;
    if (!endpoint)
        endpoint = version_6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
    size_t length = strlen(endpoint);
    while (length > 0 && endpoint[length - 1] == '/')
        length--;
    if (length >= sizeof service->endpoint || url_parse(&url, endpoint, NULL) < 0 || !url.bare)
        return err_set(err, ERR_CONFIG,
                       "AWS_EC2_METADATA_SERVICE_ENDPOINT is not an address like http://HOST");
    memcpy(service->endpoint, endpoint, length);
    return 0;
}

static int ask(struct metadata_service *service, const char *method, const char *path,
               const struct http_header *header, unsigned attempts, struct http_response *answer,
               struct err *err)
{
    AUTO_STRBUF struct strbuf url = STRBUF_INIT(2 * MAX_ADDRESS);
    strbuf_addf(&url, "%s%s", service->endpoint, path);
    const struct metadata_request request = {method, strbuf_text(&url), header, 1, header->value, attempts};
    return metadata_ask(service->client, &request, answer, err);
}

/* Not repeated: most machines that ask are not on EC2, and nobody answers there. */
static int begin_session(struct metadata_service *service, struct err *err)
{
    static const struct http_header lifetime = {"X-aws-ec2-metadata-token-ttl-seconds", "21600"};
    CLEANUP(metadata_answer_free) struct http_response answer = {0};
    if (ask(service, "PUT", "/latest/api/token", &lifetime, 1, &answer, err) < 0)
        return -1;
    if (answer.status != 200 || answer.length == 0 || strpbrk(answer.body, "\r\n"))
        return err_set(err, ERR_AUTH, "it gave no session token (status %d); version 1 is not asked",
                       answer.status);
    strbuf_add(&service->token, answer.body, answer.length);
    return strbuf_ok(&service->token, "its session token", err);
}

static int get(struct metadata_service *service, const char *path, struct http_response *answer,
               struct err *err)
{
    const struct http_header token = {"X-aws-ec2-metadata-token", strbuf_text(&service->token)};
    if (ask(service, "GET", path, &token, 3, answer, err) < 0)
        return -1;
    if (answer->status == 404)
        return err_set(err, ERR_AUTH, "the instance has no role: give it an instance profile");
    if (answer->status != 200)
        return err_set(err, ERR_AUTH, "it answered with status %d", answer->status);
    return 0;
}

static int find_role(struct metadata_service *service, char role[MAX_NAME], struct err *err)
{
    CLEANUP(metadata_answer_free) struct http_response answer = {0};
    if (get(service, ROLES, &answer, err) < 0)
        return -1;
    size_t length = strcspn(answer.body, "\r\n");
    size_t harmless =
        strspn(answer.body, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-");
    if (length == 0 || length >= MAX_NAME || harmless < length)
        return err_set(err, ERR_AUTH, "what it names is no role");
    memcpy(role, answer.body, length);
    role[length] = '\0';
    return 0;
}

static int fetch(struct metadata_service *service, struct credentials *credentials, struct err *err)
{
    char role[MAX_NAME];
    char path[sizeof ROLES + MAX_NAME];
    CLEANUP(metadata_answer_free) struct http_response answer = {0};
    if (find_role(service, role, err) < 0)
        return -1;
    snprintf(path, sizeof path, ROLES "%s", role);
    if (get(service, path, &answer, err) < 0)
        return -1;
    return credential_document_of_instance(answer.body, answer.length, "it", credentials, err);
}

enum provider_answer provide_from_instance(const struct credential_search *search,
                                           struct credentials *credentials, struct err *err)
{
    CLEANUP(service_free)
    struct metadata_service service = {.client = search->client, .token = STRBUF_SECRET(4096)};
    const char *disabled = environment("AWS_EC2_METADATA_DISABLED");
    if (disabled && strcasecmp(disabled, "true") == 0)
        return PROVIDER_NOT_MINE;
    struct err failure = {0};
    int result = find_service(&service, search->profile, &failure);
    if (result == 0) {
        result = begin_session(&service, &failure);
        if (result < 0 && failure.kind != ERR_CANCELLED && !service.chosen)
            return PROVIDER_NOT_MINE;
    }
    if (result == 0)
        result = fetch(&service, credentials, &failure);
    if (result == 0)
        return PROVIDER_FOUND;
    err_prepend(&failure, "EC2's metadata service");
    err_copy(err, &failure);
    return PROVIDER_FAILED;
}
