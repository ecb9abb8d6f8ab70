"""The benchmark program as the collector calls it: what docs/container-protocol.md promises, held on this machine's
own program and, under qemu, on the other architecture's. Run `make universal image` first."""

import ctypes
import json
import os
import pathlib
import platform
import re
import resource
import shutil
import signal
import statistics
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOST = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
OTHER = {"amd64": "arm64", "arm64": "amd64"}[HOST]
EC2_WORD = {"amd64": "x86_64", "arm64": "arm64"}
EMULATOR = {"amd64": "qemu-x86_64-static", "arm64": "qemu-aarch64-static"}[OTHER]
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


def program(architecture):
    path = ROOT / "build" / "universal" / architecture / "universal"
    assert path.exists(), f"{path} is missing: run make universal image"
    if architecture == HOST:
        return [str(path)]
    assert shutil.which(EMULATOR), f"{EMULATOR} is missing: run scripts/bootstrap.sh test"
    return [EMULATOR, str(path)]


def call(*arguments, architecture=HOST, before=(), **options):
    """Runs the program; `before` is a command to run it under."""
    command = [*before, *program(architecture), *arguments]
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


def samples(document, name):
    return next(metric["samples"] for metric in document["metrics"] if metric["name"] == name)


def median(document, name):
    return statistics.median(samples(document, name))


# --- command line -----------------------------------------------------------------------------------------------------


def test_list_prints_a_line_for_each_suite():
    done = call("list")
    assert done.returncode == 0
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert sorted(row[0] for row in rows) == SUITES
    assert all(len(row) == 3 and all(row) for row in rows)


