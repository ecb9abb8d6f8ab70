#include "aws/url.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <string.h>

#define LONGEST_HOST 253 /* characters of a domain name (RFC 1035, written out) */

#define URI_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%"

static void free_handle(CURLU **handle)
{
    curl_url_cleanup(*handle);
}

/* NULL where the address has no such part. */
static char *part(CURLU *handle, CURLUPart which)
{
    char *text = NULL;
    return curl_url_get(handle, which, &text, 0) == CURLUE_OK ? text : NULL;
}

static bool has(CURLU *handle, CURLUPart which)
{
    char *text = part(handle, which);
    curl_free(text);
    return text != NULL;
}

/* libcurl does not tell an empty query or fragment from none, and yet a path put behind it would be lost. */
static bool is_bare(CURLU *handle, const char *text)
{
    return !strpbrk(text, "@?#") && !has(handle, CURLUPART_USER) && !has(handle, CURLUPART_PASSWORD) &&
           !has(handle, CURLUPART_QUERY) && !has(handle, CURLUPART_FRAGMENT);
}

bool url_has_only_uri_characters(const char *text)
{
    return text[strspn(text, URI_CHARACTERS)] == '\0';
}

static bool is_host(const char *host)
{
    return strlen(host) <= LONGEST_HOST && host[0] != '.' && !strstr(host, "..");
}

/* libcurl takes one slash, or three, as well. */
static bool has_host_behind_scheme(const struct url *url, const char *text)
{
    const char *behind = text + strlen(url->scheme);
    return text_starts_with(behind, "://") && behind[3] != '/';
}

int url_parse(struct url *url, const char *text, struct err *err)
{
    CLEANUP(free_handle) CURLU *handle = curl_url();
    *url = (struct url){0};
    if (!handle)
        return err_memory(err);
    if (strlen(text) <= URL_MAX_BYTES && url_has_only_uri_characters(text) &&
        curl_url_set(handle, CURLUPART_URL, text, CURLU_PATH_AS_IS) == CURLUE_OK) {
        url->scheme = part(handle, CURLUPART_SCHEME);
        url->host = part(handle, CURLUPART_HOST);
        url->port = part(handle, CURLUPART_PORT);
        url->bare = is_bare(handle, text);
    }
    if (url->scheme && url->host && is_host(url->host) && has_host_behind_scheme(url, text) &&
        (strcmp(url->scheme, "http") == 0 || strcmp(url->scheme, "https") == 0))
        return 0;
    url_free(url);
    return err_set(err, ERR_CONFIG, "'%.200s' is not an http or https address", text);
}

void url_free(struct url *url)
{
    curl_free(url->scheme);
    curl_free(url->host);
    curl_free(url->port);
    *url = (struct url){0};
}

bool url_is_local(const struct url *url)
{
    static const char *const v6[] = {"[::1]", "[fd00:ec2::23]",
                                     "[fd00:ec2::254]"}; /* the latter: EKS, IMDS */
    struct in_addr v4;
    if (strcmp(url->host, "localhost") == 0 || text_ends_with(url->host, ".localhost"))
        return true;
    if (inet_pton(AF_INET, url->host, &v4) == 1) {
        uint32_t address = ntohl(v4.s_addr);
        return address >> 24 == 127 || address >> 16 == (169u << 8 | 254);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(v6); i++) {
        if (strcmp(url->host, v6[i]) == 0)
            return true;
    }
    return false;
}
