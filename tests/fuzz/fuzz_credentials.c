/* What programs, agents and the metadata service hand out as credentials, the line that names the program,
 * and the agent's address. What is taken can stand in a header; no secret gets into a message; a line's words
 * are the same however they are quoted; no address but the container's own is asked without TLS. */
#include "fuzz.h"

#include "aws/command_line.h"
#include "aws/credential_document.h"
#include "aws/provider_container.h"
#include "aws/url.h"
#include "base/json.h"

typedef int read_document(const char *text, size_t length, const char *where, struct credentials *credentials,
                          struct err *err);

static bool is_printable(const char *text)
{
    for (; *text; text++)
        if (*text < '!' || *text > '~')
            return false;
    return true;
}

static void check_taken(const struct credentials *credentials)
{
    require(credentials->access_key_id[0] && is_printable(credentials->access_key_id));
    require(credentials->secret_access_key[0] && is_printable(credentials->secret_access_key));
    require(!credentials->session_token || is_printable(credentials->session_token));
    require(credentials->renewable == (credentials->expires != 0));
}

/* The secret of the document, when it is one and says it nowhere else. */
static const char *secret_of(const cJSON *document)
{
    const char *secret = json_string_or(document, "SecretAccessKey", "");
    const char *told = json_string_or(document, "Expiration", "");
    const char *code = json_string_or(document, "Code", "");
    return strlen(secret) >= 8 && !strstr(told, secret) && !strstr(code, secret) ? secret : NULL;
}

static void check_documents(const char *text, size_t size)
{
    static read_document *const readers[] = {
        credential_document_of_process,
        credential_document_of_container,
        credential_document_of_instance,
    };
    AUTO_JSON cJSON *document = json_parse(text, size, CREDENTIAL_DOCUMENT_MAX, NULL);
    const char *secret = secret_of(document);
    for (size_t i = 0; i < ARRAY_LENGTH(readers); i++) {
        struct err err = {0};
        CLEANUP(credentials_free) struct credentials credentials = {0};
        if (readers[i](text, size, "it", &credentials, &err) == 0) {
            require(document != NULL);
            check_taken(&credentials);
        } else {
            require(err.kind == ERR_AUTH && err.message[0]);
            require(!secret || !strstr(err.message, secret));
        }
    }
}

static void add_quoted(struct strbuf *out, const char *word)
{
    strbuf_addc(out, '\'');
    for (; *word; word++) {
        if (*word == '\'')
            strbuf_adds(out, "'\\''");
        else
            strbuf_addc(out, *word);
    }
    strbuf_addc(out, '\'');
}

static void check_words(const char *text)
{
    struct err err = {0};
    CLEANUP(command_line_free) struct command_line line = {0};
    CLEANUP(command_line_free) struct command_line again = {0};
    AUTO_STRBUF struct strbuf quoted = STRBUF_INIT(8 * COMMAND_LINE_MAX_BYTES);
    if (command_line_split(text, &line, &err) < 0) {
        require(err.kind == ERR_CONFIG && err.message[0] && line.count == 0);
        return;
    }
    require(line.count > 0 && line.count <= COMMAND_LINE_MAX_WORDS && !line.words[line.count]);
    for (size_t i = 0; i < line.count; i++) {
        strbuf_adds(&quoted, i ? " \t" : "");
        add_quoted(&quoted, line.words[i]);
    }
    if (quoted.failed || quoted.length > COMMAND_LINE_MAX_BYTES)
        return;
    require_success(command_line_split(strbuf_text(&quoted), &again, &err), &err);
    require(again.count == line.count);
    for (size_t i = 0; i < line.count; i++)
        require(strcmp(line.words[i], again.words[i]) == 0);
}

static void check_address(const char *relative, const char *full)
{
    struct err err = {0};
    AUTO_STRBUF struct strbuf address = STRBUF_INIT(2048);
    AUTO_URL struct url url = {0};
    if (container_address(relative, full, &address, &err) < 0) {
        require(err.message[0] != '\0');
        return;
    }
    require_success(url_parse(&url, strbuf_text(&address), &err), &err);
    require(strcmp(url.scheme, "https") == 0 || url_is_local(&url));
    require(!relative || strcmp(url.host, "169.254.170.2") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 << 16)
        return 0;
    AUTO_FREE char *text = fuzz_text(data, size);
    check_documents(text, size);
    check_words(text);
    check_address(text, NULL);
    check_address(NULL, text);
    return 0;
}
