/* How a finished result is kept: first where this machine holds it, then in S3. */
#ifndef STORAGE_RESULT_STORE_H
#define STORAGE_RESULT_STORE_H

#include "results/document.h"
#include "storage/keys.h"
#include "storage/store.h"

#include <stdbool.h>

/* The key that the document's own words give it. ERR_DATA when it is not sound. */
int result_key_for(const struct document *document, char key[RESULT_KEY_SIZE], struct err *err);

/* Puts the document under that key into the local store, and then, unless it is
 * NULL, into the remote one. key is filled once the document is known to be sound. A failure of the remote
 * store leaves the result in the local one, *kept true; store_copy brings it over later. */
int result_store(const struct store *local, const struct store *remote, const struct document *document,
                 char key[RESULT_KEY_SIZE], bool *kept, struct err *err);

#endif
