"""Measures the benchmark program side by side with its peers: in short turns, so that what changes on the machine
meanwhile meets all of them. Prints a table and writes the figures as JSON; docs/benchmarks.md explains them."""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import engine, figures, ours, peers
from bench.container_figures import COMPARISONS, LANES, Readings, compare, peak
from bench.figures import Figure
from bench.ours import Document, NotMeasured
from bench.peers import NoFigure
from bench.runs import host_is_busy

TURNS = 9
"""Of each part of the schedule."""
MOST_SECONDS = 600
"""For all turns; parts get fewer of them, two at least, when time runs short."""

MEMORY_SET = ("stream", "cache", "numa")
MEMORY_SETS = 2
LATENCY_BYTES = 256 << 20
HPL_ORDER = 4000
"""Its other parts, which can't be left out, take far longer than this."""


@dataclass(frozen=True)
class Tools:
    """What was built for this: the benchmark program, its image, our small programs."""

    universal: Path
    image: Path
    parts: Path

    @property
    def latency_alone(self) -> Path:
        return self.parts / "latency-alone"

    @property
    def huge_pages(self) -> Path:
        return self.parts / "huge-pages.so"


class Bench:
    """Part by part, each in short turns: ours, its peers, ours again. A shared machine may be half as fast a minute
    later, so what is compared is measured within seconds of each other, and again some times."""

    def __init__(self, tools: Tools, turns: int) -> None:
        self._tools = tools
        self._turns = turns
        self._threads = len(os.sched_getaffinity(0))
        self._readings = Readings({}, {})
        self._turn_documents: dict[str, list[Document]] = {}
        self._documents: dict[str, list[Document]] = {}
        """Of the memory suites with their own time."""
        self._started = time.monotonic()

    def measure(self) -> list[Figure]:
        engine = engine_figures(self._tools.image)
        self._peer("hpcc", lambda: peers.hpcc(HPL_ORDER, self._threads))
        # what takes longest comes last
        parts = (self._vector, self._latency, self._stream, self._caches, self._triad, self._linear)
        for position, part in enumerate(parts):
            self._take_turns(part, len(parts) - position)
        for _ in range(MEMORY_SETS):
            for suite in MEMORY_SET:
                self._documents.setdefault(suite, []).append(ours.run(self._tools.universal, suite))
        found = [compare(comparison, self._readings) for comparison in COMPARISONS]
        return [*found, *self._peaks(), *engine, figures.image_size(self._tools.image), *self._memory_set()]

    def _take_turns(self, part: Callable[[], None], parts_left: int) -> None:
        """As many as are wanted, or as fit into this part's share of the time that is left."""
        started = time.monotonic()
        share = (MOST_SECONDS - (started - self._started)) / parts_left
        turns = 0
        while turns < self._turns and (turns < 2 or (time.monotonic() - started) * (turns + 1) / turns < share):
            part()
            turns += 1
        _say(f"{part.__name__.strip('_')}: {turns} turns, {time.monotonic() - started:.0f} s")

    # --- parts, one turn of each --------------------------------------------------------------------------------------

    def _stream(self) -> None:
        self._ours("stream", ours.run(self._tools.universal, "stream", "--max-seconds=4"))
        self._peer("stream.c", lambda: peers.stream(self._threads, self._tools.huge_pages))

    def _triad(self) -> None:
        document = self._ours("triad", ours.run(self._tools.universal, "stream", "--max-seconds=4"))
        megabytes = 3 * document.parameters["array_bytes"] // 1_000_000
        for kernel in (*peers.LIKWID_TRIADS, *self._if_wide(peers.LIKWID_WIDE_TRIADS)):
            self._one(
                f"likwid/{kernel}", lambda k=kernel: peers.likwid(k, f"{megabytes}MB", self._threads)["bandwidth"]
            )

    def _caches(self) -> None:
        document = self._ours("cache", ours.run(self._tools.universal, "cache", "--max-seconds=6"))
        sizes = {
            "l1": document.parameters["l1_working_set_bytes"],
            "l2": document.parameters["l2_working_set_bytes"],
            "memory": document.parameters["memory_working_set_bytes"],
        }
        for level, size in sizes.items():
            self._one(f"sc-membench/{level} read", lambda s=size: peers.membench("read", s))
        for level in ("l1", "l2"):
            size = sizes[level]
            self._one(f"sc-membench/{level} latency", lambda s=size: peers.membench("latency", s))
            self._one(f"multichase/{level} latency", lambda s=size: peers.multichase(s, 64))

    def _latency(self) -> None:
        latency, seconds = ours.latency_alone(self._tools.latency_alone, LATENCY_BYTES)
        self._keep("alone/latency", latency)
        self._keep("alone/seconds", seconds)
        self._peer("sc-membench 256m", self._membench_latency)

    @staticmethod
    def _membench_latency() -> dict[str, float]:
        started = time.monotonic()
        latency = peers.membench("latency", LATENCY_BYTES)
        return {"latency": latency, "seconds": time.monotonic() - started}

    def _linear(self) -> None:
        """Systems and products of the same order for all, which is what our suite finds room and time for. On a CPU
        without choice of instruction sets it is one suite against OpenBLAS's own choice."""
        for position, isa in enumerate(self._isas() or [None]):
            chosen = [f"--isa={isa}"] if isa else []
            document = ours.run(self._tools.universal, "linpack", *chosen, "--max-seconds=8")
            self._ours(f"linpack {isa}", document)
            if position == 0:
                self._ours("linpack", document)
            for core in peers.OPENBLAS_CORES.get(isa, ("",)):
                self._openblas("dgemm", document.parameters["dgemm_order"], core)
                self._openblas("dgesv", round(document.median("problem_size")), core)

    def _openblas(self, routine: str, order: int, core: str) -> None:
        name = f"openblas/{routine} {core or 'default'}"
        self._one(name, lambda: peers.openblas(routine, order, self._threads, core))

    def _vector(self) -> None:
        self._ours("vector", ours.run(self._tools.universal, "vector", "--max-seconds=4"))
        for isa in self._isas():
            kernel = peers.LIKWID_PEAKS[isa]
            size = f"{16 * self._threads}kB"
            self._one(f"likwid/peak {isa}", lambda k=kernel: peers.likwid(k, size, self._threads)["gflops"])

    # --- keeping ----------------------------------------------------------------------------------------------------

    def _ours(self, suite: str, document: Document) -> Document:
        self._turn_documents.setdefault(suite, []).append(document)
        for metric, value in document.medians().items():
            self._keep(f"{suite}/{metric}", value)
        return document

    def _peer(self, source: str, call: Callable[[], dict[str, float]]) -> None:
        """Several readings from one call."""
        if source in self._readings.reasons:
            return
        try:
            for name, value in call().items():
                self._keep(f"{source}/{name}", value)
        except NoFigure as error:
            self._lacks(source, error)

    def _one(self, name: str, call: Callable[[], float]) -> bool:
        """One reading; a peer that failed once is not asked again."""
        if name in self._readings.reasons:
            return False
        try:
            self._keep(name, call())
        except NoFigure as error:
            self._lacks(name, error)
            return False
        return True

    def _keep(self, name: str, value: float) -> None:
        self._readings.values.setdefault(name, []).append(value)

    def _lacks(self, name: str, error: NoFigure) -> None:
        self._readings.reasons[name] = str(error)
        _say(f"{name}: {error}")

    # --- what is not a comparison -----------------------------------------------------------------------------------

    def _isas(self) -> list[str]:
        features = next(iter(self._turn_documents.values()))[0].content["system"]["cpu_features"]
        return [isa for isa, feature in (("avx512", "avx512f"), ("avx2", "fma")) if feature in features]

    def _if_wide(self, kernels: tuple[str, ...]) -> tuple[str, ...]:
        return kernels if "avx512" in self._isas() else ()

    def _peaks(self) -> list[Figure]:
        documents = self._turn_documents["vector"]
        system = documents[0].content["system"]
        shares = {
            isa: [
                document.median(f"{isa}.fp64") / document.parameters["threads"] / document.clock_ghz
                for document in documents
            ]
            for isa in self._isas()
        }
        return [peak(isa, system["cpu_vendor"], cpu_family(), shares) for isa in LANES]

    def _memory_set(self) -> list[Figure]:
        """Time of stream, cache and numa together, and the widest 95 % interval of any of their metrics."""
        sets = list(zip(*(self._documents[suite] for suite in MEMORY_SET), strict=True))
        seconds = [sum(document.seconds for document in documents) for documents in sets]
        widest = [max(100 * document.parameters["widest_interval"] for document in documents) for documents in sets]
        return [
            Figure("memory_set_seconds", "s", seconds, "<= 30 s"),
            Figure("memory_set_interval", "%", widest, "<= 1 %"),
        ]


