"""A container is not trusted: whatever it prints, nothing false is stored, and the instance is gone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, wait_for


@pytest.fixture(scope="session")
def hostile_image(tmp_path_factory):
    """An archive whose image behaves as the suite's name says; for x86_64 alone."""
    folder = tmp_path_factory.mktemp("hostile")
    program, archive = folder / "hostile", folder / "hostile.tar"
    subprocess.run(["cc", "-static", "-O1", "-o", program, ROOT / "tests/e2e/hostile.c"], check=True)
    subprocess.run(
        [sys.executable, ROOT / "builds/universal/image/assemble.py", "--version", "hostile", "--output", archive,
         f"amd64={program}"],
        check=True,
    )
    return archive


@pytest.fixture
def run_suite(collector, hostile_image):
    def run(suite, *more):
        return collector(
            "run", "--instance-types", "m7i.large", "--benchmarks", suite, "--image-archive", str(hostile_image),
            "--output", "json", *more,
        )

    return run


def test_the_same_image_behaving_well_is_stored(run_suite, collector):
    done = run_suite("honest")
    assert done.code == 0, done.err
    assert len(collector.results()) == 1


@pytest.mark.parametrize(
    ("suite", "words"),
    [
        ("nonsense", ["nonsense", "JSON"]),
        ("nothing", ["nothing"]),
        ("deep", ["deep"]),
        ("flood", ["more than 1048576 bytes"]),
        ("talkative", ["standard error"]),
        ("other-architecture", ["arm64", "x86_64"]),
        ("other-suite", ["stream"]),
        ("failed-check", ["own check"]),
        ("negative", ["triad.bandwidth"]),
        ("no-samples", ["samples"]),
        ("nul-bytes", ["nul-bytes"]),
        ("nul-in-a-string", ["NUL"]),
        ("path-as-suite", ["path-as-suite"]),
        ("path-as-architecture", ["x86_64"]),
        ("no-such-suite", ["no-such-suite", "does not know"]),
    ],
)
def test_bad_output_is_no_result(run_suite, collector, suite, words):
    done = run_suite(suite)
    assert done.code == 1, done.err
    (row,) = done.json()
    for word in words:
        assert word in row["error"]["message"], row["error"]
    assert row["results"] == 0 and collector.results() == []


def test_a_suite_that_never_ends_is_cut_off(run_suite, collector):
    done = run_suite("asleep", "--timeout", "3s")
    assert done.code == 1 and "time" in done.json()[0]["error"]["message"]
    assert collector.results() == []


def suites_that_run():
    """The hostile program's suites among the processes of this host, which the machines share."""
    suites = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if len(words) == 4 and words[1] == b"run":
            suites.add(words[2].decode())
    return suites


def test_a_suite_that_was_cut_off_does_not_run_beside_the_next(hostile_image, collector):
    process = collector.start(
        "run", "--instance-types", "m7i.large", "--benchmarks", "asleep,slow", "--image-archive", str(hostile_image),
        "--timeout", "4s", "--output", "json",
    )
    wait_for(lambda: "asleep" in suites_that_run(), 60)
    wait_for(lambda: "slow" in suites_that_run(), 60)
    assert suites_that_run() == {"slow"}
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    (row,) = json.loads(out)
    assert row["results"] == 1 and "asleep" in row["error"]["message"]
    assert "suite=slow" in str(collector.results()[0])


def test_control_characters_reach_neither_terminal_nor_documents(run_suite, collector):
    done = run_suite("escapes", "--progress", "plain")
    assert done.code == 0, done.err
    for text in (done.out, done.err, collector.results()[0].read_text()):
        assert not any(ord(character) < 32 and character != "\n" for character in text)
    (document,) = (json.loads(path.read_text()) for path in collector.results())
    assert "red" in json.dumps(document["system_info"])


def test_an_archive_without_the_architecture_is_refused_before_any_launch(collector, cloud, hostile_image):
    done = collector("run", "--instance-types", "c7g.large", "--image-archive", str(hostile_image))
    assert done.code == 3 and "arm64" in done.err and "c7g.large" in done.err


def test_an_image_that_lies_about_its_architecture_does_not_run(collector, cloud, hostile_image, tmp_path):
    """The archive calls the x86 program an arm64 one: the arm64 machine can't execute it as what it is."""
    archive = tmp_path / "lying.tar"
    program = hostile_image.parent / "hostile"
    subprocess.run(
        [sys.executable, ROOT / "builds/universal/image/assemble.py", "--version", "lying", "--output", archive,
         f"arm64={program}"],
        check=True,
    )
    done = collector(
        "run", "--instance-types", "c7g.large", "--benchmarks", "honest", "--image-archive", str(archive),
        "--output", "json",
    )
    assert done.code == 1, done.err
    assert collector.results() == []
