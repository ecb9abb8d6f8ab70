/* Who may connect to the instances: networks in CIDR notation, and the caller's own address. */
#ifndef DISCOVERY_ADDRESS_H
#define DISCOVERY_ADDRESS_H

#include "aws/aws.h"
#include "base/error.h"

#include <stdbool.h>

#define CIDR_SIZE 56 /* the longest IPv6 address, "/128", NUL */
#define CALLER_ADDRESS_URL "https://checkip.amazonaws.com"

/* "203.0.113.0/24", "2001:db8::/64", or one address. Writes it with a prefix length. ERR_USAGE when it is
 * neither, or is the whole Internet ("0.0.0.0/0"). */
int cidr_parse(const char *text, char cidr[CIDR_SIZE], struct err *err);

/* The network of one address that a URL told; white space may follow the address. Addresses that nobody has
 * on the Internet (private, link-local, multicast, …) are refused with ERR_CONFIG, loopback unless it is
 * allowed. */
int cidr_of_caller(const char *told, bool loopback_allowed, char cidr[CIDR_SIZE], struct err *err);

/* Asks the URL (NULL: CALLER_ADDRESS_URL) for the caller's address: cidr_of_caller, where loopback is allowed
 * only when the endpoint is not AWS's own; of AWS's own endpoint, the URL must be https. ERR_CONFIG,
 * ERR_NETWORK. */
int caller_cidr(struct aws_client *client, const char *url, char cidr[CIDR_SIZE], struct err *err);

#endif
