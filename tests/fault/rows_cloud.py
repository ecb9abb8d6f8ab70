"""Faults of AWS: its answers, its clock, its limits, its store."""

from fault import plays
from fault.rows import ALWAYS, INCOMPLETE, MAY_BE_LEFT, SETUP, Arm, Row, Stored, codes

RESULTS = "/instance_type"
"""In the keys of results, and not in what is written to see whether one may write."""

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
        "stalled",
        "an answer that never comes is given up, and asked for again",
        arm=(Arm("stall", "DescribeInstances"),),
        limit=120,
        launches=3,
    ),
    Row(
        "redirect",
        "not followed: a signature is for nobody else",
        arm=(Arm("redirect", "RunInstances", "{victim}"),),
        codes=codes(INCOMPLETE),
        stored=Stored.OTHERS,
        launches=2,
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

CREDENTIALS = (
    Row("sessions-of-four-seconds", "renewed before they end", number=20, play=plays.sessions_of_four_seconds),
    Row("session-ends-early", "renewed, the clean-up works", number=20, play=plays.session_ends_early, short=True),
    Row(
        "keys-end-for-good",
        "what may be alive is named, exit 4; `cleanup` with good keys removes it",
        number=20,
        suite="steady",
        options=("--suite-options", "seconds=2", "--teardown-timeout", "5s", "--store-timeout", "5s"),
        codes=codes(MAY_BE_LEFT),
        stored=Stored.WHAT_ENDED,
        bucket=False,
        says=("MAY STILL BE RUNNING",),
        play=plays.keys_end_for_good,
    ),
)

CLEANUP = (
    Row(
        "cleanup-beside-a-live-run",
        "what a live run has is left alone, whatever the clock",
        number=25,
        suite="steady",
        options=("--suite-options", "seconds=3"),
        play=plays.cleanup_beside_a_live_run,
    ),
    Row(
        "bad-id-in-a-batch",
        "the others go one by one",
        number=10,
        jobs=5,
        local={"FAULT_KILL": 'after:5:*"record":"launched"*'},
        stored=Stored.NONE,
        play=plays.cleanup_with_a_bad_id,
    ),
    Row(
        "cleanup-killed",
        "the next one removes the rest",
        jobs=5,
        local={"FAULT_KILL": 'after:{count}:*"record":"launched"*'},
        stored=Stored.WHAT_ENDED,
        play=plays.cleanup_killed,
    ),
)

ROWS = (*API, *ANSWERS, *STORE, *CREDENTIALS, *CLEANUP)
