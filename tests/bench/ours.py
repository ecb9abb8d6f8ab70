"""The benchmark program itself, called as a peer would be: a suite's document, and what is read from it."""

import json
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.peers import NoFigure

LONGEST = 90.0
"""Seconds that one call may take; a suite takes 20 at most unless it is told otherwise."""


class NotMeasured(RuntimeError):
    """The program itself gave no result: an error of ours, not a figure that is missing."""


@dataclass(frozen=True)
class Document:
    """A suite's document (docs/container-protocol.md)."""

    content: dict

    def median(self, metric: str) -> float:
        for row in self.content["metrics"]:
            if row["name"] == metric:
                if row["samples"] is None:
                    raise NoFigure(f"this machine has no {metric}")
                return statistics.median(row["samples"])
        raise NotMeasured(f"the suite {self.content['suite']} has no metric {metric}")

    def medians(self) -> dict[str, float]:
        """Of every metric that this machine has."""
        rows = [row for row in self.content["metrics"] if row["samples"] is not None]
        return {row["name"]: statistics.median(row["samples"]) for row in rows}

    @property
    def parameters(self) -> dict:
        return self.content["parameters"]

    @property
    def clock_ghz(self) -> float:
        """Measured by the program."""
        return self.content["system"]["clock_ghz"]

    @property
    def seconds(self) -> float:
        return self.content["duration_seconds"]


def run(program: Path, suite: str, *parameters: str) -> Document:
    done = _call([str(program), "run", suite, *parameters])
    return Document(json.loads(done))


def latency_alone(program: Path, size: int) -> tuple[float, float]:
    """The latency of memory of this size in ns, and the seconds that finding it out took (latency_alone.c)."""
    words = dict(line.split() for line in _call([str(program), str(size)]).splitlines())
    return float(words["ns"]), float(words["seconds"])


def _call(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotMeasured(f"{' '.join(command)}: {error}") from error
    if done.returncode != 0:
        words = (done.stderr.strip() or "no word").splitlines()[-1]
        raise NotMeasured(f"{' '.join(command)} ended with exit code {done.returncode}: {words}")
    return done.stdout
