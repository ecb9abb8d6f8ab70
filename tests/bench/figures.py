"""The figures: what is computed from runs, and what is wanted of it."""

import json
import operator
import statistics
from dataclasses import dataclass
from pathlib import Path

from bench.runs import Job, Run

def _within(ratio: float, per_cent: float) -> bool:
    return abs(ratio - 1) <= per_cent / 100


_COMPARISONS = {">=": operator.ge, "<=": operator.le, "<": operator.lt, "within": _within}


@dataclass(frozen=True)
class Figure:
    """A measured number: its samples, and the bar, if there is one: ">= 0.97", or for a ratio "within 3 %" of one.
    Without samples there is a note that says why, and nothing is held to the bar."""

    name: str
    unit: str
    samples: list[float]
    wanted: str | None = None
    note: str | None = None

    @property
    def value(self) -> float | None:
        return statistics.median(self.samples) if self.samples else None

    @property
    def holds(self) -> bool | None:
        if self.wanted is None or self.value is None:
            return None
        comparison, bar = self.wanted.split()[:2]
        return _COMPARISONS[comparison](self.value, float(bar))

    def as_json(self) -> dict:
        found = {
            "value": _rounded(self.value),
            "unit": self.unit,
            "min": _rounded(min(self.samples, default=None)),
            "max": _rounded(max(self.samples, default=None)),
            "wanted": self.wanted,
            "holds": self.holds,
        }
        return {**found, "note": self.note} if self.note else found


def ratio(name: str, ours: list[float], theirs: list[float], wanted: str | None = None, note: str | None = None):
    """Ours to a peer's, one element of each for each turn. What is measured within seconds of each other is compared,
    turn by turn: a shared machine may be half as fast in the next."""
    return Figure(name, "ratio", [mine / other for mine, other in zip(ours, theirs, strict=True)], wanted, note)


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)


@dataclass(frozen=True)
class Overhead:
    """Where an instance's time goes that is neither boot, transfer nor benchmark, in seconds. Together the parts are
    all that there is between intent and terminated, without what the cloud and the suite took."""

    launch: float
    """intent to launched: the call that launches"""
    reach: float
    """from an sshd that answers to a machine that is verified, logged into, and done with its first boot"""
    container: float
    """delivered to measured, without the suite's own duration: start and end of the container, its output; the engine
    takes most of it"""
    end: float
    """measured to terminated, without the cloud's shutting-down: storing, the call that terminates, finding out"""

    @property
    def seconds(self) -> float:
        return self.launch + self.reach + self.container + self.end


def overhead_of(job: Job, state_delay: float) -> Overhead:
    """state_delay: what the sandbox takes for shutting-down."""
    at = job.reached
    return Overhead(
        launch=at["launched"] - at["intent"],
        reach=at["reachable"] - job.answers,
        container=at["measured"] - at["delivered"] - job.suite_seconds,
        end=at["terminated"] - at["measured"] - state_delay,
    )


def parallel_efficiency(one_at_a_time: Run, all_at_once: list[Run]) -> Figure:
    instances = len(one_at_a_time.jobs)
    samples = [one_at_a_time.wall_seconds / (instances * run.wall_seconds) for run in all_at_once]
    return Figure("parallel_efficiency", "ratio", samples, ">= 0.97")


def overhead_per_instance(run: Run, state_delay: float, engine: list[float]) -> Figure:
    """The program's own: without what the engine takes for a container when nobody is in between."""
    alone = statistics.median(engine)
    samples = [overhead_of(job, state_delay).seconds - alone for job in run.jobs]
    return Figure("overhead_per_instance", "s", samples, "< 0.5 s")


def engine_per_container(engine: list[float]) -> Figure:
    return Figure("engine_per_container", "s", engine)


def memory_per_worker(alone: Run, together: Run) -> Figure:
    workers = len(together.jobs)
    sample = (together.peak_kib - alone.peak_kib) / 1024 / (workers - 1)
    return Figure("memory_per_worker", "MiB", [sample], "< 1 MiB")


def image_size(image: Path) -> Figure:
    return Figure("image_size", "MB", [image.stat().st_size / 1e6], "< 1.5 MB")


def ssh_to_container(run: Run) -> Figure:
    samples = [job.first_words - job.reached["reachable"] for job in run.jobs]
    return Figure("ssh_to_container", "s", samples)


def table(figures: list[Figure]) -> str:
    """As a person reads it."""
    verdicts = {True: "yes", False: "NO", None: "-"}
    rows = [("FIGURE", "VALUE", "MIN", "MAX", "UNIT", "WANTED", "HOLDS")]
    for figure in figures:
        ends = (figure.value, min(figure.samples, default=None), max(figure.samples, default=None))
        numbers = ["-" if number is None else f"{number:.3f}" for number in ends]
        rows.append((figure.name, *numbers, figure.unit, figure.wanted or "-", verdicts[figure.holds]))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    return "\n".join(lines)


def write(figures: list[Figure], path: Path) -> None:
    """{name: {value, unit, min, max, wanted, holds}}, and a note where there is one"""
    path.write_text(json.dumps({figure.name: figure.as_json() for figure in figures}, indent=2) + "\n")
