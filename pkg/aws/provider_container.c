#include "aws/provider_container.h"

#include "aws/credential_document.h"
#include "aws/metadata.h"
#include "aws/provider.h"
#include "aws/url.h"
#include "base/fs.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>

#define RELATIVE "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define FULL "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define TOKEN "AWS_CONTAINER_AUTHORIZATION_TOKEN"
#define TOKEN_FILE "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
#define AGENT "http://169.254.170.2"
#define MAX_ADDRESS 2048
#define MAX_TOKEN 16384

/* --- where
 * -------------------------------------------------------------------------------------------------- */

/* Loopback, and the agents of ECS and EKS (the latter's in both kinds of address). */
static bool is_agent(const char *host)
{
    static const char *const agents[] = {"localhost", "[::1]", "169.254.170.2", "169.254.170.23",
                                         "[fd00:ec2::23]"};
    struct in_addr address;
    if (inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127)
        return true;
    for (size_t i = 0; i < ARRAY_LENGTH(agents); i++) {
        if (strcmp(host, agents[i]) == 0)
            return true;
    }
    return false;
}

static int check_full(const char *text, struct err *err)
{
    AUTO_URL struct url url = {0};
    if (url_parse(&url, text, NULL) < 0)
        return err_set(err, ERR_AUTH, FULL " is not an address");
    if (strcmp(url.scheme, "https") != 0 && !is_agent(url.host))
        return err_set(
            err, ERR_AUTH,
            FULL " is http to '%.100s', to which credentials are not trusted: only loopback, 169.254.170.2, "
                 "169.254.170.23 and [fd00:ec2::23] are asked without TLS",
            url.host);
    return 0;
}

/* A path as it may stand in an address. */
static bool is_path(const char *text)
{
    return text[0] == '/' && url_has_only_uri_characters(text);
}

int container_address(const char *relative, const char *full, struct strbuf *url, struct err *err)
{
    if (relative) {
        if (!is_path(relative))
            return err_set(err, ERR_AUTH, RELATIVE " is not a path that begins with '/'");
        strbuf_addf(url, AGENT "%s", relative);
    } else if (check_full(full, err) < 0) {
        return -1;
    } else {
        strbuf_adds(url, full);
    }
    return strbuf_ok(url, "the address of the container's credentials", err);
}

/* --- asking
 * ------------------------------------------------------------------------------------------------- */

/* The value of the Authorization header, or nothing. The file is read each time: its token is replaced now
 * and then. */
static int read_token(struct strbuf *token, struct err *err)
{
    const char *path = environment(TOKEN_FILE);
    if (!path) {
        strbuf_adds(token, environment(TOKEN) ? environment(TOKEN) : "");
    } else {
        size_t length = 0;
        AUTO_SECRET char *text = fs_read_file(path, MAX_TOKEN, &length, err);
        if (!text)
            return err_prepend(err, TOKEN_FILE);
        strbuf_add(token, text, strcspn(text, "\r\n"));
    }
    if (strpbrk(strbuf_text(token), "\r\n"))
        return err_set(err, ERR_AUTH, TOKEN " holds a line end");
    return strbuf_ok(token, TOKEN, err);
}

static int ask_agent(struct aws_client *client, const char *url, const char *token,
                     struct credentials *credentials, struct err *err)
{
    const struct http_header authorization = {"Authorization", token};
    const struct metadata_request request = {"GET", url, &authorization, *token ? 1 : 0, token, 3};
    CLEANUP(metadata_answer_free) struct http_response answer = {0};
    if (metadata_ask(client, &request, &answer, err) < 0)
        return -1;
    if (answer.status != 200)
        return err_set(err, ERR_AUTH, "it answered with status %d", answer.status);
    return credential_document_of_container(answer.body, answer.length, "it", credentials, err);
}

static int fetch(struct aws_client *client, struct credentials *credentials, struct err *err)
{
    AUTO_STRBUF struct strbuf url = STRBUF_INIT(MAX_ADDRESS);
    AUTO_STRBUF struct strbuf token = STRBUF_SECRET(MAX_TOKEN);
    if (container_address(environment(RELATIVE), environment(FULL), &url, err) < 0 ||
        read_token(&token, err) < 0)
        return -1;
    return ask_agent(client, strbuf_text(&url), strbuf_text(&token), credentials, err);
}

enum provider_answer provide_from_container(const struct credential_search *search,
                                            struct credentials *credentials, struct err *err)
{
    if (!environment(RELATIVE) && !environment(FULL))
        return PROVIDER_NOT_MINE;
    if (fetch(search->client, credentials, err) == 0)
        return PROVIDER_FOUND;
    err_prepend(err, "the container's credentials agent");
    return PROVIDER_FAILED;
}
