"""The peers of the benchmark program: how each is found, called and read. A peer that is missing, ends badly or prints
nonsense raises NoFigure, whose text is for the user."""

import contextlib
import math
import os
import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

MIB = 1 << 20
LONGEST = 120.0
"""Seconds that one call of a peer may take."""


class NoFigure(RuntimeError):
    """A peer gives no number; the text says which peer, and what became of it."""


@dataclass(frozen=True)
class Program:
    """A peer's program, and where it may come from."""

    name: str
    remedy: str
    """What to do when it is missing."""
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: object, environment: dict[str, str] | None = None, folder: Path | None = None) -> str:
        """What it prints on stdout."""
        path = find(self.name)
        if path is None:
            raise NoFigure(f"no peer: {self.name} is missing ({self.remedy})")
        command = [str(path), *map(str, arguments)]
        try:
            done = subprocess.run(
                command,
                env={**os.environ, **self.environment, **(environment or {})},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=LONGEST,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise NoFigure(f"{self.name} was not done after {LONGEST:.0f} s: {' '.join(command)}") from error
        except OSError as error:
            raise NoFigure(f"{self.name} can't be started: {error}") from error
        if done.returncode != 0:
            how = f"signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
            words = (done.stderr.strip() or done.stdout.strip() or "no word").splitlines()[-1]
            raise NoFigure(f"{self.name} ended with {how}: {words[:160]}")
        return done.stdout


def find(name: str) -> Path | None:
    """In PEERS_DIR, else on the PATH."""
    own = os.environ.get("PEERS_DIR")
    if own and (Path(own) / name).is_file():
        return (Path(own) / name).resolve()
    found = shutil.which(name)
    return Path(found) if found else None


def number(peer: str, name: str, text: str) -> float:
    """A measurement out of a peer's text: finite, above 0."""
    with contextlib.suppress(ValueError):
        value = float(text)
        if math.isfinite(value) and value > 0:
            return value
    raise NoFigure(f"{peer} prints nonsense: {name} is {text[:40]!r}")


def _field(peer: str, pattern: str, name: str, text: str) -> float:
    """The number in the first line that fits; the pattern has it as its only group."""
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        raise NoFigure(f"{peer} prints nonsense: no {name} in what it says")
    return number(peer, name, match.group(1))


# --- stream.c ---------------------------------------------------------------------------------------------------------

STREAM = Program("stream", "build it from stream.c into PEERS_DIR; docs/benchmarks.md says how")
STREAM_OPERATIONS = {"copy": 16, "scale": 16, "add": 24, "triad": 24}


def parse_stream(text: str) -> dict[str, float]:
    """GB/s by operation: the best pass, which is what stream.c reports, and as OPERATION.average the average one."""
    if "Solution Validates" not in text:
        raise NoFigure("stream prints nonsense: it does not say that its solution validates")
    found = {}
    for operation in STREAM_OPERATIONS:
        line = re.search(rf"^{operation}:\s+(\S+)\s+(\S+)\s+(\S+)", text, re.MULTILINE | re.IGNORECASE)
        if line is None:
            raise NoFigure(f"stream prints nonsense: no line for {operation}")
        best, average, least = (number("stream", operation, word) for word in line.groups())
        found[operation] = best / 1e3
        found[f"{operation}.average"] = best / 1e3 * least / average
    return found


def stream(threads: int, huge_pages: Path) -> dict[str, float]:
    """huge_pages: the library that gives its static arrays huge pages."""
    placed = {"OMP_NUM_THREADS": str(threads), "OMP_PROC_BIND": "true", "LD_PRELOAD": str(huge_pages)}
    return parse_stream(STREAM.run(environment=placed))


# --- likwid-bench -----------------------------------------------------------------------------------------------------

LIKWID = Program(
    "likwid-bench", "scripts/bootstrap.sh peers", environment={"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
)
LIKWID_TRIADS = ("stream_mem", "stream_mem_sse", "stream_mem_sse_fma", "stream_mem_avx", "stream_mem_avx_fma")
LIKWID_WIDE_TRIADS = ("stream_mem_avx512",)
LIKWID_PEAKS = {"avx2": "peakflops_avx_fma", "avx512": "peakflops_avx512_fma"}


def parse_likwid(text: str) -> dict[str, float]:
    """GB/s, and GFLOPS where the kernel computes."""
    found = {"bandwidth": _field("likwid-bench", r"^MByte/s:\s+(\S+)", "MByte/s", text) / 1e3}
    if re.search(r"^Number of Flops:\s+0*[1-9]", text, re.MULTILINE):
        found["gflops"] = _field("likwid-bench", r"^MFlops/s:\s+(\S+)", "MFlops/s", text) / 1e3
    return found


def likwid(kernel: str, size: str, threads: int, seconds: int = 1) -> dict[str, float]:
    """One kernel over `size` in all, such as 384MB; each thread touches its part first."""
    return parse_likwid(LIKWID.run("-t", kernel, "-s", seconds, "-W", f"N:{size}:{threads}"))


# --- sc-membench, multichase ------------------------------------------------------------------------------------------

MEMBENCH = Program("sc-membench", "build it into PEERS_DIR; docs/benchmarks.md says how")
MULTICHASE = Program("multichase", "build it into PEERS_DIR; docs/benchmarks.md says how")


def parse_membench(text: str, operation: str) -> float:
    """GB/s of the operation `read`, ns of `latency`. Its MB are 2^20 bytes."""
    for line in text.splitlines():
        fields = line.split(",")
        if len(fields) == 9 and fields[1] == operation:
            if operation == "latency":
                return number("sc-membench", "latency_ns", fields[3])
            return number("sc-membench", "bandwidth_mb_s", fields[2]) * MIB / 1e9
    raise NoFigure(f"sc-membench prints nonsense: no line for {operation}")


def membench(operation: str, size: int) -> float:
    """One thread, on huge pages where they help; size in bytes."""
    return parse_membench(MEMBENCH.run("-H", "-p", 1, "-s", size // 1024, "-o", operation), operation)


def parse_multichase(text: str) -> float:
    """ns; the only number that it prints."""
    return number("multichase", "latency", text.strip())


def multichase(size: int, stride: int) -> float:
    """Average of a step, on huge pages."""
    return parse_multichase(MULTICHASE.run("-a", "-H", "-m", size, "-s", stride, "-n", 3))


# --- OpenBLAS, hpcc ---------------------------------------------------------------------------------------------------

OPENBLAS = Program("peer_openblas", "scripts/bootstrap.sh peers, then make bench-container builds it")
OPENBLAS_CORES = {"avx2": ("Haswell", "Zen"), "avx512": ("", "SkylakeX")}
"""Its kernels of an instruction set; the empty name is its own choice for this machine."""


def parse_openblas(text: str) -> float:
    """GFLOPS: the median of the repetitions."""
    rates = re.findall(r"^gflops (\S+)$", text, re.MULTILINE)
    if not rates:
        raise NoFigure("peer_openblas prints nonsense: no rate in what it says")
    return statistics.median(number("peer_openblas", "gflops", rate) for rate in rates)


def openblas(routine: str, order: int, threads: int, core: str = "", seconds: int = 2) -> float:
    """dgemm or dgesv; core: an OPENBLAS_CORETYPE, or empty."""
    chosen = {"OPENBLAS_CORETYPE": core} if core else {}
    return parse_openblas(OPENBLAS.run(routine, order, seconds, threads, environment=chosen))


HPCC_MPI = Program("mpirun", "scripts/bootstrap.sh peers")
HPCC = Program("hpcc", "scripts/bootstrap.sh peers")


def parse_hpcc(text: str) -> dict[str, float]:
    """GFLOPS of HPL, and of one process's DGEMM while all are at it, out of hpccoutf.txt."""
    if not re.search(r"^Success=1$", text, re.MULTILINE):
        raise NoFigure("hpcc prints nonsense: it does not say that it succeeded")
    return {
        "hpl": _field("hpcc", r"^HPL_Tflops=(\S+)$", "HPL_Tflops", text) * 1e3,
        "dgemm": _field("hpcc", r"^StarDGEMM_Gflops=(\S+)$", "StarDGEMM_Gflops", text),
    }


def hpcc(order: int, processes: int) -> dict[str, float]:
    """One process to a CPU, each with one thread."""
    if find(HPCC.name) is None:
        raise NoFigure(f"no peer: hpcc is missing ({HPCC.remedy})")
    with tempfile.TemporaryDirectory(prefix="hpcc-") as name:
        folder = Path(name)
        (folder / "hpccinf.txt").write_text("\n".join(_hpcc_input(order, processes)) + "\n")
        HPCC_MPI.run(
            *("--allow-run-as-root", "--oversubscribe", "-np", processes, find(HPCC.name)),
            environment={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            folder=folder,
        )
        return parse_hpcc((folder / "hpccoutf.txt").read_text(errors="replace"))


def _hpcc_input(order: int, processes: int) -> Iterator[str]:
    """Its input: values by line, in HPL's order, then those of PTRANS."""
    yield from ("input", "of one problem", "out", "8")
    yield from ("1", str(order), "1", "192")
    yield from ("0", "1", "1", str(processes), "16.0")
    yield from ("1", "2", "1", "4", "1", "2", "1", "1", "1", "1", "1", "0")
    yield from ("2", "64", "0", "0", "1", "8")
    yield from ("PTRANS", "0", "1200", "0", "64")