def test_help_names_every_parameter_with_its_default():
    done = call("help")
    assert done.returncode == 0
    assert done.stdout.count("--max-seconds=N") == len(SUITES)
    assert "default: 20" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "run SUITE"),
        (["lst"], "did you mean 'list'?"),
        (["list", "more"], "no arguments"),
        (["run"], "run which suite?"),
        (["run", "strem"], "did you mean 'stream'?"),
        (["run", "coremark"], "no suite 'coremark'"),
        (["run", "stream", "--treads=1"], "did you mean --threads?"),
        (["run", "stream", "--threads=0"], "not between 1 and"),
        (["run", "stream", f"--threads={os.cpu_count() + 1}"], "CPUs may be used here"),
        (["run", "stream", "--max-seconds=0"], "not between 1 and 3600"),
        (["run", "stream", "--max-seconds=1e3"], "not a whole number"),
        (["run", "stream", "--max-seconds"], "not a parameter such as"),
        (["run", "cache", "--max-memory=lots"], "--max-memory"),
        (["run", "cache", "--threads=1", "--threads=1"], "given twice"),
        (["run", "numa", "stray"], "not a parameter such as"),
        (["run", "linpack", "--isa=mmx"], "'mmx' is none of"),
        (["run", "scaling", "--isa="], "'' is none of"),
        (["run", "vector", "--isa=avx2"], "no parameter --isa"),
    ],
)
def test_bad_usage_is_exit_code_2_with_a_reason_and_no_document(arguments, says):
    done = call(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert says in done.stderr


@pytest.mark.parametrize("suite", ["cache", "numa"])
def test_too_little_memory_is_exit_code_3_with_the_reason_in_the_last_line(suite):
    done = call("run", suite, "--max-memory=1M")
    assert done.returncode == 3
    assert done.stdout == ""
    assert "bytes of memory are needed" in done.stderr.splitlines()[-1]


def test_document_that_cannot_be_written_is_exit_code_3():
    with open("/dev/full", "w", encoding="ascii") as full:
        command = [*program(HOST), "run", "stream", "--max-seconds=1", "--max-memory=16M"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert "can't be written" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_even_as_the_first_process(number):
    command = ["unshare", "--pid", "--fork", "--kill-child", *program(HOST), "run", "stream"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as unshare:
        assert unshare.stderr.readline().startswith("progress")
        children = pathlib.Path(f"/proc/{unshare.pid}/task/{unshare.pid}/children").read_text(encoding="ascii")
        os.kill(int(children.split()[0]), number)
        assert unshare.wait(timeout=5) == 128 + number


# --- suites -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("architecture", [HOST, OTHER])
def test_suite_measures_within_its_time_and_is_never_silent(suite, architecture):
    seconds = 6
    command = [*program(architecture), "run", suite, f"--max-seconds={seconds}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        started = time.monotonic()
        moments = [started]
        for line in process.stderr:
            assert line.startswith("progress ") and len(line.encode()) <= 200
            assert 0 <= int(line.split()[1]) <= 100
            moments.append(time.monotonic())
        document = check_document(json.loads(process.stdout.read()), suite)
        assert process.wait() == 0
    moments.append(time.monotonic())
    assert max(later - sooner for sooner, later in zip(moments, moments[1:])) < 5
    assert moments[-1] - started < seconds + 2.5
    assert document["system"]["architecture"] == EC2_WORD[architecture]
    assert ("emulated" in document["flags"]) == (architecture == OTHER)


def test_stream_uses_all_cpus_and_arrays_past_the_last_level_caches():
    document = measure("stream", "--max-seconds=3")
    parameters = document["parameters"]
    assert parameters["threads"] == document["system"]["usable_cpus"] == len(os.sched_getaffinity(0))
    assert len(samples(document, "triad.bandwidth")) == parameters["rounds"]
    if "cache_resident" not in document["flags"]:
        assert parameters["array_bytes"] >= 4 * parameters["last_level_caches_bytes"]


@pytest.mark.skipif(OTHER != "arm64", reason="vectors of a chosen length need the emulator")
@pytest.mark.parametrize("bits", [128, 256, 384, 512])
def test_stream_is_right_on_sve_vectors_of_any_length(bits):
    emulator, path = program("arm64")
    cpu = f"max,sve{bits}=on" + "".join(f",sve{other}=off" for other in range(128, 513, 128) if other > bits)
    command = [emulator, "-cpu", cpu, path, "run", "stream", "--max-seconds=3", "--max-memory=24M"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert check_document(json.loads(done.stdout), "stream")["parameters"]["isa"] == "sve"


def test_cache_levels_stand_in_order():
    document = measure("cache", "--max-seconds=6")
    latencies = [median(document, name) for name in ("l1.latency_ns", "l2.latency_ns", "memory.latency")]
    assert latencies == sorted(latencies)
    for operation in ("", "write_", "copy_"):
        assert median(document, f"l1.{operation}bandwidth") > median(document, f"memory.{operation}bandwidth")
    assert 2 <= median(document, "l1.latency") <= 8
    levels = {cache["level"] for cache in document["system"]["caches"]}
    assert (samples(document, "l3.latency") is None) == (3 not in levels)


def test_latency_curve_goes_from_the_first_level_into_memory():
    document = measure("cache", "--max-seconds=4")
    parameters = document["parameters"]
    sizes = curve_of(document)
    assert sizes[0] == 4
    assert parameters["memory_working_set_bytes"] / 2 < sizes[-1] << 10 <= parameters["memory_working_set_bytes"]
    assert median(document, f"curve.kib_{sizes[-1]}") > 5 * median(document, "curve.kib_4")
    assert parameters["l1_seen_bytes"] is not None


def test_huge_pages_are_looked_up_and_their_absence_is_flagged():
    document = measure("cache", "--max-seconds=2", "--max-memory=128M")
    parameters = document["parameters"]
    assert parameters["huge_page_bytes"] is not None
    few = parameters["huge_page_bytes"] < 0.95 * parameters["memory_touched_bytes"]
    assert ("small_pages" in document["flags"]) == few


@pytest.mark.parametrize("suite", ["cache", "numa"])
def test_one_cpu_has_nulls_for_what_takes_several(suite):
    cpu = max(os.sched_getaffinity(0))
    document = measure(suite, "--max-seconds=2", before=["taskset", "-c", str(cpu)])
    several = [metric for metric in document["metrics"] if re.search(r"_all_cpus$|^loaded\.", metric["name"])]
    assert len(several) == {"cache": 12, "numa": 2}[suite]
    assert all(metric["samples"] is None for metric in several)
    if suite == "numa":
        assert "one usable CPU" in document["parameters"]["loaded_is_null_because"]


def test_one_node_has_nulls_for_everything_remote():
    document = measure("numa", "--max-seconds=2")
    nodes = sum(bool(node["cpus"]) for node in document["system"]["numa_nodes"])
    assert (samples(document, "remote.latency") is None) == (nodes == 1)
    assert (samples(document, "inter_socket.latency") is None) == (document["system"]["sockets"] == 1)
    home = document["parameters"]["home_node"]
    assert samples(document, f"pair.from_{home}.to_{home}.latency") == samples(document, "local.latency")
    assert (samples(document, "loaded.latency") is None) == (document["parameters"]["loading_threads"] == 0)


def test_linpack_solves_what_fits_and_stands_below_the_peak_of_its_instruction_set():
    document = measure("linpack", "--max-seconds=4", "--max-memory=64M")
    size = median(document, "problem_size")
    assert 64 <= size**2 * 8 <= 64 * MIB
    assert document["parameters"]["matrix_bytes"] == size**2 * 8
    assert document["parameters"]["dgemm_order"] == size // 3
    assert 0 < document["parameters"]["largest_residual"] < 1
    ratios = [gflops / peak for gflops, peak in zip(samples(document, "gflops"), samples(document, "peak"))]
    assert samples(document, "efficiency") == pytest.approx(ratios, rel=1e-6)


@pytest.mark.parametrize("suite", ["linpack", "scaling"])
@pytest.mark.parametrize("isa", INSTRUCTION_SETS[EC2_WORD[HOST]])
def test_instruction_set_can_be_chosen_where_the_cpu_has_it(suite, isa):
    done = call("run", suite, f"--isa={isa}", "--max-seconds=2", "--max-memory=64M")
    if FEATURES[isa] in pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii").split():
        assert check_document(json.loads(done.stdout), suite)["parameters"]["isa"] == isa
    else:
        assert (done.returncode, done.stdout) == (3, "")
        assert f"--isa={isa}: this CPU lacks it" in done.stderr.splitlines()[-1]


@pytest.mark.skipif(OTHER != "arm64", reason="arm64 is this machine's own")
@pytest.mark.parametrize("suite", ["linpack", "scaling"])
@pytest.mark.parametrize(
    ("isa", "cpu"), [("neon", "max")] + [("sve", f"max,sve-max-vq={quads}") for quads in (1, 2, 3, 4, 16)]
)
def test_arm_kernels_are_right_at_every_vector_length(suite, isa, cpu):
    emulator, path = program("arm64")
    command = [emulator, "-cpu", cpu, path, "run", suite, f"--isa={isa}", "--max-seconds=2", "--max-memory=64M"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert check_document(json.loads(done.stdout), suite)["parameters"]["isa"] == isa


@pytest.mark.parametrize("suite", ["linpack", "scaling"])
def test_instruction_set_that_the_cpu_lacks_is_exit_code_3(suite):
    without = {"amd64": ("avx512", ["-cpu", "Nehalem"]), "arm64": ("sve", ["-cpu", "cortex-a57"])}
    isa, cpu = without[OTHER]
    emulator, path = program(OTHER)
    command = [emulator, *cpu, path, "run", suite, f"--isa={isa}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"--isa={isa}: this CPU lacks it" in done.stderr.splitlines()[-1]


def test_too_little_memory_for_any_system_of_equations_is_exit_code_3():
    done = call("run", "linpack", "--max-memory=1M")
    assert done.returncode == 3
    assert "not even a system" in done.stderr.splitlines()[-1]


def test_instruction_sets_that_the_cpu_lacks_are_null():
    document = measure("vector", "--max-seconds=2")
    for metric in document["metrics"]:
        has = FEATURES[metric["name"].split(".")[0]] in document["system"]["cpu_features"]
        assert (metric["samples"] is not None) == has


def test_threads_that_share_no_core_have_no_smt_efficiency():
    document = measure("scaling", "--max-seconds=2")
    parameters = document["parameters"]
    assert parameters["threads"] == len(os.sched_getaffinity(0))
    shared = parameters["cores"] < parameters["threads"]
    assert (samples(document, "smt_efficiency") is not None) == shared
    assert (samples(document, "all_threads") is not None) == shared
    assert (samples(document, "core_efficiency") is not None) == (parameters["cores"] > 1)


# --- small and strange machines ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("suite", SUITES)
def test_affinity_mask_of_one_cpu(suite):
    cpu = max(os.sched_getaffinity(0))
    document = measure(suite, "--max-seconds=2", before=["taskset", "-c", str(cpu)])
    assert document["system"]["usable_cpus"] == 1
    assert document["parameters"].get("threads", 1) == 1


@pytest.mark.parametrize("suite", MEMORY_SUITES)
def test_small_memory_is_kept_to_and_flagged(suite):
    """The kernel gives little more than the limit (code, threads' stacks), so the suite can't have taken more."""

    def with_little_memory():
        resource.setrlimit(resource.RLIMIT_AS, (112 * MIB, 112 * MIB))

    document = measure(suite, "--max-seconds=2", "--max-memory=48M", preexec_fn=with_little_memory)
    assert "cache_resident" in document["flags"]
    with pytest.raises(AssertionError):
        measure(suite, "--max-seconds=2", "--max-memory=256M", preexec_fn=with_little_memory)


def test_no_huge_pages():
    def without_huge_pages():
        pr_set_thp_disable = 41
        ctypes.CDLL(None).prctl(pr_set_thp_disable, 1, 0, 0, 0)

    for suite in MEMORY_SUITES:
        document = measure(suite, "--max-seconds=2", "--max-memory=256M", preexec_fn=without_huge_pages)
        assert document["parameters"]["huge_page_bytes"] == 0
        assert ("small_pages" in document["flags"]) == (suite != "stream")




def hide(*folders):
    """A command prefix that empties these folders, in a mount namespace; private first, so that nobody else's are."""
    script = "".join(f"mount --make-private {folder} && mount -t tmpfs none {folder} && " for folder in folders)
    return ["unshare", "--mount", "--propagation", "unchanged", "sh", "-c", script + 'exec "$@"', "sh"]


HIDE_SYS = hide("/sys")
HIDE_BOTH = hide("/sys", "/proc")


@pytest.mark.parametrize("hidden", [HIDE_SYS, HIDE_BOTH], ids=["sys", "sys-and-proc"])
def test_hidden_files_are_null_and_stream_still_runs(hidden):
    document = measure("stream", "--max-seconds=2", before=hidden)
    for name in ("logical_cpus", "sockets", "physical_cores", "numa_nodes", "transparent_huge_pages"):
        assert document["system"][name] is None
    assert ("cache_size_unknown" in document["flags"]) == (document["system"]["caches"] is None)


def test_hidden_sysfs_stops_what_cannot_be_known():
    done = call("run", "numa", before=HIDE_SYS)
    assert done.returncode == 3
    assert "/sys is hidden" in done.stderr.splitlines()[-1]
    done = call("run", "cache", "--max-seconds=2", before=HIDE_SYS)
    assert done.returncode == (0 if HOST == "amd64" else 3)  # x86 CPUs tell their caches themselves


class ControlGroup:
    """A control group of version 1 or 2 with a memory limit, for as long as a test takes."""

    def __init__(self, limit):
        version_1 = pathlib.Path("/sys/fs/cgroup/memory")
        base, limit_file = version_1.parent, "memory.max"
        if version_1.is_dir():
            base, limit_file = version_1, "memory.limit_in_bytes"
        self.path = base / f"universal-test-{os.getpid()}"
        try:
            self.path.mkdir()
            (self.path / limit_file).write_text(str(limit), encoding="ascii")
        except OSError as error:
            pytest.skip(f"no control group can be made here: {error}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.path.rmdir()

    def enter(self):
        (self.path / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("limit", [64 * MIB, 512 * MIB])
def test_memory_limit_of_a_control_group_is_kept(suite, limit):
    with ControlGroup(limit) as group:
        document = measure(suite, "--max-seconds=2", preexec_fn=group.enter)
    assert document["system"]["memory_limit_bytes"] == limit
    assert document["parameters"]["memory_budget_bytes"] <= limit * 3 // 4
    if limit == 64 * MIB and suite in MEMORY_SUITES:
        assert "cache_resident" in document["flags"]
