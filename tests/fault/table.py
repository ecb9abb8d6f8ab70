"""The table of faults, but for those at the program's own states: they are in kills.py."""

from fault import plays
from fault.rows import DONE, INCOMPLETE, INTERRUPTED, MAY_BE_LEFT, SETUP, Arm, Row, Stored

ALWAYS = (0, 0)
JOURNAL = "*/journal.ndjson*"
"""It may be written under a name that it had before."""
SPOOL = "*/results/results/*"
RESULTS = "/instance_type"
"""In the keys of results, and not in what is written to see whether one may write."""


def codes(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


API = (
    Row(
        "run-instances-answer-lost",
        "the same token again, and one instance",
        number=1,
        arm=(Arm("drop-run-instances-answer", match="{victim}", times=(1, 2)),),
        launches=3,
        short=True,
    ),
    Row(
        "not-found-five-times",
        "asked again, not launched again",
        number=4,
        arm=(Arm("error:InvalidInstanceID.NotFound", "DescribeInstances", times=(5, 5)),),
        launches=3,
    ),
    Row(
        "terminate-not-found",
        "a fresh id that EC2 does not know is no dead instance",
        number=4,
        arm=(Arm("error:InvalidInstanceID.NotFound", "TerminateInstances", times=(1, 3)),),
        launches=3,
    ),
    Row(
        "no-capacity-in-a-zone",
        "the next zone, with a new token",
        number=5,
        arm=(Arm("error:InsufficientInstanceCapacity", "RunInstances", "{victim}", (1, 2)),),
        launches=3,
    ),
    Row(
        "no-capacity-anywhere",
        "that job fails, the others are measured",
        number=5,
        arm=(Arm("error:InsufficientInstanceCapacity", "RunInstances", "{victim}", ALWAYS),),
        codes=codes(INCOMPLETE),
        stored=Stored.OTHERS,
        launches=2,
    ),
    Row(
        "vcpu-quota",
        "the class waits for an end of ours, the others go on",
        number=7,
        arm=(Arm("error:VcpuLimitExceeded", "RunInstances", "{victim}", (1, 2)),),
        launches=3,
    ),
    Row(
        "vcpu-quota-for-good",
        "the class is skipped, the others are measured",
        number=7,
        arm=(Arm("error:VcpuLimitExceeded", "RunInstances", "{victim}", ALWAYS),),
        codes=codes(INCOMPLETE),
        stored=Stored.OTHERS,
        launches=2,
    ),
    Row(
        "request-limit",
        "everybody slows down, all finish",
        number=8,
        arm=(
            Arm("error:RequestLimitExceeded", "DescribeInstances", times=(3, 6)),
            Arm("error:RequestLimitExceeded", "RunInstances", times=(2, 4)),
            Arm("error:RequestLimitExceeded", "TerminateInstances", times=(1, 3)),
        ),
        launches=3,
    ),
    Row(
        "terminate-unavailable",
        "asked for until it is done",
        number=9,
        arm=(Arm("error:ServiceUnavailable", "TerminateInstances", times=(3, 8)),),
        short=True,
    ),
    Row(
        "terminate-unavailable-for-good",
        "what may be alive is named, exit 4",
        number=9,
        arm=(Arm("error:ServiceUnavailable", "TerminateInstances", times=ALWAYS),),
        options=("--teardown-timeout", "4s"),
        codes=codes(MAY_BE_LEFT),
        says=("MAY STILL BE RUNNING",),
        play=plays.leaves_something,
    ),
    Row(
        "internal-errors",
        "any call may fail once or twice",
        arm=(
            Arm("error:InternalError", times=(1, 2)),
            Arm("error:InternalError", "RunInstances", times=(1, 2)),
            Arm("error:InternalError", "PutObject", RESULTS, (1, 2)),
        ),
        launches=3,
    ),
    Row(
        "describe-answers-lost",
        "asked again",
        arm=(Arm("drop-answer", "DescribeInstances", times=(2, 5)),),
        launches=3,
    ),
    Row(
        "terminate-answer-lost",
        "asked again, confirmed by its state",
        arm=(Arm("drop-answer", "TerminateInstances", times=(1, 3)),),
    ),
    Row(
        "security-group-answer-lost",
        "one group, and it is removed",
        arm=(Arm("drop-answer", "CreateSecurityGroup"), Arm("drop-answer", "DeleteSecurityGroup")),
    ),
    Row(
        "no-permission-to-launch",
        "said, nothing is launched",
        arm=(Arm("error:UnauthorizedOperation", "RunInstances", times=ALWAYS),),
        codes=codes(SETUP),
        stored=Stored.NONE,
        launches=0,
    ),
    Row(
        "no-permission-to-terminate",
        "what is alive is named, exit 4",
        arm=(Arm("error:UnauthorizedOperation", "TerminateInstances", times=ALWAYS),),
        options=("--teardown-timeout", "6s"),
        codes=codes(MAY_BE_LEFT),
        says=("MAY STILL BE RUNNING",),
        play=plays.leaves_something,
    ),
)

ANSWERS = (
    *(
        Row(
            f"{name}-{action.lower()}",
            promise,
            arm=(Arm(fault, action, match, times),),
            launches=3,
        )
        for name, fault, promise, times, calls in (
            (
                "http-503",
                "http-503",
                "a load balancer's 503 is asked again",
                (1, 2),
                (("RunInstances", "{victim}"), ("TerminateInstances", "")),
            ),
            (
                "reset",
                "reset",
                "a broken connection is asked again",
                (1, 2),
                (("RunInstances", "{victim}"), ("PutObject", RESULTS)),
            ),
            (
                "truncated",
                "truncated-answer",
                "half a document is no answer",
                (1, 1),
                (("RunInstances", "{victim}"), ("DescribeInstances", ""), ("TerminateInstances", "")),
            ),
            (
                "cut-off",
                "cut-off-answer",
                "half a document is no answer",
                (1, 1),
                (("RunInstances", "{victim}"), ("DescribeInstances", ""), ("CreateSecurityGroup", "")),
            ),
            (
                "garbage",
                "garbage-answer",
                "a page that is not AWS's is no answer",
                (1, 1),
                (
                    ("RunInstances", "{victim}"),
                    ("DescribeInstances", ""),
                    ("TerminateInstances", ""),
                    ("PutObject", RESULTS),
                ),
            ),
            (
                "slow",
                "slow:2",
                "waited for",
                (1, 1),
                (("RunInstances", "{victim}"), ("TerminateInstances", ""), ("PutObject", RESULTS)),
            ),
        )
        for action, match in calls
    ),
    Row(
        "endpoint-down",
        "asked again until it is there",
        arm=(),
        jobs=4,
        play=plays.endpoint_goes_down,
        launches=4,
    ),
    Row(
        "service-clock-an-hour-ahead",
        "corrected once by what AWS says",
        number=19,
        arm=(Arm("wrong-clock:3600", times=ALWAYS),),
    ),
    Row(
        "service-clock-an-hour-behind",
        "corrected once by what AWS says",
        number=19,
        arm=(Arm("wrong-clock:-3600", times=ALWAYS),),
    ),
    Row(
        "throttled-to-three-a-second",
        "the limiter finds the rate, all finish",
        number=8,
        arm=(Arm("throttle:3", times=ALWAYS),),
        jobs=5,
        launches=5,
    ),
    Row(
        "not-found-at-first",
        "an id that EC2 does not know yet: asked again, not launched again",
        number=4,
        arm=(Arm("not-found-at-first", match="{victim}"),),
        launches=3,
    ),
    Row(
        "late-capacity",
        "ended before it was running: the next zone, with a new token",
        number=6,
        arm=(Arm("late-capacity", match="{victim}"),),
        launches=4,
        short=True,
    ),
    Row(
        "terminate-slow",
        "waited for until it is confirmed",
        number=9,
        arm=(Arm("terminate-slow:4", match="{victim}"),),
    ),
)

STORE = (
    Row(
        "s3-unavailable-then-answer-lost",
        "412 on the next try is our own success: HEAD, and the checksums are equal",
        number=21,
        arm=(
            Arm("error:ServiceUnavailable", "PutObject", RESULTS, (1, 2)),
            Arm("drop-answer", "PutObject", RESULTS, (1, 2)),
        ),
        short=True,
    ),
    Row(
        "s3-slow-down",
        "sent again, until it is there",
        number=21,
        arm=(Arm("error:SlowDown", "PutObject", RESULTS, (2, 5)),),
    ),
    Row(
        "s3-conflict",
        "409 is sent again",
        number=21,
        arm=(Arm("error:ConditionalRequestConflict", "PutObject", RESULTS, (1, 3)),),
    ),
    Row(
        "s3-error-in-200",
        "an error in the body of a 200 is an error",
        number=22,
        arm=(Arm("s3-error-in-200", match=RESULTS, times=(1, 3)),),
        short=True,
    ),
    Row(
        "s3-wrong-object",
        "another object under the key: neither replaced nor taken for ours, said, exit 1",
        number=21,
        arm=(Arm("s3-wrong-object", match="{victim}"),),
        codes=codes(INCOMPLETE),
        stored=Stored.OTHERS,
        foreign=True,
    ),
    Row(
        "s3-bad-digest",
        "sent again, not counted as stored",
        number=22,
        arm=(Arm("error:BadDigest", "PutObject", RESULTS, (1, 2)),),
    ),
)

MACHINES = (
    Row(
        "never-boots",
        "its deadline, then it is terminated",
        number=13,
        arm=(Arm("never-boots", match="{victim}"),),
        options=("--boot-timeout", "12s"),
        codes=codes(INCOMPLETE),
        stored=Stored.OTHERS,
    ),
    Row(
        "wrong-host-key",
        "given up before a log-in, as a matter of security",
        number=11,
        arm=(Arm("wrong-host-key", match="{victim}"),),
        options=("--boot-timeout", "15s"),
        codes=codes(INCOMPLETE),
        stored=Stored.OTHERS,
        says=("host key",),
        short=True,
    ),
    Row(
        "silent-sshd",
        "its deadline, then it is terminated",
        number=13,
        arm=(Arm("silent-sshd", match="{victim}"),),
        options=("--boot-timeout", "12s"),
        codes=codes(INCOMPLETE),
        stored=Stored.OTHERS,
    ),
    Row(
        "dripping-sshd",
        "its deadline, then it is terminated",
        number=13,
        arm=(Arm("dripping-sshd", match="{victim}"),),
        options=("--boot-timeout", "12s"),
        codes=codes(INCOMPLETE),
        stored=Stored.OTHERS,
    ),
    Row("slow-boot", "waited for", arm=(Arm("slow-boot:4", match="{victim}"),)),
    Row("machine-clock-wrong", "no matter", number=19, arm=(Arm("machine-clock-wrong:3600", match="{victim}"),)),
    Row("no-shutdown-timer", "the other dead-man switch stands", arm=(Arm("no-shutdown-timer", match="{victim}"),)),
    Row("no-systemd-timer", "the other dead-man switch stands", arm=(Arm("no-systemd-timer", match="{victim}"),)),
    *(
        Row(
            name,
            promise,
            arm=(Arm(name, match="{victim}"),),
            codes=codes(INCOMPLETE),
            stored=Stored.OTHERS,
        )
        for name, promise in (
            ("disk-full", "said, no result"),
            ("engine-missing", "said, no result"),
        )
    ),
    *(
        Row(
            name,
            promise,
            number=number,
            arm=(Arm(name, match="{victim}"),),
            suite="steady",
            options=("--suite-options", "seconds=3"),
            codes=codes(INCOMPLETE),
            stored=Stored.OTHERS,
            short=name == "tcp-cut",
        )
        for number, name, promise in (
            (14, "frozen", "its heartbeat is missed, it is terminated"),
            (14, "network-lost", "its heartbeat is missed, it is terminated"),
            (15, "tcp-cut", "no exit status, no success"),
            (16, "suite-killed", "a signal is no success"),
            (16, "killed-mid-run", "gone without a word, said"),
        )
    ),
    Row(
        "key-changes",
        "a machine with another key is not gone back to",
        number=12,
        arm=(Arm("key-changes", match="{victim}"),),
        suite="steady",
        options=("--suite-options", "seconds=2"),
        codes=codes(DONE, INCOMPLETE),
        stored=Stored.WHAT_ENDED,
    ),
    Row(
        "nobody-comes-back",
        "SIGKILL, and nobody starts again: its dead-man switch ends it",
        number=3,
        jobs=1,
        suite="steady",
        options=("--suite-options", "seconds=60", "--boot-timeout", "10s", "--timeout", "4s", "--store-timeout", "1s",
                 "--lifetime-margin", "1s"),
        stored=Stored.NONE,
        play=plays.nobody_comes_back,
    ),
    Row(
        "suite-takes-too-long",
        "cut off at its deadline, no result",
        number=17,
        suite="steady",
        options=("--suite-options", "seconds=60", "--timeout", "3s"),
        codes=codes(INCOMPLETE),
        stored=Stored.NONE,
    ),
    Row(
        "suite-fails-after-its-document",
        "a whole document of a failed suite is no result",
        suite="failing",
        codes=codes(INCOMPLETE),
        stored=Stored.NONE,
    ),
    *(
        Row(
            f"hostile-output-{suite}",
            promise,
            number=24,
            suite=suite,
            hostile=True,
            jobs=1,
            codes=codes(INCOMPLETE),
            stored=Stored.NONE,
        )
        for suite, promise in (
            ("flood", "10 GB on stdout: capped"),
            ("talkative", "10 GB on stderr: capped"),
            ("deep", "JSON half a million levels deep: refused"),
            ("nonsense", "no JSON: refused"),
            ("other-architecture", "a document of another architecture: refused"),
        )
    ),
    Row(
        "hostile-output-escapes",
        "control characters reach neither terminal nor documents",
        number=24,
        suite="escapes",
        hostile=True,
        jobs=1,
        play=plays.prints_no_control_characters,
    ),
)

LOCAL = (
    Row(
        "journal-disk-full",
        "nothing is launched",
        number=23,
        local={"FAULT_DISK": f"write:ENOSPC:1:0:{JOURNAL}"},
        codes=codes(SETUP),
        stored=Stored.NONE,
        launches=0,
        says=("journal",),
        short=True,
    ),
    Row(
        "journal-disk-full-later",
        "what was launched is terminated, what was kept is sent",
        number=23,
        local={"FAULT_DISK": f"write:ENOSPC:{{late}}:0:{JOURNAL}"},
        codes=codes(INCOMPLETE, SETUP),
        stored=Stored.WHAT_ENDED,
    ),
    Row(
        "journal-disk-full-for-a-while",
        "the journal stays readable, what was launched is terminated",
        number=23,
        local={"FAULT_DISK": f"write:ENOSPC:{{late}}:2:{JOURNAL}"},
        codes=codes(DONE, INCOMPLETE, SETUP),
        stored=Stored.WHAT_ENDED,
        play=plays.keeps_its_journal_readable,
    ),
    Row(
        "journal-disk-broken",
        "a sync that fails is a journal that can't be written",
        number=23,
        local={"FAULT_DISK": f"sync:EIO:{{late}}:0:{JOURNAL}"},
        codes=codes(INCOMPLETE, SETUP),
        stored=Stored.WHAT_ENDED,
    ),
    Row(
        "spool-disk-full-for-a-while",
        "the disk is tried again",
        number=23,
        local={"FAULT_DISK": f"write:ENOSPC:{{count}}:1:{SPOOL}"},
        codes=codes(DONE, INCOMPLETE),
        stored=Stored.ALL,
    ),
    Row(
        "clock-an-hour-ahead",
        "corrected once by what AWS says",
        number=19,
        local={"FAULT_CLOCK": "3600:0"},
        short=True,
    ),
    Row(
        "clock-an-hour-behind",
        "corrected once by what AWS says",
        number=19,
        local={"FAULT_CLOCK": "-3600:0"},
    ),
    Row(
        "clock-jumps-ahead",
        "corrected in the middle of a run",
        number=19,
        local={"FAULT_CLOCK": "3600:{seconds}"},
    ),
    Row(
        "clock-jumps-back",
        "corrected in the middle of a run",
        number=19,
        local={"FAULT_CLOCK": "-3600:{seconds}"},
    ),
    Row(
        "short-and-interrupted-calls",
        "every call may take less than it was given",
        local={"FAULT_TRICKLE": "{late}"},
        short=True,
    ),
)

SIGNALS = (
    Row(
        "interrupted-once",
        "drains, terminates, exit 130",
        number=25,
        jobs=5,
        codes=codes(DONE, INTERRUPTED, -2),
        stored=Stored.WHAT_ENDED,
        play=plays.interrupted_once,
        short=True,
    ),
    Row(
        "interrupted-twice",
        "stops waiting; what may be alive is named, exit 4",
        number=25,
        jobs=5,
        codes=codes(DONE, INTERRUPTED, MAY_BE_LEFT, -2),
        stored=Stored.WHAT_ENDED,
        play=plays.interrupted_twice,
    ),
    Row(
        "terminal-gone",
        "nobody reads what it prints: the run goes on",
        play=plays.output_closed,
        codes=codes(DONE, INCOMPLETE),
    ),
    Row(
        "two-collectors-at-once",
        "each ends its own instances alone",
        number=25,
        jobs=4,
        codes=codes(DONE, INTERRUPTED),
        stored=Stored.WHAT_ENDED,
        play=plays.two_at_once,
    ),
)

ROWS = (*API, *ANSWERS, *STORE, *MACHINES, *LOCAL, *SIGNALS)
