"""SIGKILL at every line that a run puts in its journal: before it is on the disk, in the middle of it, after it.

Which lines there are is read from the journals of two runs that were let alone, so that a new kind of record is a new
fault by itself."""

import json
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fault.rows import DONE, INCOMPLETE, Arm, Row, Stored

if TYPE_CHECKING:
    from fault.case import Case

IN_FLIGHT = 5
KILLED = frozenset({-signal.SIGKILL})
WELL = frozenset({DONE})
ANOTHER = "t3.large"
"""What the next start measures, when it is not to go on with what was killed."""
SWEEP_KILLS = tuple(f'{moment}:1:*"record":"terminated"*' for moment in ("before", "torn", "after"))
TELLING = ("record", "kind", "what", "state")
"""The members of a record that say which step of a run it stands for; the others say whose."""

SMOOTH = Row(
    "nothing-at-all",
    "every type is measured, nothing is left",
    jobs=IN_FLIGHT,
    launches=IN_FLIGHT,
    short=True,
)
ROUGH = Row(
    "no-capacity-and-a-failure",
    "a zone without capacity, a machine that never boots: one job fails",
    number=5,
    arm=(
        Arm("error:InsufficientInstanceCapacity", "RunInstances", times=(1, 1)),
        Arm("never-boots", match="{victim}"),
    ),
    options=("--boot-timeout", "8s"),
    codes=frozenset({INCOMPLETE}),
    stored=Stored.OTHERS,
    jobs=IN_FLIGHT,
)
SOURCES = (SMOOTH, ROUGH)
"""The runs whose journals show what there is."""


@dataclass(frozen=True)
class Step:
    """A kind of line in a journal."""

    members: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        return "-".join(value.replace(" ", "-").replace("_", "-") for _, value in self.members)

    @property
    def pattern(self) -> str:
        """For fnmatch, on the line; its members come in the order of the line."""
        return "*" + "*".join(f'"{name}":"{value}"' for name, value in self.members) + "*"


def step_of(line: str) -> Step | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return Step(tuple((name, value) for name, value in record.items() if name in TELLING and isinstance(value, str)))


def steps(lines: Iterable[str]) -> list[Step]:
    """Each once, in the order in which they are first met."""
    return list(dict.fromkeys(step for step in map(step_of, lines) if step))


def rows(journals: dict[str, list[str]]) -> list[Row]:
    """A fault for every step and moment. journals: the lines, by the name of the row that they come from."""
    smooth = steps(journals[SMOOTH.name])
    rough = [step for step in steps(journals[ROUGH.name]) if step not in smooth]
    return [*_rows(smooth, SMOOTH), *_rows(rough, ROUGH), *TOGETHER]


def _rows(found: list[Step], source: Row) -> list[Row]:
    return [
        Row(
            f"kill-{moment}-{step.name}",
            promise,
            number=2,
            arm=source.arm,
            local={"FAULT_KILL": f"{{{moment}}}:{_count(step, source)}:{step.pattern}"},
            options=source.options,
            jobs=IN_FLIGHT,
            codes=KILLED,
            stored=Stored.WHAT_ENDED,
            play=killed,
            short=source is SMOOTH and moment == "after" and step.name in ("launched", "stored"),
        )
        for step in found
        for moment, promise in (
            ("before", "that line is lost; the next start and `cleanup` leave nothing"),
            ("after", "that line is all there is; the next start and `cleanup` leave nothing"),
        )
    ]


def _count(step: Step, source: Row) -> str:
    """A step of every job is met by any of the five, as the seed has it; the others once."""
    of_the_run = step.members[0][1] in ("run", "resource", "end")
    return "1" if of_the_run or source is ROUGH else "{count}"


def killed(case: "Case") -> None:
    """Killed; started again, for the same or for something else; cleaned up."""
    case.finish(case.start(), KILLED)
    case.lane.disarm()
    finish_what_was_killed(case)


def finish_what_was_killed(case: "Case") -> None:
    """The next start, and `cleanup`: both say that nothing is left."""
    if case.random.random() < 0.5 and case.journal_has_begun():
        case.command("run", "--resume", case.home.runs()[-1], "--progress", "plain", codes=WELL)
        case.must_be_stored(case.types)
    else:
        case.finish(case.start(types=[ANOTHER], local={}), WELL)
        case.must_be_stored([ANOTHER])
    if case.has_cleanup:
        case.command("cleanup", "--yes", codes=WELL)


def one_of_two_is_killed(case: "Case") -> None:
    """Two runs of two types each, then the next start beside the one that lives: that one must be as if alone."""
    first = case.start(types=case.types[:2])
    second = case.start("--suite-options", "seconds=12", types=case.types[2:])
    case.sleep(0.5, 5)
    first.signal(signal.SIGKILL)
    case.finish(first, KILLED)
    case.finish(case.start(types=[ANOTHER]), WELL)
    if case.has_cleanup:
        case.command("cleanup", "--yes", codes=WELL)
    if not second.is_running():
        case.unmet.append("the second run did not outlast the clean-up: this tried nothing")
    case.finish(second, WELL)
    case.must_be_stored([*case.types[2:], ANOTHER])


def killed_twice(case: "Case") -> None:
    """Killed, and the next start as well, somewhere in what it finishes of the first."""
    case.finish(case.start(), KILLED)
    again = dict(case.row.local, FAULT_KILL=case.random.choice(SWEEP_KILLS))
    case.finish(case.start(types=[ANOTHER], local=again), KILLED)
    finish_what_was_killed(case)


TOGETHER = (
    Row(
        "two-collectors-one-killed",
        "the next start ends what the dead one left, and leaves the live one alone",
        number=25,
        jobs=4,
        suite="steady",
        stored=Stored.WHAT_ENDED,
        play=one_of_two_is_killed,
        short=True,
    ),
    *(
        Row(
            f"killed-twice-{name}",
            "killed again while the next start finishes the first: the one after that does",
            number=3,
            jobs=IN_FLIGHT,
            local={"FAULT_KILL": f"after:{{count}}:*{pattern}*"},
            codes=KILLED,
            stored=Stored.WHAT_ENDED,
            play=killed_twice,
        )
        for name, pattern in (("launched", '"record":"launched"'), ("stored", '"record":"stored"'))
    ),
)
