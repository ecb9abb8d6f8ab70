"""What a row of the table of faults is made of."""

import enum
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fault.case import Case

DONE = 0
INCOMPLETE = 1
SETUP = 3
MAY_BE_LEFT = 4
INTERRUPTED = 130

ALWAYS = (0, 0)
"""How often an Arm applies."""


def codes(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


class Stored(enum.Enum):
    """Which measurements must be stored in the end."""

    ALL = "all"
    OTHERS = "all but the victim's, of which none"
    NONE = "none"
    WHAT_ENDED = "any, but each that was begun to be kept is"


@dataclass(frozen=True)
class Arm:
    """A fault of the sandbox. `{victim}` in match stands for the instance type that is hit."""

    name: str
    action: str | None = None
    match: str = ""
    times: tuple[int, int] = (1, 1)
    """How often, from and to: the seed chooses. 0: always."""

    def arm(self, case: "Case") -> None:
        times = case.random.randint(*self.times)
        case.lane.arm(self.name, self.action, self.match.format(victim=case.victim), times)


@dataclass(frozen=True)
class Row:
    """One fault: how it is armed, and what must come of it."""

    name: str
    promise: str
    """What must come of it, for people."""
    number: int | None = None
    """Its place in the list of faults that this work began with."""
    arm: tuple[Arm, ...] = ()
    """Faults of the sandbox."""
    local: dict[str, str] = field(default_factory=dict)
    """Faults of this machine, for preload.c; {count} and {seconds} are chosen by the seed."""
    options: tuple[str, ...] = ()
    """More options of `run`."""
    suite: str = "brief"
    hostile: bool = False
    """The image is the one whose suites behave badly."""
    jobs: int = 3
    codes: frozenset[int] = frozenset({DONE})
    """Exit codes of the run that may come of it."""
    stored: Stored = Stored.ALL
    says: tuple[str, ...] = ()
    """Words that stand on stderr or stdout in the end."""
    launches: int | None = None
    """Instances that are made in all, where that is not one for each job."""
    bucket: bool = True
    foreign: bool = False
    """Something of others lies under the key of the victim's result, which is on disk alone."""
    play: "Callable[[Case], None] | None" = None
    """What is done instead of one run."""
    limit: float = 60.0
    """Seconds that each start of the program has."""
    short: bool = False
    """Part of the short selection."""


def chooser(seed: int, name: str) -> random.Random:
    """The choices of one fault under one seed: the same every time."""
    return random.Random(f"{seed} {name}")
