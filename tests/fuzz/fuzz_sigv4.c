/* Encoding and canonical form of requests. What is encoded decodes to what it was; the canonical form depends
 * neither on the order of parameters and headers nor on how often a path is normalised. */
#include "fuzz.h"

#include "aws/sigv4.h"

#include <ctype.h>
#include <strings.h>

#define MOST_PAIRS 8

struct pairs {
    struct uri_param params[MOST_PAIRS];
    struct http_header headers[MOST_PAIRS];
    size_t param_count;
    size_t header_count;
};

static unsigned digit_value(char c)
{
    require(isdigit((unsigned char)c) || (c >= 'A' && c <= 'F'));
    return (unsigned)(c <= '9' ? c - '0' : c - 'A' + 10);
}

static void check_encoding(const char *text, bool keep_slash)
{
    AUTO_STRBUF struct strbuf out = STRBUF_INIT(1 << 20);
    uri_encode(&out, text, keep_slash);
    const char *at = strbuf_text(&out);
    require(!out.failed);
    for (; *text; text++) {
        char c = *at++;
        if (c == '%') {
            c = (char)(digit_value(at[0]) << 4 | digit_value(at[1]));
            at += 2;
        } else {
            require(isalnum((unsigned char)c) || strchr("-._~", c) || (keep_slash && c == '/'));
        }
        require(c == *text);
    }
    require(*at == '\0');
}

static void check_normal(const char *path)
{
    AUTO_STRBUF struct strbuf once = STRBUF_INIT(1 << 20);
    AUTO_STRBUF struct strbuf twice = STRBUF_INIT(1 << 20);
    uri_normalise_path(&once, path);
    uri_normalise_path(&twice, strbuf_text(&once));
    require(strcmp(strbuf_text(&once), strbuf_text(&twice)) == 0);
    require(strbuf_text(&once)[0] == '/');
    require(!strstr(strbuf_text(&once), "//") && !strstr(strbuf_text(&once), "/./") &&
            !strstr(strbuf_text(&once), "/../"));
}

/* Lines in turn: a parameter's name and value, a header's name and value. */
static void read_pairs(char *at, struct pairs *pairs)
{
    char *name;
    while ((name = fuzz_line(&at)) && pairs->param_count < MOST_PAIRS) {
        const char *value = fuzz_line(&at);
        pairs->params[pairs->param_count++] = (struct uri_param){name, value ? value : ""};
        name = fuzz_line(&at);
        value = fuzz_line(&at);
        if (name && value)
            pairs->headers[pairs->header_count++] = (struct http_header){name, value};
    }
}

/* Headers of one name keep their order, by the rules: then the order of all is not free. */
static bool has_twice(const struct pairs *pairs)
{
    for (size_t i = 0; i < pairs->header_count; i++)
        for (size_t j = i + 1; j < pairs->header_count; j++)
            if (strcasecmp(pairs->headers[i].name, pairs->headers[j].name) == 0)
                return true;
    return false;
}

static void turn_round(struct pairs *pairs)
{
    struct pairs old = *pairs;
    for (size_t i = 0; i < old.param_count; i++)
        pairs->params[i] = old.params[old.param_count - 1 - i];
    for (size_t i = 0; i < old.header_count; i++)
        pairs->headers[i] = old.headers[old.header_count - 1 - i];
}

static char *authorization(const struct pairs *pairs, const char *path, uint8_t choice)
{
    const struct sigv4_keys keys = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", NULL};
    const struct sigv4_scope scope = {1440938160, "us-east-1", "service"};
    const struct sigv4_request request = {
        .method = "GET",
        .path = path,
        .encode_path = choice & 1,
        .normalise_path = choice & 2,
        .params = pairs->params,
        .param_count = pairs->param_count,
        .headers = pairs->headers,
        .header_count = pairs->header_count,
        .payload_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    };
    struct err err = {0};
    struct strbuf out = STRBUF_INIT(1 << 20);
    require_success(sigv4_authorization(&keys, &scope, &request, &out, &err), &err);
    return strbuf_take(&out, "the header", &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 4096)
        return 0;
    AUTO_FREE char *text = fuzz_text(data + 1, size - 1);
    check_encoding(text, true);
    check_encoding(text, false);
    check_normal(text);
    struct pairs pairs = {0};
    char *at = text;
    const char *path = fuzz_line(&at);
    read_pairs(at, &pairs);
    AUTO_FREE char *first = authorization(&pairs, path, data[0]);
    turn_round(&pairs);
    AUTO_FREE char *second = authorization(&pairs, path, data[0]);
    require(first && second && (has_twice(&pairs) || strcmp(first, second) == 0));
    return 0;
}
