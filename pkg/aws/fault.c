#include "aws/fault.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define MAX_FAULT_BODY (64u << 10)

#define NO_CREDENTIALS "check the access key, or get a new one"
#define OTHER_ZONE "another zone or region may have it"
#define ASK_FOR_MORE "ask for more in the console under Service Quotas, or run fewer at a time"

/* One row for each code that decides something, or that people can do something about; those that only ask
 * for another try are in retry.c. A '*' stands for any text; the first row that fits counts. */
static const struct fault_kind {
    const char *code;
    enum err_kind kind;
    const char *advice; /* NULL: the service's message says enough */
} kinds[] = {
    {"UnauthorizedOperation", ERR_AUTH, "the IAM policy of these credentials does not allow it"},
    {"AccessDenied*", ERR_AUTH, "the IAM policy of these credentials does not allow it"},
    {"AuthFailure", ERR_AUTH, NO_CREDENTIALS},
    {"InvalidClientTokenId", ERR_AUTH, NO_CREDENTIALS},
    {"UnrecognizedClient*", ERR_AUTH, NO_CREDENTIALS},
    {"InvalidAccessKeyId", ERR_AUTH, NO_CREDENTIALS},
    {"MissingAuthenticationToken*", ERR_AUTH, NO_CREDENTIALS},
    {"InvalidToken", ERR_AUTH, "the session token does not belong to the access key"},
    {"SignatureDoesNotMatch", ERR_AUTH,
     "the secret access key is not that of this access key id, or there is no such region"},
    {"InvalidSignature*", ERR_AUTH,
     "the secret access key is not that of this access key id, or there is no such region"},
    {"ExpiredToken*", ERR_AUTH, "the credentials have expired: get new ones"},
    {"InvalidIdentityToken", ERR_AUTH,
     "the account does not know who issued the token, or the token is not for it"},
    {"IDPRejectedClaim", ERR_AUTH, "the role's trust policy does not take this token"},
    {"RequestExpired", ERR_AUTH, "the credentials have expired, or this machine's clock is wrong"},
    {"RequestTimeTooSkewed", ERR_AUTH, "this machine's clock is wrong"},
    {"OptInRequired", ERR_AUTH, "the account has not enabled this service or region"},
    {"PendingVerification", ERR_AUTH, "AWS is still verifying the account"},
    {"Blocked", ERR_AUTH, "AWS has blocked the account"},

    {"InsufficientInstanceCapacity", ERR_CAPACITY, OTHER_ZONE},
    {"InsufficientHostCapacity", ERR_CAPACITY, OTHER_ZONE},
    {"InsufficientReservedInstanceCapacity", ERR_CAPACITY, OTHER_ZONE},
    {"InsufficientAddressCapacity", ERR_CAPACITY, OTHER_ZONE},
    {"InsufficientFreeAddressesInSubnet", ERR_CAPACITY, "another subnet may have free addresses"},
    {"UnfulfillableCapacity", ERR_CAPACITY, OTHER_ZONE},
    {"SpotMaxPriceTooLow", ERR_CAPACITY, NULL},
    {"Unsupported*", ERR_UNSUPPORTED, NULL},
    {"InvalidInstanceType", ERR_UNSUPPORTED, "the region has no such instance type"},

    {"VcpuLimitExceeded", ERR_QUOTA, ASK_FOR_MORE},
    {"InstanceLimitExceeded", ERR_QUOTA, ASK_FOR_MORE},
    {"MaxSpotInstanceCountExceeded", ERR_QUOTA, ASK_FOR_MORE},
    {"VolumeLimitExceeded", ERR_QUOTA, ASK_FOR_MORE},
    {"AddressLimitExceeded", ERR_QUOTA, ASK_FOR_MORE},
    {"SecurityGroupLimitExceeded", ERR_QUOTA,
     "delete unused security groups, or name one with --security-group"},
    {"RulesPerSecurityGroupLimitExceeded", ERR_QUOTA, NULL},

    {"*.NotFound", ERR_NOT_FOUND, NULL},
    {"NoSuchKey", ERR_NOT_FOUND, NULL},
    {"NoSuchUpload", ERR_NOT_FOUND, NULL},
    {"NoSuchBucket", ERR_NOT_FOUND, "check the bucket's name"},
    {"ParameterNotFound", ERR_NOT_FOUND, NULL},

    {"*.Duplicate", ERR_EXISTS, NULL},
    {"PreconditionFailed", ERR_EXISTS, NULL},
    {"DependencyViolation", ERR_EXISTS, NULL},
    {"*.InUse", ERR_EXISTS, NULL},
    {"VolumeInUse", ERR_EXISTS, NULL},

    {"*Redirect", ERR_CONFIG, "the bucket is in another region"},
    {"AuthorizationHeaderMalformed", ERR_CONFIG, "the bucket is in another region"},
    {"IllegalLocationConstraintException", ERR_CONFIG, "the bucket is in another region"},
    {"ConditionalRequestConflict", ERR_NETWORK, "another upload of the same key is under way"},
    {"BadDigest", ERR_NETWORK, "the bytes were damaged on their way"},
    {"XAmzContent*Mismatch", ERR_NETWORK, "the bytes were damaged on their way"},
    {"IdempotentParameterMismatch", ERR_INTERNAL, "the client token was used for another request"},
    {"InvalidAction", ERR_INTERNAL, "the endpoint does not know this call"},
};

static enum err_kind kind_of_status(int status)
{
    switch (status) {
    case 401:
    case 403:
        return ERR_AUTH;
    case 404:
        return ERR_NOT_FOUND;
    case 409:
    case 412:
        return ERR_EXISTS;
    case 429:
        return ERR_THROTTLED;
    default:
        return status >= 300 && status < 500 ? ERR_CONFIG : ERR_NETWORK;
    }
}

