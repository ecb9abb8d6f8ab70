"""The benchmark program's command line, and its suites on an ordinary machine."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

from container import (
    EC2_WORD, FEATURES, HOST, INSTRUCTION_SETS, MIB, OTHER, SUITES, call, check_document, curve_of, measure, median,
    program, samples,
)  # fmt: skip

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
        (["run", "coremark"], "no suite 'coremark' in this image: it takes EEMBC's own source"),
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
    # Far from what a program does that knows neither limit, and room for a machine that does other work.
    assert max(later - sooner for sooner, later in zip(moments, moments[1:])) < 10
    assert moments[-1] - started < 2 * seconds + 3
    assert document["system"]["architecture"] == EC2_WORD[architecture]
    assert ("emulated" in document["flags"]) == (architecture == OTHER)


def test_stream_uses_all_cpus_and_arrays_past_the_last_level_caches():
    document = measure("stream", "--max-seconds=3")
    parameters = document["parameters"]
    assert parameters["threads"] == document["system"]["usable_cpus"] == len(os.sched_getaffinity(0))
    assert len(samples(document, "triad.bandwidth")) == parameters["rounds"]
    if "cache_resident" not in document["flags"]:
        assert parameters["array_bytes"] >= 4 * parameters["last_level_caches_bytes"]


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
