"""The coremark suite, which takes EEMBC's own source, and that is not in this repository: COREMARK_SRC=FOLDER names it.
Without it only the refusals are tested."""

import json
import os
import pathlib
import re
import subprocess
import tarfile

import pytest

from container import DISTURBANCES, EMULATORS, FLAGS, HOST, OTHER, ROOT, SYSTEM

SOURCE = os.environ.get("COREMARK_SRC")
BUILD = ROOT / "build" / "coremark"
METRICS = {"score": "iterations/s", "single_thread": "iterations/s", "score_per_mhz": "iterations/s/MHz"}
FILES = ("core_list_join.c", "core_main.c", "core_matrix.c", "core_state.c", "core_util.c", "coremark.h")

with_source = pytest.mark.skipif(not SOURCE, reason="COREMARK_SRC does not name EEMBC's source")


def make(*arguments):
    """Not with what the make above us was given."""
    kept = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "COREMARK_SRC")}
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, env=kept, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture(scope="module", name="programs")
def build_with_source():
    done = make("image", f"BUILD={BUILD}", f"COREMARK_SRC={pathlib.Path(SOURCE).resolve()}")
    assert done.returncode == 0, done.stdout + done.stderr
    programs = {one: [str(BUILD / "universal" / one / "universal")] for one in (HOST, OTHER)}
    programs[OTHER].insert(0, EMULATORS[OTHER])
    return programs


def test_a_folder_without_the_source_is_refused(tmp_path):
    done = make("image", f"BUILD={tmp_path}/build", f"COREMARK_SRC={tmp_path}")
    assert done.returncode == 2
    assert "is not EEMBC's unmodified source" in done.stderr
    assert not (tmp_path / "build").exists()


def test_other_code_under_its_names_is_refused(tmp_path):
    for name in FILES:
        (tmp_path / name).write_text("int coremark_main(void) { return 0; }\n")
    done = make("image", f"BUILD={tmp_path}/build", f"COREMARK_SRC={tmp_path}")
    assert done.returncode == 2
    assert "core_main.c: FAILED" in done.stderr
    assert not (tmp_path / "build").exists()


@with_source
@pytest.mark.parametrize("architecture", [HOST, OTHER])
def test_suite_measures_by_the_rules(programs, architecture):
    listed = subprocess.run([*programs[architecture], "list"], capture_output=True, text=True, check=True).stdout
    assert "coremark" in [line.split("\t")[0] for line in listed.splitlines()]
    command = [*programs[architecture], "run", "coremark", "--max-seconds=45"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["passed"] is True
    assert set(document["system"]) == SYSTEM and set(document["disturbances"]) == DISTURBANCES
    assert set(document["flags"]) <= FLAGS
    assert {metric["name"]: metric["unit"] for metric in document["metrics"]} == METRICS
    found = {metric["name"]: metric["samples"] for metric in document["metrics"]}
    threads = document["parameters"]["contexts"]
    assert threads == len(os.sched_getaffinity(0))
    check_report(document, "performance_run", found["score"][-1], threads)
    check_report(document, "performance_run_single", found["single_thread"][-1], 1)
    megahertz = document["system"]["clock_ghz"] * 1000
    assert found["score_per_mhz"][0] == pytest.approx(found["single_thread"][0] / megahertz, rel=1e-3)


def check_report(document, check, rate, contexts):
    """The line that EEMBC's rules ask for: score, compiler and its flags, memory, and how many contexts."""
    line = next(row["detail"] for row in document["checks"] if row["name"] == check)
    match = re.fullmatch(r"CoreMark 1\.0 : ([0-9.]+) / (GCC\S+) (-O3 .*) / Heap / (\d+):PThreads", line)
    assert match, line
    assert float(match[1]) == pytest.approx(rate, rel=1e-6)
    assert match[3] == document["parameters"]["compiler_flags"]
    assert int(match[4]) == contexts


@with_source
def test_less_time_than_its_runs_take_is_bad_usage(programs):
    done = subprocess.run([*programs[HOST], "run", "coremark", "--max-seconds=10"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "not between 45 and 3600" in done.stderr


@with_source
def test_bill_of_materials_names_it(programs):
    assert programs
    with tarfile.open(BUILD / "image" / "universal.tar") as tar:
        texts = [tar.extractfile(member).read() for member in tar.getmembers()]
    assert sum(b"SPDXRef-coremark" in text for text in texts) == 2  # each platform's configuration
