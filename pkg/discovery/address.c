#include "discovery/address.h"

#include "aws/http.h"
#include "base/parse.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define LONGEST_ANSWER 256 /* bytes; an address has 45 */
#define ANSWER_SECONDS 15.0

/* Writes an address as inet_ntop does and its prefix length behind it. */
static int format_cidr(int family, const void *address, unsigned prefix, char cidr[CIDR_SIZE],
                       struct err *err)
{
    char text[INET6_ADDRSTRLEN];
    if (!inet_ntop(family, address, text, sizeof text))
        return err_errno(err, "an address could not be written");
    snprintf(cidr, CIDR_SIZE, "%s/%u", text, prefix);
    return 0;
}

static int not_a_network(const char *text, struct err *err)
{
    return err_set(err, ERR_USAGE, "'%.60s' is no network such as 203.0.113.7/32 or 2001:db8::/64", text);
}

int cidr_parse(const char *text, char cidr[CIDR_SIZE], struct err *err)
{
    char address[INET6_ADDRSTRLEN];
    unsigned char bytes[sizeof(struct in6_addr)];
    size_t length = strcspn(text, "/");
    if (length >= sizeof address)
        return not_a_network(text, err);
    memcpy(address, text, length);
    address[length] = '\0';
    int family = strchr(address, ':') ? AF_INET6 : AF_INET;
    uint64_t longest = family == AF_INET6 ? 128 : 32, prefix = longest;
    if (inet_pton(family, address, bytes) != 1 ||
        (text[length] == '/' && parse_u64(text + length + 1, 0, longest, &prefix, NULL) < 0))
        return not_a_network(text, err);
    if (prefix == 0)
        return err_set(err, ERR_USAGE,
                       "'%.60s' is the whole Internet: name the network that you connect from", text);
    return format_cidr(family, bytes, (unsigned)prefix, cidr, err);
}

/* Networks from which nothing reaches an instance over the Internet: IANA's special-purpose registry. */
static const struct {
    uint32_t network;
    unsigned prefix;
    const char *what;
} special_ipv4[] = {
    {0x00000000, 8, "no address of a machine"},
    {0x0a000000, 8, "a private address"},
    {0x64400000, 10, "an address behind a carrier's NAT"},
    {0x7f000000, 8, "this machine's loopback"},
    {0xa9fe0000, 16, "a link-local address"},
    {0xac100000, 12, "a private address"},
    {0xc0000000, 24, "a reserved address"},
    {0xc0a80000, 16, "a private address"},
    {0xc6120000, 15, "an address for lab networks"},
    {0xe0000000, 3, "a multicast or reserved address"},
};

static int refuse(const char *address, const char *what, struct err *err)
{
    return err_set(err, ERR_CONFIG, "the caller's address was told as %s, %s", address, what);
}

static int check_ipv4(const char *text, const struct in_addr *address, bool loopback_allowed, struct err *err)
{
    uint32_t number = ntohl(address->s_addr);
    if (loopback_allowed && number >> 24 == 127)
        return 0;
    for (size_t i = 0; i < ARRAY_LENGTH(special_ipv4); i++)
        if ((number ^ special_ipv4[i].network) >> (32 - special_ipv4[i].prefix) == 0)
            return refuse(text, special_ipv4[i].what, err);
    return 0;
}

/* Global unicast addresses are 2000::/3 (RFC 4291). */
static int check_ipv6(const char *text, const struct in6_addr *address, bool loopback_allowed,
                      struct err *err)
{
    if (loopback_allowed && memcmp(address, &in6addr_loopback, sizeof *address) == 0)
        return 0;
    if (address->s6_addr[0] >> 5 != 1)
        return refuse(text, "which is not a global address", err);
    return 0;
}

int cidr_of_caller(const char *told, bool loopback_allowed, char cidr[CIDR_SIZE], struct err *err)
{
    char text[INET6_ADDRSTRLEN];
    size_t length = strcspn(told, " \t\r\n");
    bool address_alone = length < sizeof text && told[length + strspn(told + length, " \t\r\n")] == '\0';
    memcpy(text, told, address_alone ? length : 0);
    text[address_alone ? length : 0] = '\0';
    struct in_addr ipv4;
    struct in6_addr ipv6;
    if (inet_pton(AF_INET, text, &ipv4) == 1)
        return check_ipv4(text, &ipv4, loopback_allowed, err) < 0
                   ? -1
                   : format_cidr(AF_INET, &ipv4, 32, cidr, err);
    if (inet_pton(AF_INET6, text, &ipv6) == 1)
        return check_ipv6(text, &ipv6, loopback_allowed, err) < 0
                   ? -1
                   : format_cidr(AF_INET6, &ipv6, 128, cidr, err);
    return err_set(err, ERR_CONFIG, "the answer '%.60s' is not an address", told);
}

int caller_cidr(struct aws_client *client, const char *url, char cidr[CIDR_SIZE], struct err *err)
{
    bool real = aws_is_real(client->aws);
    if (!url)
        url = CALLER_ADDRESS_URL;
    if (real && !text_starts_with(url, "https://"))
        return err_set(err, ERR_CONFIG, "%s is asked for an address that a firewall opens to: use https",
                       url);
    AUTO_FREE char *told = http_get(client->http, url, LONGEST_ANSWER, ANSWER_SECONDS, err);
    if (told && cidr_of_caller(told, !real, cidr, err) == 0)
        return 0;
    return err_prepend(err, "%s, asked for this machine's address (--ssh-cidr makes it needless)", url);
}
