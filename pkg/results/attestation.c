#include "results/attestation.h"

#include "base/text.h"

#include <string.h>

#define RULE "attestation"

/* What the identity document and the result both say. */
static const struct {
    const char *in_identity;
    const char *in_result;
} claims[] = {
    {"instanceType", "metadata.instance_type"},
    {"region", "metadata.region"},
    {"imageId", "execution_context.ami.id"},
    {"instanceId", "execution_context.instance_id"},
    {"availabilityZone", "execution_context.placement.availability_zone"},
    {"architecture", "system_info.architecture"},
};

void attestation_free(struct attestation *attestation)
{
    free(attestation->document);
    free(attestation->signature);
    *attestation = (struct attestation){0};
}

static int require_claims(const cJSON *identity, struct err *err)
{
    if (!cJSON_IsObject(identity))
        return err_set(err, ERR_DATA, "it is no JSON object");
    for (size_t i = 0; i < ARRAY_LENGTH(claims); i++) {
        const char *value = NULL;
        if (json_get_string(identity, claims[i].in_identity, &value, err) < 0)
            return -1;
        if (!*value)
            return err_set(err, ERR_DATA, "its '%s' is empty", claims[i].in_identity);
    }
    return 0;
}

cJSON *identity_parse(const char *document, size_t length, struct err *err)
{
    AUTO_JSON cJSON *identity = json_parse(document, length, IDENTITY_MAX_BYTES, err);
    if (!identity || require_claims(identity, err) < 0) {
        err_prepend(err, "the instance identity document");
        return NULL;
    }
    return TAKE(identity);
}

/* A finding of one line, whatever a document holds. */
static void say(finding_report report, void *context, const char *message)
{
    AUTO_STRBUF struct strbuf printable = STRBUF_INIT(4096);
    text_add_printable(&printable, message, strlen(message));
    report(context, RULE, strbuf_text(&printable));
}

static void compare_claims(const cJSON *document, const cJSON *identity, finding_report report, void *context)
{
    for (size_t i = 0; i < ARRAY_LENGTH(claims); i++) {
        const char *signed_value = json_string_or(identity, claims[i].in_identity, "");
        const char *value = json_string_or(document, claims[i].in_result, "null");
        char message[512];
        if (strcmp(signed_value, value) == 0)
            continue;
        snprintf(message, sizeof message, "the instance identity document says %s %.80s, %s is %.80s",
                 claims[i].in_identity, signed_value, claims[i].in_result, value);
        say(report, context, message);
    }
}

void check_attestation(const cJSON *document, const struct signers *signers, finding_report report,
                       void *context)
{
    const char *text = json_string_or(document, "attestation.instance_identity_document", NULL);
    const char *signature = json_string_or(document, "attestation.signature", NULL);
    struct err err = {0};
    if (!text && !signature) {
        if (signers)
            say(report, context, "there is no instance identity document");
        return;
    }
    if (!text || !signature) {
        say(report, context, "of instance identity document and signature one is there without the other");
        return;
    }
    AUTO_JSON cJSON *identity = identity_parse(text, strlen(text), &err);
    if (!identity)
        say(report, context, err.message);
    else
        compare_claims(document, identity, report, context);
    if (signers && signed_data_verify(signers, signature, text, strlen(text), &err) < 0)
        say(report, context, err.message);
}