def cpu_family() -> int | None:
    """Of an x86 CPU."""
    match = re.search(r"^cpu family\s*:\s*(\d+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return int(match.group(1)) if match else None


def engine_figures(image: Path) -> list[Figure]:
    """Of the image in the sandbox's engine."""
    names = {"load": ("image_load", "<= 0.3 s"), "first_sample": ("start_to_first_sample", "< 0.3 s")}
    try:
        found = engine.measured(image)
    except engine.NoEngine as error:
        _say(f"engine: {error}")
        return [Figure(name, "s", [], wanted, f"no figure: {error}") for name, wanted in names.values()]
    return [Figure(name, "s", found[key], wanted) for key, (name, wanted) in names.items()]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.container", description=__doc__)
    parser.add_argument("--universal", type=Path, required=True, help="the benchmark program")
    parser.add_argument("--image", type=Path, required=True, help="archive with the universal image")
    parser.add_argument("--parts", type=Path, required=True, help="folder with the small programs that this needs")
    parser.add_argument("--output", type=Path, required=True, help="the figures as JSON")
    parser.add_argument("--turns", type=int, default=TURNS, help="default: %(default)s")
    options = parser.parse_args()
    options.output.unlink(missing_ok=True)
    load = host_is_busy()
    if load:
        _say(f"warning: this machine is busy with other work (load {load:.1f}): ratios will spread")
    try:
        found = Bench(Tools(options.universal, options.image, options.parts), options.turns).measure()
    except NotMeasured as error:
        _say(f"bench: not measured: {error}")
        return 1
    figures.write(found, options.output)
    print(figures.table(found))
    print("\n".join(f"{figure.name}: {figure.note}" for figure in found if figure.note))
    print(f"written to {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
