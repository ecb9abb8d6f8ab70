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
    return [*_rows(smooth, SMOOTH), *_rows(rough, ROUGH)]


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
    case.lane.fault("clear")
    runs = case.home.runs()
    done = frozenset({DONE})
    if runs and case.random.random() < 0.5 and case.journal_has_begun():
        case.command("run", "--resume", runs[-1], "--progress", "plain", codes=done)
        for instance_type in case.types:
            case.must_be_stored([instance_type])
    else:
        case.finish(case.start(types=["t3.large"], local={}), done)
        case.must_be_stored(["t3.large"])
    case.command("cleanup", "--yes", codes=done)
