"""The benchmark program as the collector calls it, for the tests of what docs/container-protocol.md promises: this
machine's own program and, under qemu, the other architecture's. Run `make universal image` first."""

import json
import pathlib
import platform
import shutil
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOST = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
OTHER = {"amd64": "arm64", "arm64": "amd64"}[HOST]
EC2_WORD = {"amd64": "x86_64", "arm64": "arm64"}
EMULATORS = {"amd64": "qemu-x86_64-static", "arm64": "qemu-aarch64-static"}
MIB = 1 << 20

METRICS = {
    "stream": {
        f"{name}.bandwidth{way}": "GB/s"
        for name in ("copy", "scale", "add", "triad")
        for way in ("", "_one_thread_per_core", "_reference")
    },
    "cache": {f"{level}.latency": "cycles" for level in ("l1", "l2", "l3")}
    | {f"{level}.latency_ns": "ns" for level in ("l1", "l2", "l3")}
    | {
        f"{level}.{operation}bandwidth{threads}": "GB/s"
        for level in ("l1", "l2", "l3", "memory")
        for operation in ("", "write_", "copy_")
        for threads in ("", "_all_cpus")
    }
    | {"memory.latency": "ns", "memory.latency_cycles": "cycles", "memory.latency_random": "ns"},
    "numa": {"sockets": "count", "nodes": "count"}
    | {f"{place}.bandwidth": "GB/s" for place in ("local", "remote")}
    | {f"{place}.latency": "ns" for place in ("local", "remote", "inter_socket")}
    | {"loaded.latency": "ns", "loaded.bandwidth": "GB/s"},
    "linpack": {"gflops": "GFLOPS", "peak": "GFLOPS", "dgemm": "GFLOPS"}
    | {"efficiency": "fraction", "problem_size": "count"},
    "scaling": {"single_thread": "GFLOPS", "all_cores": "GFLOPS", "all_threads": "GFLOPS"}
    | {"core_efficiency": "fraction", "smt_efficiency": "fraction"},
    "vector": {"fp64": "GFLOPS", "fp32": "GFLOPS", "int32": "GOPS"},  # of each instruction set
}
FEATURES = {"avx512": "avx512f", "avx2": "avx2", "sse2": "sse2", "sve": "sve", "neon": "asimd"}  # what each needs
INSTRUCTION_SETS = {"x86_64": ("avx512", "avx2", "sse2"), "arm64": ("sve", "neon")}
SYSTEM = {
    "architecture", "cpu_vendor", "cpu_model", "cpu_id", "cpu_product", "microarchitecture", "microcode",
    "cpu_features", "logical_cpus", "usable_cpus", "physical_cores", "sockets", "clock_ghz", "clock_end_ghz",
    "frequency_driver", "frequency_governor", "caches", "numa_nodes", "memory_total_bytes", "memory_limit_bytes",
    "kernel", "hypervisor", "mitigations", "transparent_huge_pages", "huge_page_pools",
}  # fmt: skip
DISTURBANCES = {"stolen_seconds", "throttled_periods", "throttled_seconds", "thermal_throttles", "preemptions"}
FLAGS = {"cache_resident", "cache_size_unknown", "unstable", "disturbed", "emulated", "cpu_limited", "clock_moved"}
FLAGS |= {"cache_size_disputed", "cache_size_measured", "small_pages"}
SUITES = sorted(METRICS)
MEMORY_SUITES = ["cache", "numa", "stream"]


def program(architecture, cpu=None):
    """The command for it; a CPU by QEMU's name ("Nehalem") is emulated, also that of this machine's architecture."""
    path = ROOT / "build" / "universal" / architecture / "universal"
    assert path.exists(), f"{path} is missing: run make universal image"
    if architecture == HOST and not cpu:
        return [str(path)]
    emulator = EMULATORS[architecture]
    assert shutil.which(emulator), f"{emulator} is missing: run scripts/bootstrap.sh test"
    return [emulator, *(["-cpu", cpu] if cpu else []), str(path)]


def call(*arguments, architecture=HOST, cpu=None, before=(), **options):
    """Runs the program; `before` is a command to run it under."""
    command = [*before, *program(architecture, cpu), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)


def measure(suite, *parameters, **options):
    """The document of a run that must go well."""
    done = call("run", suite, *parameters, **options)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.encode()) <= MIB
    return check_document(json.loads(done.stdout), suite)


def vector_metrics(document):
    sets = INSTRUCTION_SETS[document["system"]["architecture"]]
    return {f"{isa}.{kind}": unit for isa in sets for kind, unit in METRICS["vector"].items()}


def scaling_metrics(document):
    powers = (2**power for power in range(1, 12))
    return METRICS["scaling"] | {f"threads_{n}": "GFLOPS" for n in powers if n < document["parameters"]["cores"]}


def cache_metrics(document):
    return METRICS["cache"] | {f"curve.kib_{size}": "ns" for size in curve_of(document)}


def numa_metrics(document):
    nodes = [node["node"] for node in document["system"]["numa_nodes"] if node["cpus"]]
    pairs = [f"pair.from_{one}.to_{other}" for one in nodes for other in nodes]
    ways = {"latency": "ns", "bandwidth": "GB/s"}
    return METRICS["numa"] | {f"{pair}.{way}": unit for pair in pairs for way, unit in ways.items()}


OF_THE_MACHINE = {"vector": vector_metrics, "scaling": scaling_metrics, "cache": cache_metrics, "numa": numa_metrics}


def metrics_of(document, suite):
    """Names and units that a document of the suite must have, on the machine that it is of."""
    return OF_THE_MACHINE[suite](document) if suite in OF_THE_MACHINE else METRICS[suite]


def curve_of(document):
    """Sizes in KiB of the curve, two to an octave, as far as the largest metric's name says that it goes."""
    names = [metric["name"] for metric in document["metrics"] if metric["name"].startswith("curve.kib_")]
    largest = int(names[-1].removeprefix("curve.kib_"))
    return sorted(size for octave in range(1, 40) for size in (2 << octave, 3 << octave) if size <= largest)


def check_document(document, suite):
    """Everything that holds for every document; returns it."""
    assert document["protocol"] == 1
    assert document["suite"] == suite
    assert document["passed"] is True
    assert document["checks"] and all(check["passed"] is True for check in document["checks"])
    assert set(document["flags"]) <= FLAGS
    assert time.strptime(document["started"], "%Y-%m-%dT%H:%M:%SZ")
    assert document["duration_seconds"] > 0
    assert {metric["name"]: metric["unit"] for metric in document["metrics"]} == metrics_of(document, suite)
    for metric in document["metrics"]:
        assert metric["direction"] == ("lower" if metric["unit"] in ("ns", "cycles") else "higher")
        if metric["samples"] is not None:
            assert metric["samples"] and all(sample > 0 for sample in metric["samples"])
    assert set(document["system"]) == SYSTEM
    assert document["system"]["clock_ghz"] > 0 and document["system"]["clock_end_ghz"] > 0
    assert set(document["disturbances"]) == DISTURBANCES
    assert all(count is None or count >= 0 for count in document["disturbances"].values())
    return document


def brief(suite):
    """The shortest time in which a suite can be relied on to measure, on a busy machine too."""
    return f"--max-seconds={4 if suite in ('cache', 'numa') else 1}"


def samples(document, name):
    return next(metric["samples"] for metric in document["metrics"] if metric["name"] == name)


def median(document, name):
    return statistics.median(samples(document, name))
