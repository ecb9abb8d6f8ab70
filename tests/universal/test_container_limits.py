"""The benchmark program on small machines, and where little is to be seen: few CPUs, little memory, no huge pages, no
/sys. Every suite measures within the limits, or says why it can't: never a wrong number."""

import ctypes
import json
import os
import resource

import pytest

from container import HOST, MEMORY_SUITES, MIB, OTHER, SUITES, brief, call, check_document, measure
from control_group import ControlGroup

ARCHITECTURES = [HOST, OTHER]


def last_line(done):
    """The reason, by the protocol."""
    return done.stderr.splitlines()[-1]


# --- CPUs -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("cpus", [1, 2])
def test_affinity_mask_is_kept_to(suite, architecture, cpus):
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < cpus:
        pytest.skip(f"this machine has {len(usable)} CPUs")
    mask = ",".join(str(cpu) for cpu in usable[-cpus:])
    document = measure(suite, brief(suite), architecture=architecture, before=["taskset", "-c", mask])
    assert document["system"]["usable_cpus"] == cpus
    assert document["parameters"].get("threads", cpus) == cpus
    assert "cpu_limited" not in document["flags"]


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_cpu_quota_of_one_leaves_one_thread(suite, architecture):
    with ControlGroup(cpus=1) as group:
        document = measure(suite, brief(suite), architecture=architecture, preexec_fn=group.enter)
    assert document["system"]["usable_cpus"] == 1
    assert document["parameters"].get("threads", 1) == 1
    assert document["disturbances"]["throttled_periods"] is not None


def test_quota_below_one_cpu_is_flagged_and_its_stops_are_counted():
    with ControlGroup(cpus=0.05) as group:  # so little that it is used up on the busiest of machines
        document = measure("vector", "--max-seconds=2", preexec_fn=group.enter)
    assert "cpu_limited" in document["flags"]
    assert document["disturbances"]["throttled_periods"] > 0
    assert document["disturbances"]["throttled_seconds"] > 0


# --- memory -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("architecture, limit", [(HOST, 64 * MIB), (HOST, 512 * MIB), (OTHER, 512 * MIB)])
def test_memory_limit_of_a_control_group_is_kept(suite, architecture, limit):
    # Not 64 MiB for the other architecture: the emulator's own memory counts too, and it takes some 30.
    with ControlGroup(memory=limit) as group:
        document = measure(suite, brief(suite), architecture=architecture, preexec_fn=group.enter)
    assert document["system"]["memory_limit_bytes"] == limit
    assert document["parameters"]["memory_budget_bytes"] <= limit * 3 // 4
    if limit == 64 * MIB and suite in MEMORY_SUITES:
        assert "cache_resident" in document["flags"]


def with_little_memory():
    """The kernel gives little more than the suite may take: code, threads' stacks."""
    resource.setrlimit(resource.RLIMIT_AS, (112 * MIB, 112 * MIB))


@pytest.mark.parametrize("suite", MEMORY_SUITES)
def test_small_memory_is_kept_to_and_flagged(suite):
    document = measure(suite, brief(suite), "--max-memory=48M", preexec_fn=with_little_memory)
    assert "cache_resident" in document["flags"]


@pytest.mark.parametrize("suite", MEMORY_SUITES)
def test_arrays_that_the_kernel_does_not_give_are_exit_code_3(suite):
    done = call("run", suite, brief(suite), "--max-memory=256M", preexec_fn=with_little_memory)
    assert done.returncode == 3
    assert done.stdout == ""
    assert "the kernel does not give" in last_line(done)


@pytest.mark.parametrize("suite", SUITES)
def test_more_memory_than_there_is_is_cut_to_what_is_available(suite):
    document = measure(suite, brief(suite), "--max-memory=1024G")
    assert document["parameters"]["memory_budget_bytes"] <= document["system"]["memory_total_bytes"] * 3 // 4


@pytest.mark.parametrize("suite", ["cache", "numa"])
def test_too_little_memory_is_exit_code_3_with_the_reason_in_the_last_line(suite):
    done = call("run", suite, "--max-memory=1M")
    assert done.returncode == 3
    assert done.stdout == ""
    assert "bytes of memory are needed" in last_line(done)


def test_too_little_memory_for_any_system_of_equations_is_exit_code_3():
    done = call("run", "linpack", "--max-memory=1M")
    assert done.returncode == 3
    assert "not even a system" in last_line(done)


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_no_huge_pages(suite, architecture):
    def without_huge_pages():
        pr_set_thp_disable = 41
        assert ctypes.CDLL(None).prctl(pr_set_thp_disable, 1, 0, 0, 0) == 0

    document = measure(suite, brief(suite), architecture=architecture, preexec_fn=without_huge_pages)
    if suite in MEMORY_SUITES:
        assert document["parameters"]["huge_page_bytes"] == 0
        assert ("small_pages" in document["flags"]) == (suite != "stream")


# --- what can be seen -------------------------------------------------------------------------------------------------


def hide(*folders):
    """A command prefix that empties these folders, in a mount namespace; private first, so that nobody else's are."""
    script = "".join(f"mount --make-private {folder} && mount -t tmpfs none {folder} && " for folder in folders)
    return ["unshare", "--mount", "--propagation", "unchanged", "sh", "-c", script + 'exec "$@"', "sh"]


HIDDEN = {"sys": hide("/sys"), "sys-and-proc": hide("/sys", "/proc")}
UNREADABLE = (
    "logical_cpus", "sockets", "physical_cores", "numa_nodes", "transparent_huge_pages", "huge_page_pools",
    "mitigations", "frequency_governor", "cpu_product",
)  # fmt: skip
# Suites that must know what /sys alone tells.
STOPPED = {"numa": "/sys is hidden", "scaling": "does not show which CPUs share a core"}


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_is_hidden_is_null_and_stops_only_what_needs_it(suite, architecture, hidden):
    done = call("run", suite, brief(suite), architecture=architecture, before=HIDDEN[hidden])
    if suite in STOPPED:
        assert done.returncode == 3
        assert done.stdout == ""
        assert STOPPED[suite] in last_line(done)
        return
    assert done.returncode == 0, done.stderr
    document = check_document(json.loads(done.stdout), suite)
    assert [name for name in UNREADABLE if document["system"][name] is not None] == []
    assert document["disturbances"]["throttled_periods"] is None
    assert document["disturbances"]["thermal_throttles"] is None
    assert (document["disturbances"]["stolen_seconds"] is None) == (hidden == "sys-and-proc")
    if suite == "stream":
        assert ("cache_size_unknown" in document["flags"]) == (document["system"]["caches"] is None)
    if suite == "cache":
        assert ("cache_size_measured" in document["flags"]) == (document["system"]["caches"] is None)
        assert document["parameters"]["l1_seen_bytes"] is not None
        assert (document["parameters"]["huge_page_bytes"] is None) == (hidden == "sys-and-proc")
