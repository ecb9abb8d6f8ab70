"""Tries every fault of the table, several times over, in sandboxes of its own; `make fault`."""

import argparse
import contextlib
import math
import queue
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from fault import kills
from fault.auditor import Auditor
from fault.case import Abilities, Case
from fault.lane import Lane, take_number
from fault.programs import Build, the_build
from fault.report import Summary, Tried
from fault.rows import Row
from fault.table import ROWS


FAULTS_A_SANDBOX = 12
FEWEST_FAULTS = 25
"""Fewer prove nothing, however little time there was."""


class Runner:
    """Tries faults in as many sandboxes as there are lanes, a fault at a time in each."""

    def __init__(self, build: Build, lanes: list[Lane], directory: Path, minutes: float = math.inf) -> None:
        self._deadline = time.monotonic() + minutes * 60
        self._build = build
        self._auditors = {lane: Auditor(lane) for lane in lanes}
        self._used = dict.fromkeys(lanes, 0)
        self._directory = directory
        self._abilities = _abilities(build)
        self._lock = threading.Lock()
        self._waiting: queue.SimpleQueue[tuple[Row, int]] = queue.SimpleQueue()
        self.tried: list[Tried] = []
        self.journals: dict[str, list[str]] = {}
        """The lines of every run that was let go on to its end, by the name of its row."""
        self.failure: str | None = None

    @property
    def can_resume(self) -> bool:
        return "resume" in self._abilities.options

    def try_all(self, todo: Iterable[tuple[Row, int]]) -> None:
        for one in todo:
            self._waiting.put(one)
        workers = [threading.Thread(target=self._work, args=[lane], daemon=True) for lane in self._auditors]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def _work(self, lane: Lane) -> None:
        try:
            while not self.failure and time.monotonic() < self._deadline:
                self._try(*self._waiting.get_nowait(), lane)
        except queue.Empty:
            pass
        except Exception as error:  # whatever it is, what was tried must not pass for all
            traceback.print_exc()
            self.failure = repr(error)

    def _auditor_of(self, lane: Lane) -> Auditor:
        """For the next fault; now and then with a new sandbox."""
        if self._used[lane] == FAULTS_A_SANDBOX:
            lane.renew()
            self._auditors[lane] = Auditor(lane)
            self._used[lane] = 0
        self._used[lane] += 1
        return self._auditors[lane]

    def _try(self, row: Row, seed: int, lane: Lane) -> None:
        directory = self._directory / f"{row.name}-{seed}"
        auditor = self._auditor_of(lane)
        case = Case(row, seed, lane, self._build, directory, self._abilities)
        started = time.monotonic()
        auditor.begin()
        case.play()
        verdict = auditor.audit(case)
        codes = tuple(ended.code for ended in case.ended)
        tried = Tried(row, seed, time.monotonic() - started, codes, verdict)
        with self._lock:
            self.journals[row.name] = [line for path in case.home.journals() for line in path.read_text().splitlines()]
            self.tried.append(tried)
            print(tried.line(), flush=True)
        if verdict.holds:
            shutil.rmtree(directory)


def _abilities(build: Build) -> Abilities:
    words = [*build.prefix, build.program]
    text = subprocess.run([*words, "run", "--help"], capture_output=True, text=True, check=True).stdout
    commands = subprocess.run([*words, "help"], capture_output=True, text=True, check=True).stdout
    return Abilities(
        frozenset(re.findall(r"--([a-z0-9-]+)", text)), frozenset(re.findall(r"^  ([a-z]+)  ", commands, re.MULTILINE))
    )


def _chosen(options: argparse.Namespace, rows: Iterable[Row]) -> list[Row]:
    found = [row for row in rows if not options.only or re.search(options.only, row.name)]
    return [row for row in found if row.short] if options.short else found


def _order(rows: list[Row], seeds: list[int]) -> list[tuple[Row, int]]:
    """A seed at a time, its faults in an order of its own."""
    order = []
    for seed in seeds:
        shuffled = list(rows)
        random.Random(seed).shuffle(shuffled)
        order += [(row, seed) for row in shuffled]
    return order


def _try_everything(runner: Runner, options: argparse.Namespace) -> int:
    """The sources of the kills first; gives the number of what was to be tried."""
    first = _order(list(kills.SOURCES), options.seeds[:1])
    runner.try_all(first)
    rows = [*ROWS, *kills.SOURCES]
    if runner.can_resume and not runner.failure:
        rows += kills.rows(runner.journals)
    todo = [one for one in _order(_chosen(options, rows), options.seeds) if one not in first]
    runner.try_all(todo)
    return len(first) + len(todo)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fault", description=__doc__)
    parser.add_argument("--program", type=Path, help="another build of it")
    parser.add_argument("--no-aslr", action="store_true", help="ThreadSanitizer wants it so")
    parser.add_argument("--slowness", type=float, default=1, help="how much longer everything may take")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--lanes", type=int, default=4, help="sandboxes beside each other")
    parser.add_argument("--only", help="faults whose name has this (a regular expression)")
    parser.add_argument("--short", action="store_true", help="the short selection")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no fault after so many")
    parser.add_argument("--output", type=Path, help="the summary as JSON")
    parser.add_argument("--list", action="store_true", help="only say what would be tried")
    return parser.parse_args()


def main() -> int:
    options = _arguments()
    if options.list:
        for row in _chosen(options, [*ROWS, *kills.SOURCES]):
            print(f"{row.name:<36} {row.promise}")
        return 0
    build = the_build(prefix=("setarch", "-R") if options.no_aslr else (), slowness=options.slowness)
    if options.program:
        build = replace(build, program=options.program.resolve())
    directory = Path(tempfile.mkdtemp(prefix="fault-"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the sandboxes end with this program
    with contextlib.ExitStack() as stack:
        lanes = [stack.enter_context(Lane(take_number())) for _ in range(options.lanes)]
        runner = Runner(build, lanes, directory, options.minutes)
        wanted = _try_everything(runner, options)
    return _conclude(runner, wanted, directory, options)


def _conclude(runner: Runner, wanted: int, directory: Path, options: argparse.Namespace) -> int:
    summary = Summary(runner.tried)
    left = wanted - len(runner.tried)
    if options.output:
        summary.write(options.output)
    if left and not runner.failure and options.minutes < math.inf and summary.faults >= FEWEST_FAULTS:
        print(f"not tried, the time was up: {left} of {wanted}")
        left = 0
    if runner.failure or left:
        print(f"fault: not finished: {runner.failure}", file=sys.stderr)
        return 2
    if summary.holds:
        shutil.rmtree(directory)
    else:
        print(f"what the programs wrote is in {directory}", file=sys.stderr)
    if broken := summary.broken_promises():
        print(broken)
    print(summary.line())
    return 0 if summary.holds else 1


if __name__ == "__main__":
    sys.exit(main())
