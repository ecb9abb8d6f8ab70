"""Faults of instances: those that don't come up, those that go, those that print what they should not."""

from fault import plays
from fault.rows import DONE, INCOMPLETE, Arm, Row, Stored, codes

ROWS = (
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
    Row("no-metadata", "measured all the same, without attestation", arm=(Arm("no-metadata", match="{victim}"),)),
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
