/*
 * The certificates by which servers are believed, read once and shared by all connections of all threads: by
 * itself libcurl keeps a copy of the system's hundred-odd in each of its handles, about a megabyte.
 */
#ifndef AWS_TRUST_H
#define AWS_TRUST_H

#include "base/error.h"

struct trust;

/* The certificates of a PEM file; NULL: the system's. NULL: ERR_CONFIG when there are none to be read. */
struct trust *trust_load(const char *ca_bundle, struct err *err);
/* After all connections that use it. NULL is allowed. */
void trust_free(struct trust *trust);

/* Makes a libcurl handle (a CURL *) verify servers by these certificates alone. Borrowed until its next
 * reset. */
int trust_use(const struct trust *trust, void *curl_easy, struct err *err);

#endif
