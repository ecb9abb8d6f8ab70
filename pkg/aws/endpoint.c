#include "aws/endpoint.h"

#include "aws/url.h"
#include "base/parse.h"
#include "base/strbuf.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REGION_MAX 32
#define ENDPOINT_MAX 1024

/* https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html, and botocore's partitions.json for
 * the isolated ones. The first prefix that fits counts. */
static const struct partition {
    const char *prefix;
    const char *name;
    const char *domain;
} partitions[] = {
    {"cn-", "aws-cn", "amazonaws.com.cn"},       {"us-gov-", "aws-us-gov", "amazonaws.com"},
    {"us-iso-", "aws-iso", "c2s.ic.gov"},        {"us-isob-", "aws-iso-b", "sc2s.sgov.gov"},
    {"eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"}, {"us-isof-", "aws-iso-f", "csp.hci.ic.gov"},
    {"eusc-", "aws-eusc", "amazonaws.eu"},       {"", "aws", "amazonaws.com"},
};

static const struct service {
    const char *name;
    const char *host; /* what the names of its hosts begin with */
} services[] = {
    [AWS_EC2] = {"ec2", "ec2"},
    [AWS_S3] = {"s3", "s3"},
    [AWS_SSM] = {"ssm", "ssm"},
    [AWS_STS] = {"sts", "sts"},
    [AWS_PRICING] = {"pricing", "api.pricing"},
};

const char *service_name(enum aws_service service)
{
    return services[service].name;
}

/* Words of letters with '-' between them, then '-' and a number. */
static bool is_region(const char *region)
{
    struct cursor cursor = cursor_over(region);
    size_t words = 0;
    uint32_t number = 0;
    while (cursor_while(&cursor, is_lower) > 0 && cursor_skip(&cursor, '-'))
        words++;
    return words >= 2 && cursor_number(&cursor, &number) && cursor_done(&cursor);
}

int region_check(const char *region, struct err *err)
{
    if (strlen(region) <= REGION_MAX && is_region(region))
        return 0;
    return err_set(err, ERR_CONFIG, "'%.40s' is not the name of a region; they look like us-east-1", region);
}

static const struct partition *partition_of(const char *region)
{
    const struct partition *partition = partitions;
    while (!text_starts_with(region, partition->prefix))
        partition++;
    return partition;
}

const char *region_partition(const char *region)
{
    return partition_of(region)->name;
}

const char *service_region(enum aws_service service, const char *region)
{
    if (service != AWS_PRICING)
        return region;
    return strcmp(region_partition(region), "aws-cn") == 0 ? "cn-northwest-1" : "us-east-1";
}

char *endpoint_default(enum aws_service service, const char *region, struct err *err)
{
    const char *home = service_region(service, region);
    struct strbuf url = STRBUF_INIT(ENDPOINT_MAX);
    strbuf_addf(&url, "https://%s.%s.%s", services[service].host, home, partition_of(home)->domain);
    return strbuf_take(&url, "an endpoint", err);
}

char *endpoint_custom(const char *text, const char *set_by, struct err *err)
{
    AUTO_URL struct url url = {0};
    size_t length = strlen(text);
    if (length > ENDPOINT_MAX || url_parse(&url, text, NULL) < 0 || !url.bare) {
        /* one with an '@' may hold a password */
        err_set(err, ERR_CONFIG, "%s is not an address like https://HOST[:PORT]%s%.100s%s", set_by,
                strchr(text, '@') ? ": it has a user name" : ": '", strchr(text, '@') ? "" : text,
                strchr(text, '@') ? "" : "'");
        return NULL;
    }
    while (length > 0 && text[length - 1] == '/')
        length--;
    char *copy = strndup(text, length);
    if (!copy)
        err_memory(err);
    return copy;
}

/* SERVICE.REGION.DOMAIN, with the variations that AWS documents, or a VPC's private endpoint for the service.
 */
static bool is_service_host(const char *host, const char *service, const char *region, const char *domain)
{
    static const char *const variants[] = {"", "-fips", ".dualstack", "-fips.dualstack"};
    char expected[256];
    for (size_t i = 0; i < ARRAY_LENGTH(variants); i++) {
        snprintf(expected, sizeof expected, "%s%s.%s.%s", service, variants[i], region, domain);
        if (strcmp(host, expected) == 0)
            return true;
    }
    snprintf(expected, sizeof expected, ".%s.%s.vpce.%s", service, region, domain);
    return text_ends_with(host, expected);
}

bool endpoint_is_real(const char *text, enum aws_service service, const char *region)
{
    AUTO_URL struct url url = {0};
    const char *host = services[service].host;
    const char *home = service_region(service, region);
    if (url_parse(&url, text, NULL) < 0 || !url.bare || strcmp(url.scheme, "https") != 0 ||
        (url.port && strcmp(url.port, "443") != 0))
        return false;
    return is_service_host(url.host, host, home, partition_of(home)->domain) ||
           is_service_host(url.host, host, home, "api.aws");
}
