"""One fault, tried once."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fault.lane import BUCKET, Lane
from fault.programs import POLL, Build, Ended, Home, Running
from fault.rows import Row, chooser

X86 = ("m7i.large", "c7i.large", "r7i.large", "m6i.large", "c6i.large", "r6i.large", "m5.large", "c5.large")
ARM = ("c7g.large", "m7g.large", "r6g.large")
DEADLINES = {
    "boot-timeout": 25,
    "timeout": 20,
    "store-timeout": 20,
    "teardown-timeout": 20,
    "lookup-timeout": 2,
    "host-key-grace": 3,
    "silence-timeout": 5,
    "lease": 30,
}
"""Seconds; what takes minutes on AWS takes seconds here."""


@dataclass(frozen=True)
class Abilities:
    """What the program can do, by its own help."""

    options: frozenset[str] = frozenset()
    """Of `run`."""
    commands: frozenset[str] = frozenset()


class Case:
    """A row under a seed: its choices, its home, and every start of the program."""

    def __init__(self, row: Row, seed: int, lane: Lane, build: Build, directory: Path, abilities: Abilities) -> None:
        self.row = row
        self.seed = seed
        self.lane = lane
        self.build = build
        self.random = chooser(seed, row.name)
        self.options = abilities.options
        self.has_cleanup = "cleanup" in abilities.commands
        self.types = self._choose_types()
        self.victim = self.random.choice(self.types)
        self.home = Home(directory, build, lane.environment)
        self.prefix = directory.name
        self.ended: list[Ended] = []
        self.unmet: list[str] = []
        """What did not go as the row says, in words."""
        self.own_suites = not row.hostile
        self.forgive_groups = False
        """Nobody was there to remove a security group, which costs nothing."""

    def _choose_types(self) -> list[str]:
        """With one arm64 machine among them at most; where the image has both."""
        types = self.random.sample(X86, self.row.jobs)
        if not self.row.hostile and self.row.jobs > 2 and self.random.random() < 0.5:
            types[self.random.randrange(len(types))] = self.random.choice(ARM)
        return types

    # --- what a row's play is made of -----------------------------------------------------------------------

    def play(self) -> None:
        """Does it all; whatever happens, no fault stays armed and no program is left."""
        logged = len(self.lane.requests())
        try:
            for arm in self.row.arm:
                arm.arm(self)
            if self.row.play:
                self.row.play(self)
            else:
                self.run()
            self._check_that_it_came_to_pass(logged)
        finally:
            self.lane.disarm()

    def _check_that_it_came_to_pass(self, logged: int) -> None:
        """A fault that nothing met proves nothing."""
        met = {fault for entry in self.lane.requests(logged) for fault in _faults_of(entry)}
        unused = self.lane.armed()
        for arm in self.row.arm:
            name = arm.name.partition(":")[0]
            if name not in met and name in unused:
                self.unmet.append(f"the fault {arm.name} was never met")
        self.unmet += _strange(self.lane.requests(logged))
        if self.row.local and not any(ended.faults_met for ended in self.ended):
            self.unmet.append(f"the fault {self.row.local} was never met")

    def run(self) -> Ended:
        """One run, to its end."""
        return self.finish(self.start())

    def start(
        self,
        *words: str,
        types: list[str] | None = None,
        local: dict[str, str] | None = None,
        more: dict[str, str] | None = None,
    ) -> Running:
        """A run, with more words and variables; local: other faults of this machine than the row's."""
        faults = self.chosen(self.row.local if local is None else local)
        return self.home.start(*self.run_words(types or self.types), *words, faults=faults, more=more)

    def start_unheard(self) -> Running:
        """A run whose standard output and error lead nowhere."""
        return self.home.start(*self.run_words(self.types), unheard=True)

    def must_be_stored(self, types: list[str]) -> None:
        """One result of each of these, on disk; whether it is in the bucket as well, the auditor looks."""
        for instance_type in types:
            if not any(f"/instance_type={instance_type}/" in key for key in self.home.spool()):
                self.unmet.append(f"no result of {instance_type}")

    def journal_has_begun(self) -> bool:
        """There is a journal, and it says what the run is: its first line is whole."""
        journals = self.home.journals()
        lines = journals[-1].read_bytes().splitlines(keepends=True) if journals else []
        return bool(lines) and lines[0].endswith(b"\n")

    def command(self, *words: str, codes: frozenset[int] | None = None) -> Ended:
        """Another command of the program, which must end with one of these codes."""
        return self.finish(self.home.start(*words), codes)

    def finish(self, running: Running, codes: frozenset[int] | None = None) -> Ended:
        """Waits for the end of a program, which must be one of these codes; the row's, if none are given."""
        ended = running.wait(self.row.limit * self.build.slowness)
        self.ended.append(ended)
        self.lane.witness.look()
        allowed = self.row.codes if codes is None else codes
        last = " | ".join(ended.err.splitlines()[-3:])
        if ended.hung:
            limit = self.row.limit * self.build.slowness
            self.unmet.append(f"`{ended.words[0]}` did not end in {limit:.0f} s; {self._last_answered()}: {last}")
        elif ended.code not in allowed:
            self.unmet.append(f"`{ended.words[0]}` ended with {ended.code}, not with {sorted(allowed)}: {last}")
        return ended

    def _last_answered(self) -> str:
        """What AWS answered last: where a program hangs, that says how far it came."""
        last = self.lane.requests()[-1:]
        return "".join(f"{one['action']} was answered {time.time() - one['time']:.1f} s ago" for one in last)

    def run_words(self, types: list[str]) -> list[str]:
        words = ["run", "--instance-types", ",".join(types), "--max-concurrency", str(len(types))]
        words += ["--benchmarks", self.row.suite, "--output-dir", "results", "--progress", "plain", "--output", "json"]
        if self.row.bucket:
            words += ["--s3-bucket", f"{BUCKET}/{self.prefix}"]
        if self.row.hostile:
            words += ["--image-archive", str(self.build.hostile)]
        return [*words, *self.deadlines(), *self.row.options]

    def deadlines(self) -> list[str]:
        """Without those that the row sets itself."""
        words = []
        for name, seconds in DEADLINES.items():
            if name in self.options and f"--{name}" not in self.row.options:
                words += [f"--{name}", f"{int(seconds * self.build.slowness)}s"]
        return words

    def chosen(self, faults: dict[str, str]) -> dict[str, str]:
        """Local faults with their count and their moment."""
        choices = {
            "{count}": str(self.random.randint(1, self.row.jobs)),
            "{late}": str(self.random.randint(4, 4 + 10 * self.row.jobs)),
            "{before}": self.random.choice(["before", "torn"]),
            "{after}": "after",
            "{seconds}": str(round(self.random.uniform(0, 3), 2)),
        }
        return {name: _filled_in(text, choices) for name, text in faults.items()}

    def wait_for(self, condition: Callable[[], bool], what: str, seconds: float = 30) -> bool:
        """Polls until the condition holds; that it never does is held against the program."""
        end = time.monotonic() + seconds * self.build.slowness
        while not condition():
            if time.monotonic() > end:
                self.unmet.append(f"{what}: not in {seconds:.0f} s")
                return False
            time.sleep(POLL)
        return True

    def sleep(self, least: float, most: float) -> None:
        """A moment that the seed chooses."""
        time.sleep(self.random.uniform(least, most))

    def says(self, running: Running, word: str) -> Callable[[], bool]:
        """The condition that a running program has said a word, or is over."""
        return lambda: word in running.said() or not running.is_running()



def _filled_in(text: str, choices: dict[str, str]) -> str:
    for name, value in choices.items():
        text = text.replace(name, value)
    return text


def _strange(requests: list[dict[str, Any]]) -> list[str]:
    """What the program should never ask."""
    redirected = sum("followed_redirect" in entry for entry in requests)
    unmodelled = sorted({entry["action"] for entry in requests if "unmodelled" in entry})
    found = [f"a redirect was followed {redirected} times"] if redirected else []
    return [*found, *(f"the sandbox does not know {action}" for action in unmodelled)]


def _faults_of(entry: dict[str, Any]) -> list[str]:
    """The names of the faults that a request met, by the sandbox's log."""
    return [word.partition(":")[0] for word in entry.get("fault", "").split()]