static enum retry_reason reason_to_retry(const struct fault *fault)
{
    /* Faults inside a 200 have no status that says anything. */
    return retry_classify(fault->code, fault->status < 300 ? 500 : fault->status);
}

static enum err_kind kind_of_unknown(const struct fault *fault)
{
    switch (reason_to_retry(fault)) {
    case RETRY_THROTTLING:
        return ERR_THROTTLED;
    case RETRY_TRANSIENT:
        return ERR_NETWORK;
    default:
        return kind_of_status(fault->status);
    }
}

static const struct fault_kind *find_kind(const char *code)
{
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (text_matches(kinds[i].code, code))
            return &kinds[i];
    }
    return NULL;
}

/* --- reading -------------------------------------------------------------------------------------------- */

/* Cut where it does not fit, and safe for a terminal. */
static void keep_text(char *out, size_t size, const char *text)
{
    AUTO_STRBUF struct strbuf printable = STRBUF_INIT(MAX_FAULT_BODY);
    text_add_printable(&printable, text, strnlen(text, size - 1));
    snprintf(out, size, "%s", strbuf_text(&printable));
}

/* Pages of Base64 that only the account's owner can have decoded. */
static void cut_encoded_part(char *message)
{
    char *encoded = strstr(message, " Encoded authorization failure message:");
    if (encoded)
        *encoded = '\0';
}

static void keep_fault(struct fault *fault, const char *code, const char *message)
{
    keep_text(fault->code, sizeof fault->code, code);
    keep_text(fault->message, sizeof fault->message, message);
    cut_encoded_part(fault->message);
}

bool fault_in_xml(const struct xml_node *root, struct fault *fault)
{
    const struct xml_node *error = NULL;
    if (strcmp(root->name, "Error") == 0)
        error = root;
    else if (strcmp(root->name, "Response") == 0)
        error = xml_at(root, "Errors/Error");
    else if (strcmp(root->name, "ErrorResponse") == 0)
        error = xml_at(root, "Error");
    if (!error)
        return false;
    keep_fault(fault, xml_text(error, "Code"), xml_text(error, "Message"));
    return true;
}

static void read_json(const struct http_response *response, struct fault *fault)
{
    AUTO_JSON cJSON *json = json_parse(response->body, response->length, MAX_FAULT_BODY, NULL);
    if (!json)
        return;
    const char *code = json_string_or(json, "__type", json_string_or(json, "code", ""));
    const char *hash = strrchr(code, '#');
    keep_fault(fault, hash ? hash + 1 : code,
               json_string_or(json, "message", json_string_or(json, "Message", "")));
}

void fault_read(const struct http_response *response, struct fault *fault)
{
    *fault = (struct fault){.status = response->status};
    keep_text(fault->request_id, sizeof fault->request_id, response->request_id);
    if (!response->body || response->length == 0 || response->length > MAX_FAULT_BODY)
        return;
    if (response->body[0] == '{') {
        read_json(response, fault);
        return;
    }
    struct xml *xml = xml_parse(response->body, response->length, NULL);
    if (xml)
        fault_in_xml(xml_root(xml), fault);
    xml_free(xml);
}

/* --- telling -------------------------------------------------------------------------------------------- */

/* "AccessDenied: Access Denied" says one thing twice. */
static bool says_the_same(const char *code, const char *message)
{
    for (; *message; message++) {
        if (*message == ' ' || *message == '.')
            continue;
        if (*code != *message)
            return false;
        code++;
    }
    return !*code;
}

int fault_to_err(const struct fault *fault, const struct fault_context *context, struct err *err)
{
    const struct fault_kind *known = find_kind(fault->code);
    enum err_kind kind = known ? known->kind : kind_of_unknown(fault);
    const char *advice = known ? known->advice : NULL;
    char said[768];
    if (fault->code[0] && says_the_same(fault->code, fault->message))
        snprintf(said, sizeof said, "%s", fault->code);
    else if (fault->code[0])
        snprintf(said, sizeof said, "%s%s%s", fault->code, fault->message[0] ? ": " : "", fault->message);
    else
        snprintf(said, sizeof said, "status %d without an explanation", fault->status);
    size_t length = strlen(said);
    if (said[length - 1] == '.')
        said[length - 1] = '\0';
    err_set(err, kind, "%s %s: %s%s%s%s", context->service, context->action, said, advice ? " (" : "",
            advice ? advice : "", advice ? ")" : "");
    err_set_code(err, fault->code);
    return -1;
}

enum retry_reason fault_retry_reason(const struct fault *fault)
{
    const struct fault_kind *known = find_kind(fault->code);
    return known && known->kind != ERR_NETWORK ? RETRY_NEVER : reason_to_retry(fault);
}

static bool is_among(const char *code, const char *const *patterns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (text_matches(patterns[i], code))
            return true;
    }
    return false;
}

bool fault_may_be_clock(const struct fault *fault)
{
    static const char *const codes[] = {
        "RequestTimeTooSkewed", "RequestExpired",        "AuthFailure",
        "InvalidSignature*",    "SignatureDoesNotMatch", "RequestInTheFuture",
    };
    return is_among(fault->code, codes, ARRAY_LENGTH(codes)) ||
           (fault->status == 403 && !fault->code[0]); /* the answer to a HEAD has no body to say it in */
}

bool fault_is_expiry(const struct fault *fault)
{
    static const char *const codes[] = {"ExpiredToken", "ExpiredTokenException", "RequestExpired",
                                        "TokenRefreshRequired"};
    return is_among(fault->code, codes, ARRAY_LENGTH(codes)) ||
           (fault->status == 400 && !fault->code[0]); /* S3's answer to a HEAD */
}
