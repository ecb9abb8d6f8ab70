#include "aws/credential_document.h"

#include "base/json.h"
#include "base/strbuf.h"
#include "base/text.h"

#include <string.h>

static cJSON *parse(const char *text, size_t length, const char *where, struct err *err)
{
    cJSON *document =
        json_parse(text, length, CREDENTIAL_DOCUMENT_MAX, NULL); /* its message may quote the text */
    if (document && cJSON_IsObject(document))
        return document;
    json_auto(&document);
    err_set(err, ERR_AUTH, "%s did not give a JSON document with credentials", where);
    return NULL;
}

static int keep(const cJSON *document, const char *token_name, const char *where,
                struct credentials *credentials, struct err *err)
{
    const struct credential_texts texts = {
        json_string_or(document, "AccessKeyId", NULL),
        json_string_or(document, "SecretAccessKey", NULL),
        json_string_or(document, token_name, NULL),
        json_string_or(document, "Expiration", NULL),
    };
    if (credentials_set(credentials, &texts, where, err) < 0)
        return -1;
    credentials->renewable = credentials->expires != 0;
    return 0;
}

int credential_document_of_process(const char *text, size_t length, const char *where,
                                   struct credentials *credentials, struct err *err)
{
    int64_t version = 0;
    AUTO_JSON cJSON *document = parse(text, length, where, err);
    if (!document)
        return -1;
    if (json_get_i64(document, "Version", &version, NULL) < 0 || version != 1)
        return err_set(err, ERR_AUTH, "%s did not give credentials of \"Version\": 1, the only one there is",
                       where);
    return keep(document, "SessionToken", where, credentials, err);
}

int credential_document_of_container(const char *text, size_t length, const char *where,
                                     struct credentials *credentials, struct err *err)
{
    AUTO_JSON cJSON *document = parse(text, length, where, err);
    return document ? keep(document, "Token", where, credentials, err) : -1;
}

int credential_document_of_instance(const char *text, size_t length, const char *where,
                                    struct credentials *credentials, struct err *err)
{
    AUTO_JSON cJSON *document = parse(text, length, where, err);
    if (!document)
        return -1;
    const char *code = json_string_or(document, "Code", "Success");
    if (strcmp(code, "Success") == 0)
        return keep(document, "Token", where, credentials, err);
    AUTO_STRBUF struct strbuf printable = STRBUF_INIT(256);
    text_add_printable(&printable, code, strnlen(code, 64));
    return err_set(err, ERR_AUTH, "%s has no credentials: %s", where, strbuf_text(&printable));
}
