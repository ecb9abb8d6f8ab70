/* From a machine that runs to one that is talked to: found, verified, logged in to, given a host key of its
 * own. */
#ifndef ORCHESTRATOR_REACH_H
#define ORCHESTRATOR_REACH_H

#include "orchestrator/launch.h"

/* Ends with job->host connected and known: engine and architecture. Another host key than ours is asked again
 * for the settings' grace, since sshd may start before cloud-init has written the keys, and is never
 * accepted; once the machine has made its own there is no grace any more. ERR_NETWORK, ERR_SECURITY,
 * ERR_AUTH, ERR_REMOTE, ERR_CANCELLED.
 */
int reach_machine(struct job *job, struct err *err);

void leave_machine(struct job *job);

#endif
