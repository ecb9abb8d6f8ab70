"""The program under test: started in a home of its own, with what is to go wrong on this machine, and never without an
end."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SANITIZER_FAILED = 86
"""The exit code that a sanitizer is told to end the program with."""
SANITIZERS = {
    "ASAN_OPTIONS": f"exitcode={SANITIZER_FAILED}:verify_asan_link_order=0:detect_leaks=1",
    "UBSAN_OPTIONS": f"exitcode={SANITIZER_FAILED}:halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": f"exitcode={SANITIZER_FAILED}:halt_on_error=0",
}
POLL = 0.02


@dataclass(frozen=True)
class Build:
    """What is tested, and what it is tested with."""

    program: Path
    preload: Path
    image: Path
    """Archive with the suites of suite.c."""
    hostile: Path
    """Archive whose suites behave badly."""
    prefix: tuple[str, ...] = ()
    """Words before the program's: `setarch -R` for ThreadSanitizer."""
    slowness: float = 1.0
    """How much longer everything may take."""


def the_build(**more: Any) -> Build:
    """The program and its parts where make puts them."""
    root = Path(__file__).resolve().parents[2]
    parts = root / "build/fault"
    program = root / "aws-benchmark-collector"
    return Build(program, parts / "preload.so", parts / "suite.tar", parts / "hostile.tar", **more)


@dataclass(frozen=True)
class Ended:
    """One start of the program, from its beginning to its end."""

    words: tuple[str, ...]
    code: int
    """Negative: the signal that ended it."""
    out: str
    err: str
    seconds: float
    hung: bool
    """It did not end in time, and was killed."""
    faults_met: tuple[str, ...]
    """What preload.c says of itself."""


@dataclass
class Running:
    """A program that was started."""

    process: subprocess.Popen[bytes]
    words: tuple[str, ...]
    out: Path
    err: Path
    report: Path
    started: float = field(default_factory=time.monotonic)

    def said(self) -> str:
        """What it has said on stderr until now."""
        return self.err.read_text(errors="replace")

    def is_running(self) -> bool:
        return self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        if self.is_running():
            self.process.send_signal(number)

    def wait(self, seconds: float) -> Ended:
        """Until it has ended; after so many seconds it is killed, and has hung."""
        hung = False
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            hung = True
            self.process.kill()
            self.process.wait()
        return Ended(
            self.words,
            self.process.returncode,
            self.out.read_text(errors="replace"),
            self.said(),
            time.monotonic() - self.started,
            hung,
            tuple(self.report.read_text().splitlines()) if self.report.exists() else (),
        )


class Home:
    """A directory that is the program's home: its results, its state, its output, and nothing of anybody else's."""

    def __init__(self, directory: Path, build: Build, environment: dict[str, str]) -> None:
        self.directory = directory
        self.results = directory / "results"
        self.state = directory / "state"
        self._build = build
        self._environment = environment
        self._starts = 0
        directory.mkdir(parents=True)

    def start(
        self,
        *words: str,
        faults: dict[str, str] | None = None,
        more: dict[str, str] | None = None,
        unheard: bool = False,
    ) -> Running:
        """faults: for preload.c. more: other variables. unheard: its output goes to a pipe that nobody reads from."""
        self._starts += 1
        base = self.directory / f"start-{self._starts}"
        out, err, report = (base.with_suffix(suffix) for suffix in (".out", ".err", ".faults"))
        variables = {**self._variables(), **(more or {})}
        if faults:
            variables |= {**faults, "LD_PRELOAD": str(self._build.preload), "FAULT_REPORT": str(report)}
        with out.open("wb") as out_file, err.open("wb") as err_file:
            pipe = _broken_pipe() if unheard else None
            process = subprocess.Popen(
                [*self._build.prefix, self._build.program, *words],
                cwd=self.directory,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=pipe or out_file,
                stderr=pipe or err_file,
            )
            if pipe:
                os.close(pipe)
        return Running(process, words, out, err, report)

    def journals(self) -> list[Path]:
        """Those of all runs, oldest first."""
        return sorted(self.state.glob("runs/*/journal.ndjson"))

    def runs(self) -> list[str]:
        return [path.parent.name for path in self.journals()]

    def spool(self) -> dict[str, bytes]:
        """The results on disk, by key."""
        files = self.results.rglob("*.json")
        return {str(path.relative_to(self.results)): path.read_bytes() for path in files}

    def written(self) -> dict[str, bytes]:
        """Every file below, by name: all that the program wrote."""
        files = (path for path in self.directory.rglob("*") if path.is_file())
        return {str(path.relative_to(self.directory)): path.read_bytes() for path in files}

    def _variables(self) -> dict[str, str]:
        return {
            **self._environment,
            **SANITIZERS,
            "HOME": str(self.directory),
            "XDG_STATE_HOME": str(self.directory / "xdg-state"),
            "AWS_CONFIG_FILE": str(self.directory / "aws-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.directory / "aws-credentials"),
            "AWS_BENCHMARK_COLLECTOR_STATE_DIR": str(self.state),
            "AWS_BENCHMARK_COLLECTOR_IMAGE_ARCHIVE": str(self._build.image),
            "LSAN_OPTIONS": "exitcode=86",
            "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
        }


def _broken_pipe() -> int:
    """The writing end of a pipe whose other end is closed."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing
