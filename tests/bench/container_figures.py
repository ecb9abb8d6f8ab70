"""What `make bench-container` compares: which of our numbers stands against which of a peer's, and what is wanted."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from bench.figures import Figure, ratio
from bench.peers import LIKWID_TRIADS, LIKWID_WIDE_TRIADS, OPENBLAS_CORES, STREAM_OPERATIONS

Best = Callable[[list[float]], float]


@dataclass(frozen=True)
class Comparison:
    """One of ours against the best of the peers' that do the same; the names are those of Readings."""

    name: str
    ours: str
    peers: tuple[str, ...]
    wanted: str | None = None
    best: Best = max
    """Which of the peers' medians is the best one: max of rates, min of times."""


def _references() -> list[Comparison]:
    return [
        Comparison(
            f"reference_{operation}_to_stream_c",
            f"stream/{operation}.bandwidth_reference",
            (f"stream.c/{operation}.average",),
            "within 3 %",
        )
        for operation in STREAM_OPERATIONS
    ]


def _products() -> list[Comparison]:
    bars = {"avx512": ">= 1.00", "avx2": ">= 0.98"}
    return [
        Comparison(
            f"dgemm_{isa}_to_openblas",
            f"linpack {isa}/dgemm",
            tuple(f"openblas/dgemm {core or 'default'}" for core in cores),
            bars[isa],
        )
        for isa, cores in OPENBLAS_CORES.items()
    ]


_LIKWID = tuple(f"likwid/{kernel}" for kernel in (*LIKWID_TRIADS, *LIKWID_WIDE_TRIADS))
_SOLVERS = tuple(f"openblas/dgesv {core or 'default'}" for cores in OPENBLAS_CORES.values() for core in cores)
_CHASES = ("sc-membench", "multichase")

COMPARISONS = [
    Comparison("triad_to_likwid", "triad/triad.bandwidth", _LIKWID, ">= 1.05"),
    Comparison("triad_to_stream_c", "stream/triad.bandwidth", ("stream.c/triad",), ">= 1.4"),
    Comparison("scale_to_stream_c", "stream/scale.bandwidth", ("stream.c/scale",), ">= 1.5"),
    Comparison("copy_to_stream_c", "stream/copy.bandwidth", ("stream.c/copy",)),
    Comparison("add_to_stream_c", "stream/add.bandwidth", ("stream.c/add",)),
    *_references(),
    Comparison("l1_read_to_sc_membench", "cache/l1.bandwidth", ("sc-membench/l1 read",), ">= 2.5"),
    Comparison("l2_read_to_sc_membench", "cache/l2.bandwidth", ("sc-membench/l2 read",)),
    Comparison("memory_read_to_sc_membench", "cache/memory.bandwidth", ("sc-membench/memory read",), ">= 1.5"),
    Comparison(
        "l1_latency_to_lowest", "cache/l1.latency_ns", tuple(f"{p}/l1 latency" for p in _CHASES), "within 3 %", min
    ),
    Comparison(
        "l2_latency_to_lowest", "cache/l2.latency_ns", tuple(f"{p}/l2 latency" for p in _CHASES), "within 3 %", min
    ),
    Comparison("latency_256m_to_sc_membench", "alone/latency", ("sc-membench 256m/latency",), "within 3 %", min),
    Comparison("latency_256m_time_to_sc_membench", "alone/seconds", ("sc-membench 256m/seconds",), "<= 0.02", min),
    *_products(),
    Comparison("lu_to_openblas", "linpack/gflops", _SOLVERS, ">= 1.1"),
    Comparison("lu_to_hpcc", "linpack/gflops", ("hpcc/hpl",)),
    Comparison("fma_avx512_to_likwid", "vector/avx512.fp64", ("likwid/peak avx512",)),
    Comparison("fma_avx2_to_likwid", "vector/avx2.fp64", ("likwid/peak avx2",)),
]


@dataclass
class Readings:
    """By name, the value of each turn, and why one has none."""

    values: dict[str, list[float]]
    reasons: dict[str, str]

    def reason(self, name: str) -> str:
        """Of the reading, or of all that its source gives."""
        return self.reasons.get(name) or self.reasons.get(name.split("/", maxsplit=1)[0], f"no figure: no {name}")


def compare(comparison: Comparison, readings: Readings) -> Figure:
    """Without one of ours, or any of the peers', a figure without a value that says why."""
    there = [name for name in comparison.peers if readings.values.get(name)]
    missing = [name for name in comparison.peers if name not in there]
    ours = readings.values.get(comparison.ours)
    if not ours or not there:
        why = readings.reason(comparison.ours if not ours else comparison.peers[0])
        return ratio(comparison.name, [], [], comparison.wanted, why)
    middles = {name: statistics.median(readings.values[name]) for name in there}
    chosen = next(name for name, middle in middles.items() if middle == comparison.best(middles.values()))
    words = [f"the best of {len(there)} is {chosen}"] if len(there) > 1 else []
    note = "; ".join([*words, *dict.fromkeys(readings.reason(name) for name in missing)]) or None
    theirs = readings.values[chosen]
    turns = min(len(ours), len(theirs))  # some peers run only once
    return ratio(comparison.name, ours[-turns:], theirs[-turns:], comparison.wanted, note)


# --- peaks ------------------------------------------------------------------------------------------------------------

LANES = {"avx512": 8, "avx2": 4}
UNITS = {
    ("AuthenticAMD", 25): {"avx2": 2, "avx512": 1},  # Zen 3, Zen 4: 256 bits wide, two at a time for 512
    ("AuthenticAMD", 26): {"avx2": 2, "avx512": 2},  # Zen 5
    ("GenuineIntel", 6): {"avx2": 2, "avx512": 2},  # server models
}
"""Multiply-adds of full width that a core begins in a cycle, by vendor and family: AMD, Software Optimization Guide for
Zen 4 (57647) and Zen 5 (58455); Intel, Optimization Reference Manual (248966)."""


def peak(isa: str, vendor: str | None, family: int | None, shares: dict[str, list[float]]) -> Figure:
    """shares: of each turn, by instruction set, GFLOPS over threads x clock; what is wanted is lanes x 2 x units."""
    name, wanted = f"fma_{isa}_to_units", ">= 0.98"
    units = UNITS.get((vendor, family), {}).get(isa)
    if units is None:
        return Figure(name, "ratio", [], wanted, f"no figure: multiply-add units unknown of {vendor}, family {family}")
    if not shares.get(isa):
        return Figure(name, "ratio", [], wanted, f"no figure: this CPU has no {isa}")
    return Figure(name, "ratio", [share / (LANES[isa] * 2 * units) for share in shares[isa]], wanted)
