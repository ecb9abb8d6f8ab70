#include "orchestrator/deadman.h"

#include "base/strbuf.h"

#include <inttypes.h>

#define NAME "aws-benchmark-collector-lifetime"

/* In the background, so that it can neither delay the boot nor keep the second switch from being set. Early
 * in a boot logind may not be there yet, and shutdown fails: it is asked again, for ten minutes. */
char *deadman_shutdown_script(uint64_t lifetime_seconds, struct err *err)
{
    AUTO_STRBUF struct strbuf script = STRBUF_INIT(1024);
    strbuf_addf(&script,
                "{ i=0; until shutdown -P +%" PRIu64 " || [ $i -ge 120 ]; do i=$((i + 1)); sleep 5; done; }"
                " </dev/null >/dev/null 2>&1 &",
                (lifetime_seconds + 59) / 60);
    return strbuf_take(&script, "the shutdown command", err);
}

/* No default dependencies: cloud-init runs this before sysinit.target, which the timer would else wait for;
 * and a shutdown that hangs must not end the timer before it has fired. It counts from the boot, so that
 * nothing that restarts it moves it. */
#define TIMER_UNIT                                                                                           \
    "[Unit]\n"                                                                                               \
    "Description=Ends this machine when nobody has ended it in time\n"                                       \
    "DefaultDependencies=no\n"                                                                               \
    "IgnoreOnIsolate=yes\n"                                                                                  \
    "\n"                                                                                                     \
    "[Timer]\n"                                                                                              \
    "OnBootSec=%" PRIu64 "s\n"                                                                               \
    "AccuracySec=1s\n"                                                                                       \
    "\n"                                                                                                     \
    "[Install]\n"                                                                                            \
    "WantedBy=sysinit.target\n"

/* Forced: no service that will not stop can hold it up. Where not even the command runs, systemd itself
 * switches off.
 */
#define SERVICE_UNIT                                                                                         \
    "[Unit]\n"                                                                                               \
    "Description=Ends this machine\n"                                                                        \
    "DefaultDependencies=no\n"                                                                               \
    "IgnoreOnIsolate=yes\n"                                                                                  \
    "FailureAction=poweroff-immediate\n"                                                                     \
    "\n"                                                                                                     \
    "[Service]\n"                                                                                            \
    "Type=oneshot\n"                                                                                         \
    "ExecStart=/bin/systemctl poweroff --force\n"                                                            \
    "TimeoutStartSec=60s\n"

/* Below /run first, where no full disk matters (nor by a here-document, which a shell may put into a file),
 * and started without waiting: the boot is under way. Then below /etc, for a boot in which cloud-init does
 * nothing any more. */
char *deadman_timer_script(uint64_t lifetime_seconds, struct err *err)
{
    AUTO_STRBUF struct strbuf script = STRBUF_INIT(4096);
    strbuf_adds(&script, "mkdir -p /run/systemd/system\n"
                         "cd /run/systemd/system\n"
                         "echo '");
    strbuf_addf(&script, TIMER_UNIT, lifetime_seconds);
    strbuf_adds(&script, "' >" NAME ".timer\n"
                         "echo '" SERVICE_UNIT "' >" NAME ".service\n"
                         "systemctl --no-block start " NAME ".timer ||\n"
                         "  { systemctl daemon-reload; systemctl --no-block start " NAME ".timer; }\n"
                         "for unit in " NAME ".service " NAME ".timer; do\n"
                         "  cp $unit /etc/systemd/system/.$unit &&\n"
                         "    mv /etc/systemd/system/.$unit /etc/systemd/system/$unit || exit\n"
                         "done\n"
                         "systemctl --no-reload enable " NAME ".timer\n");
    return strbuf_take(&script, "the timer's script", err);
}
