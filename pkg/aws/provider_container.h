/* Where a container's agent may be asked for credentials; apart, to be tested and fuzzed. */
#ifndef AWS_PROVIDER_CONTAINER_H
#define AWS_PROVIDER_CONTAINER_H

#include "base/error.h"
#include "base/strbuf.h"

/* The address of the agent, appended to url: http://169.254.170.2 with the relative path, where there is one,
 * else the full address. Whoever answers there gets the container's authorization token and is believed: so
 * http is taken to loopback, to ECS's and EKS's own addresses alone, anything else must be https. Pure.
 * ERR_AUTH, naming the variable. */
int container_address(const char *relative, const char *full, struct strbuf *url, struct err *err);

#endif
