/* What an instance is told at its first boot: its host key, who may log in, and when to switch itself off. */
#ifndef ORCHESTRATOR_USERDATA_H
#define ORCHESTRATOR_USERDATA_H

#include "base/error.h"
#include "orchestrator/hostkey.h"

#include <stdint.h>

#define USER_DATA_MAX 16384 /* EC2's limit before base64 */

/* cloud-config text, which the caller overwrites and free()s. `user_line` is the public key that may log in.
 * The machine powers itself off after so many seconds, whatever becomes of us; EC2 then terminates it. It
 * holds no secret but the host's own first key, since anyone who can read the instance's metadata can read
 * it. */
char *user_data_build(const struct ssh_key *host, const char *user_line, uint64_t lifetime_seconds,
                      struct err *err);

#endif
