/* Networks, the caller's address, endpoints and regions. What is taken is taken again as it was written; no
 * address that is not AWS's own counts as AWS's, whatever stands in it. */
#include "fuzz.h"

#include "aws/endpoint.h"
#include "aws/url.h"
#include "base/text.h"
#include "discovery/address.h"

#include <strings.h>

static void check_again(const char *cidr)
{
    struct err err = {0};
    char again[CIDR_SIZE];
    require_success(cidr_parse(cidr, again, &err), &err);
    require(strcmp(cidr, again) == 0);
}

static void check_network(const char *text)
{
    struct err err = {0};
    char cidr[CIDR_SIZE];
    if (cidr_parse(text, cidr, &err) < 0) {
        require(err.kind == ERR_USAGE && err.message[0]);
        return;
    }
    require(!text_ends_with(cidr, "/0"));
    check_again(cidr);
}

/* One address, never a network; never loopback but where it is allowed. */
static void check_caller(const char *text)
{
    struct err err = {0};
    char cidr[CIDR_SIZE];
    char with_loopback[CIDR_SIZE];
    if (cidr_of_caller(text, false, cidr, &err) < 0) {
        require(err.kind == ERR_CONFIG && err.message[0]);
        return;
    }
    require(text_ends_with(cidr, strchr(cidr, ':') ? "/128" : "/32"));
    require(!text_starts_with(cidr, "127.") && !text_starts_with(cidr, "10.") &&
            strcmp(cidr, "::1/128") != 0);
    check_again(cidr);
    require(cidr_of_caller(text, true, with_loopback, &err) == 0 && strcmp(cidr, with_loopback) == 0);
}

static void check_endpoint(const char *text)
{
    struct err err = {0};
    AUTO_FREE char *endpoint = endpoint_custom(text, "the test", &err);
    if (!endpoint) {
        require(err.kind == ERR_CONFIG && err.message[0]);
        return;
    }
    AUTO_FREE char *again = endpoint_custom(endpoint, "the test", &err);
    require(again && strcmp(endpoint, again) == 0);
    require(!strpbrk(endpoint, "@?#") && !text_ends_with(endpoint, "/"));
}

/* By a reading of its own: nothing but https, then the host, then its end. */
static void check_real(const char *text)
{
    if (!endpoint_is_real(text, AWS_EC2, "us-east-1"))
        return;
    require(strncasecmp(text, "https://", 8) == 0);
    size_t host = strcspn(text + 8, "/:");
    require(!strpbrk(text, "@?#\\") && host > 0 && host <= 253);
    char name[256];
    memcpy(name, text + 8, host);
    name[host] = '\0';
    require(text_ends_with(name, ".amazonaws.com") || text_ends_with(name, ".api.aws"));
}

static void check_region(const char *text)
{
    struct err err = {0};
    if (region_check(text, &err) < 0) {
        require(err.kind == ERR_CONFIG && err.message[0]);
        return;
    }
    AUTO_FREE char *endpoint = endpoint_default(AWS_S3, text, &err);
    require(endpoint && endpoint_is_real(endpoint, AWS_S3, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = fuzz_text(data, size);
    check_network(text);
    check_caller(text);
    check_endpoint(text);
    check_real(text);
    check_region(text);
    return 0;
}
