"""Measures the collector in the sandbox that the environment names, prints a table and writes the figures as JSON."""

import argparse
import statistics
import sys
import time
from pathlib import Path

from bench import engine, figures
from bench.figures import Overhead
from bench.runs import NotMeasured, Order, Run, host_is_busy, run

MOST_SECONDS = 640
"""For everything; what isn't measured by then is not measured."""

SUITE = "pause-no-measurement"
"""The suite of fixed_suite.c."""
SUITE_SECONDS = 60
"""The most that the default suites take: three of at most 20 seconds each."""

FIVE = ["m7i.large", "m6i.large", "c7i.large", "r7i.large", "c6i.large"]
"""One run launches each type once; to the sandbox these are equal: two x86 processors."""
SIXTEEN = [
    *FIVE,
    *("m5.large", "m5a.large", "m6a.large", "m7a.large", "c5.large", "c5a.large", "c6a.large", "c7a.large"),
    *("r5.large", "r5a.large", "r6i.large"),
]
MEMORY_SECONDS = 12
"""Long enough that sixteen suites overlap: EC2 allows two launches a second, after the first five."""
UNIVERSAL = Order(FIVE[:3], 1, "stream", "max-seconds=1,max-memory=33554432")


class Bench:
    """The schedule: the same sandbox, program and suite for all that is compared."""

    def __init__(self, image: Path, state_delay: float) -> None:
        self._image = image
        self._state_delay = state_delay
        self._started = time.monotonic()

    def measure(self, universal: Path) -> tuple[list[figures.Figure], list[Overhead]]:
        together = self._pause(SIXTEEN, 16, MEMORY_SECONDS)
        if together.most_at_once() < len(SIXTEEN):
            raise NotMeasured(f"only {together.most_at_once()} of {len(SIXTEEN)} suites ran at the same time")
        container = self._run(UNIVERSAL)
        parallel = [self._pause(FIVE, 5, SUITE_SECONDS)]
        alone = self._pause(FIVE, 1, SUITE_SECONDS, watch_boots=True)
        parallel += [self._pause(FIVE, 5, SUITE_SECONDS) for _ in range(2)]
        containers = self._engine(universal)
        if any(job.answers is None for job in alone.jobs):
            raise NotMeasured("a machine answered before it was watched")
        found = [
            figures.parallel_efficiency(alone, parallel),
            figures.overhead_per_instance(alone, self._state_delay, containers),
            figures.engine_per_container(containers),
            figures.memory_per_worker(alone, together),
            figures.image_size(universal),
            figures.ssh_to_container(container),
        ]
        return found, [figures.overhead_of(job, self._state_delay) for job in alone.jobs]

    def _engine(self, image: Path) -> list[float]:
        try:
            return engine.measured(image)["container"]
        except engine.NoEngine as error:
            raise NotMeasured(f"the engine alone: {error}") from error

    def _pause(self, types: list[str], concurrency: int, seconds: float, watch_boots: bool = False) -> Run:
        return self._run(Order(types, concurrency, SUITE, f"seconds={seconds}", self._image, watch_boots))

    def _run(self, order: Order) -> Run:
        done = run(order, self._started + MOST_SECONDS)
        _say(
            f"{len(order.types)} instances, {order.concurrency} at a time, suite {order.suite} {order.suite_options}: "
            f"{done.wall_seconds:.2f} s, peak {done.peak_kib / 1024:.1f} MiB"
        )
        return done


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _explain(overheads: list[Overhead]) -> str:
    parts = {
        part: statistics.median(getattr(overhead, part) for overhead in overheads)
        for part in ("launch", "reach", "container", "end")
    }
    return "with the engine, by parts: " + ", ".join(f"{name} {seconds:.3f} s" for name, seconds in parts.items())


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--image", type=Path, required=True, help="archive with the suite of fixed duration")
    parser.add_argument("--universal", type=Path, required=True, help="archive with the universal image")
    parser.add_argument("--state-delay", type=float, required=True, help="the sandbox's, in seconds")
    parser.add_argument("--output", type=Path, required=True, help="the figures as JSON")
    options = parser.parse_args()
    options.output.unlink(missing_ok=True)
    load = host_is_busy()
    if load:
        _say(f"warning: this machine is busy with other work (load {load:.1f}): times will be worse than they could be")
    try:
        found, overheads = Bench(options.image, options.state_delay).measure(options.universal)
    except NotMeasured as error:
        _say(f"bench: not measured: {error}")
        return 1
    figures.write(found, options.output)
    print(figures.table(found))
    print(_explain(overheads))
    print(f"written to {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
