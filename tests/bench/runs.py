"""One run of the collector against the sandbox: how long it took, how much memory, when each job got where."""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.boots import BootWatch

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "aws-benchmark-collector"
LAST_WORDS = 5
"""Lines of a failed run that are shown."""
TEAR_DOWN = 10.0
"""Seconds that a run has to end in once it was interrupted."""


class NotMeasured(RuntimeError):
    """A run did not do what was to be measured; the text is for the user."""


@dataclass(frozen=True)
class Order:
    """What the collector is to do."""

    types: list[str]
    concurrency: int
    suite: str
    suite_options: str
    image: Path | None = None
    """Another image archive than the universal one."""
    watch_boots: bool = False
    """Find out when each machine's sshd really begins to answer."""

    def command(self, directory: Path) -> list[str]:
        words = [str(PROGRAM), "run", "--instance-types", ",".join(self.types)]
        words += ["--max-concurrency", str(self.concurrency)]
        words += ["--benchmarks", self.suite, "--suite-options", self.suite_options]
        words += ["--image-archive", str(self.image)] if self.image else []
        words += ["--output-dir", str(directory / "results"), "--state-dir", str(directory / "state")]
        return [*words, "--progress", "json", "--output", "json"]


@dataclass
class Job:
    """One instance. Times are in seconds since the run began, by the collector's own events."""

    instance_type: str
    instance_id: str | None = None
    reached: dict[str, float] = field(default_factory=dict)
    """When it reached each state; the states are those of docs/architecture.md."""
    first_words: float | None = None
    """When the suite's first line of progress came: its container has started."""
    suite_seconds: float | None = None
    """How long the suite took, as it says itself."""
    answers: float | None = None
    """The last moment at which its sshd was seen not to answer yet."""


@dataclass
class Run:
    """A run that ended well."""

    wall_seconds: float
    peak_kib: int
    """The most memory the program ever had (VmHWM)."""
    jobs: list[Job]

    def most_at_once(self) -> int:
        """Instances whose suites ran at the same time."""
        return max(
            sum(other.first_words <= job.first_words < other.reached["measured"] for other in self.jobs)
            for job in self.jobs
        )


def run(order: Order, deadline: float) -> Run:
    """Carries out an order; all of it is over at the deadline (monotonic), or NotMeasured is raised."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        listener = _Listener(BootWatch() if order.watch_boots else None)
        started = time.monotonic()
        process = subprocess.Popen(
            order.command(Path(directory)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        peak = _PeakMemory(process.pid)
        with _interrupted_at(process, deadline):
            listener.listen(process.stderr)
            status = process.wait()
        wall = time.monotonic() - started
        jobs = listener.jobs(Path(directory) / "results")
        if status != 0 or len(jobs) != len(order.types) or any(job.suite_seconds is None for job in jobs):
            words = [f"a run ended with {status}: {' '.join(process.args)}", *listener.last_words()]
            raise NotMeasured("\n".join(words))
        return Run(wall, peak.kib(), jobs)


@contextlib.contextmanager
def _interrupted_at(process: subprocess.Popen, deadline: float):
    """At the deadline the collector is asked to end, as with Ctrl-C, and a little later it is made to."""
    left = max(0.0, deadline - time.monotonic())
    timers = [
        threading.Timer(left, process.send_signal, [signal.SIGINT]),
        threading.Timer(left + TEAR_DOWN, process.kill),
    ]
    for timer in timers:
        timer.start()
    try:
        yield
    finally:
        process.wait()
        for timer in timers:
            timer.cancel()


class _PeakMemory:
    """Reads a process's peak until it ends. wait4() would not do: it counts from the fork on, which is this Python's
    size, and only exec brings the program's own."""

    INTERVAL = 0.02

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._kib = 0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def kib(self) -> int:
        self._thread.join()
        return self._kib

    def _watch(self) -> None:
        while True:
            try:
                lines = self._status.read_text().splitlines()
            except OSError:
                return
            peaks = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
            if not peaks:  # it has ended and waits to be waited for
                return
            self._kib = peaks[0]
            time.sleep(self.INTERVAL)


class _Listener:
    """Reads what `--progress json` says."""

    def __init__(self, watch: BootWatch | None) -> None:
        self._watch = watch
        self._jobs: dict[int, Job] = {}
        self._lines: list[str] = []
        self._zero = float("inf")
        """The run's beginning on our clock: a line never comes before what it tells."""

    def listen(self, stream) -> None:
        for line in stream:
            now = time.monotonic()
            self._lines.append(line.rstrip())
            with contextlib.suppress(ValueError):
                self._hear(json.loads(line), now)

    def _hear(self, event: dict, now: float) -> None:
        if "elapsed" in event:
            self._zero = min(self._zero, now - event["elapsed"])
        if "job" not in event:
            return
        job = self._jobs.setdefault(event["job"], Job(event["instance_type"]))
        if event["event"] == "progress" and job.first_words is None:
            job.first_words = event["elapsed"]
        if event["event"] != "state":
            return
        job.reached[event["state"]] = event["elapsed"]
        job.instance_id = event["instance_id"] or job.instance_id
        if event["state"] == "launched" and self._watch:
            self._watch.begin(job.instance_id)

    def last_words(self) -> list[str]:
        return self._lines[-LAST_WORDS:]

    def jobs(self, results: Path) -> list[Job]:
        """The jobs, with what the result documents and the watch know of them."""
        by_instance = {job.instance_id: job for job in self._jobs.values()}
        for path in results.rglob("*.json"):
            context = json.loads(path.read_text())["execution_context"]
            by_instance[context["instance_id"]].suite_seconds = context["duration_seconds"]
        for job in self._jobs.values():
            silent_until = self._watch.silent_until(job.instance_id) if self._watch else None
            job.answers = silent_until - self._zero if silent_until else None
        return list(self._jobs.values())


def host_is_busy() -> float | None:
    """The load average when others work on this host too, else None."""
    load = os.getloadavg()[0]
    return load if load > 0.5 * (os.cpu_count() or 1) else None
