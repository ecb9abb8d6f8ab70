"""Faults of the machine that the program runs on, and of whoever runs it."""

from fault import plays
from fault.rows import DONE, INCOMPLETE, INTERRUPTED, MAY_BE_LEFT, SETUP, Row, Stored, codes

JOURNAL = "*/journal.ndjson*"
"""It may be written under a name that it had before."""
SPOOL = "*/results/results/*"

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

ROWS = (*LOCAL, *SIGNALS)
