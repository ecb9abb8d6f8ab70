"""`run --local`: this machine itself, without AWS, without a container engine, by the same rules."""

import io
import json
import os
import pty
import fcntl
import signal
import struct
import subprocess
import sys
import tarfile
import termios
import time
from pathlib import Path

import pytest

from data_program import PROGRAM, ROOT, Finished

ASSEMBLE = ROOT / "builds/universal/image/assemble.py"
IMAGE = ROOT / "build/image/universal.tar"
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
QUICK = ["--suite-options", "max-seconds=1,max-memory=33554432"]


class Local:
    """The program with a home of its own, no credentials, and an AWS that can't be reached."""

    def __init__(self, home: Path):
        self.home = home
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_BENCHMARK_COLLECTOR_S3_BUCKET": "a-bucket-for-other-runs",
            "AWS_BENCHMARK_COLLECTOR_IMAGE_ARCHIVE": str(IMAGE),
        }

    def start(self, *words) -> subprocess.Popen:
        return subprocess.Popen(
            [PROGRAM, *map(str, words)], env=self.environment, cwd=self.home, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )

    def __call__(self, *words) -> Finished:
        process = self.start(*words)
        out, err = process.communicate(timeout=120)
        return Finished(process.returncode, out, err)

    def results(self) -> list[Path]:
        return sorted((self.home / "results").rglob("*.json"))

    def documents(self) -> list[dict]:
        return [json.loads(path.read_text()) for path in self.results()]


@pytest.fixture
def local(tmp_path):
    return Local(tmp_path)


def wait_for(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def suites_that_run(parent: int | None = None) -> dict[int, str]:
    """Processes `benchmark run SUITE`, by their id; those of one parent alone where it is given."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().split(b"\0")
            father = int((path / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if words[:2] == [b"benchmark", b"run"] and parent in (None, father):
            found[int(path.name)] = words[2].decode()
    return found


def is_alive(process: int) -> bool:
    """It is there, and no zombie that its parent has not asked for yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


# --- the real image ---------------------------------------------------------------------------------------------------


def test_this_machine_is_measured_and_labelled_as_such(local):
    done = local("run", "--local", "--benchmarks", "stream,linpack", *QUICK, "--output", "json")
    assert done.code == 0, done.err
    (row,) = done.json()
    assert (row["instance_type"], row["instance_id"], row["results"], row["outcome"]) == ("local", None, 2, "ok")
    assert row["triad"]["bandwidth"] > 0 and row["linpack"]["gflops"] > 0 and row["linpack"]["unit"] == "GFLOPS"
    index = json.loads(tarfile.open(IMAGE).extractfile("index.json").read())
    (whole,) = [entry["digest"] for entry in index["manifests"] if "image.index" in entry["mediaType"]]
    for document in local.documents():
        metadata, context = document["metadata"], document["execution_context"]
        assert (metadata["collection_method"], metadata["region"], metadata["instance_type"]) == ("local",) * 3
        assert context["image"]["digest"] == whole
        assert context["image"]["platform_digest"] in [entry["digest"] for entry in index["manifests"]]
        for unknown in ("instance_id", "purchase", "seconds_billed", "cost_usd"):
            assert context[unknown] is None
        assert list(context["timing"]) == ["delivered", "measured"]
    keys = [str(path.relative_to(local.home / "results")) for path in local.results()]
    assert all(key.startswith("results/v1.0/region=local/instance_type=local/suite=") for key in keys), keys
    assert local("validate", "results").code == 0


def test_results_of_this_machine_enter_the_processed_files_only_when_asked_for(local):
    suites = "stream,cache,numa"
    done = local("run", "--local", "--local-name", "my-desk", "--benchmarks", suites, *QUICK)
    assert done.code == 0, done.err
    left_out = local("process", "results", "--output-dir", "without")
    assert left_out.code == 0, left_out.err
    assert json.loads((local.home / "without/latest/memory-benchmarks.json").read_text())["instances"] == {}
    included = local("process", "results", "--include", "local", "--output-dir", "with")
    assert included.code == 0, included.err
    memory = json.loads((local.home / "with/latest/memory-benchmarks.json").read_text())
    metadata = json.loads((local.home / "with/latest/metadata.json").read_text())
    assert next(iter(memory)) == "notice"
    reasons = (list(memory["instances"]), list(metadata["incompleteTypes"]), metadata["results"]["leftOut"])
    assert ["local-my-desk"] in reasons[:2] or reasons[2], reasons


def test_a_dry_run_says_what_would_be_done_and_leaves_nothing(local):
    done = local("run", "--local", "--dry-run", "--output", "json")
    assert done.code == 0, done.err
    (row,) = done.json()
    assert row["instance_type"] == "local" and row["vcpus"] == os.cpu_count() and row["memory_mib"] > 0
    assert all(row[name] is None for name in ("ami", "vpc", "security_group", "ssh_from", "refused"))
    assert "this machine itself" in done.err and "network" not in done.err
    assert list(local.home.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ["--instance-types", "m7i.large"], ["--s3-bucket", "b"], ["--image", "a/b:1"], ["--max-concurrency", "2"],
        ["--subnet", "subnet-1"], ["--ami", "ami-1"], ["--key-pair", "k"], ["--region", "us-east-1"],
        ["--endpoint-url", "http://127.0.0.1:1"], ["--local-name", "Desk"], ["--local-name", "a" * 25],
    ],
)
def test_what_says_something_of_instances_does_not_go_with_it(local, words):
    done = local("run", "--local", *words)
    assert done.code == 2 and words[0] in done.err, done.err
    assert list(local.home.iterdir()) == []


def test_a_name_for_this_machine_goes_with_local_alone(local):
    done = local("run", "--local-name", "desk", "--instance-types", "m7i.large")
    assert done.code == 2 and "--local" in done.err


def test_the_journal_of_it_is_settled_and_says_where_it_was(local):
    assert local("run", "--local", "--benchmarks", "stream", *QUICK).code == 0
    (row,) = local("status", "--output", "json").json()
    assert (row["state"], row["open"], row["region"], row["account"]) == ("settled", [], "local", None)
    assert row["bucket"] is None and row["job_counts"]["terminated"] == 1
    log = local("logs", row["run_id"]).out
    assert "in local: local;" in log and "account" not in log


@pytest.mark.parametrize("columns", [80, 120])
def test_the_table_fits_the_terminal(local, columns):
    """stdout is a terminal of that width; names, numbers and what qualifies them are there in any."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    done = subprocess.run(
        [PROGRAM, "run", "--local", "--benchmarks", "stream,linpack", *QUICK, "--progress", "none"],
        env=local.environment, cwd=local.home, stdout=theirs, stderr=subprocess.PIPE, text=True, timeout=120,
    )
    os.close(theirs)
    assert done.returncode == 0, done.stderr
    lines = os.read(ours, 65536).decode().splitlines()
    os.close(ours)
    titles, numbers = lines[:2]
    assert len(titles) <= columns and len(numbers) <= columns, lines
    for title in ("INSTANCE TYPE", "TRIAD GB/S [95 %]", "LINPACK GFLOPS [95 %]", "OUTCOME"):
        assert title in titles
    (document, *_) = local.documents()
    flags = document["execution_context"]["flags"]
    assert not flags or all(flag in "".join(lines[2:]) for flag in flags)


# --- an image that behaves badly --------------------------------------------------------------------------------------


def assemble(folder: Path, program: Path, name="hostile") -> Path:
    archive = folder / f"{name}.tar"
    words = ["--version", name, "--output", archive, f"{ARCHITECTURE}={program}"]
    subprocess.run([sys.executable, ASSEMBLE, *words], check=True, stdout=subprocess.DEVNULL)
    return archive


@pytest.fixture(scope="session")
def hostile(tmp_path_factory) -> Path:
    program = tmp_path_factory.mktemp("hostile") / "hostile"
    subprocess.run(["cc", "-static", "-O1", "-o", program, ROOT / "tests/e2e/hostile.c"], check=True)
    return program


@pytest.fixture
def hostile_image(hostile, tmp_path_factory) -> Path:
    return assemble(tmp_path_factory.mktemp("image"), hostile)


X86_64 = pytest.mark.skipif(ARCHITECTURE != "amd64", reason="the image's good documents say x86_64")


@X86_64
@pytest.mark.parametrize(
    ("suite", "said"),
    [
        ("nonsense", "JSON"), ("nothing", "nothing"),
        ("flood", "printed more than 1048576 bytes"), ("talkative", "standard error"),
        ("other-architecture", "arm64"), ("failed-check", "own check"), ("killed", "was killed (exit code 137)"),
        ("no-such-suite", "does not know"), ("curious", "environment empty, 4 open files"),
    ],
)
def test_bad_output_is_no_result(local, hostile_image, suite, said):
    done = local("run", "--local", "--benchmarks", suite, "--image-archive", hostile_image, "--output", "json")
    assert done.code == 1, done.err
    (row,) = done.json()
    assert said in row["error"]["message"] and suite in row["error"]["message"], row
    assert row["results"] == 0 and local.results() == [] and row["instance_id"] is None


@X86_64
def test_a_suite_that_never_ends_is_ended_and_the_next_runs_after_it(local, hostile_image):
    process = local.start(
        "run", "--local", "--benchmarks", "deaf,slow", "--image-archive", hostile_image, "--timeout", "4s",
        "--output", "json",
    )
    seen = []
    while process.poll() is None:
        running = set(suites_that_run(process.pid).values())
        assert len(running) <= 1, running
        seen += [suite for suite in running if suite not in seen]
        time.sleep(0.02)
    out, err = process.communicate()
    (row,) = json.loads(out)
    assert process.returncode == 1 and seen == ["deaf", "slow"], err
    assert row["results"] == 1 and "--timeout" in row["error"]["message"]


@X86_64
def test_what_a_suite_leaves_behind_is_ended_with_it(local, hostile_image):
    before = set(suites_that_run())
    done = local("run", "--local", "--benchmarks", "orphan", "--image-archive", hostile_image)
    assert done.code == 0, done.err
    wait_for(lambda: not [process for process in set(suites_that_run()) - before if is_alive(process)])


@X86_64
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_ends_the_suite_at_once(local, hostile_image, number, code):
    process = local.start("run", "--local", "--benchmarks", "deaf,honest", "--image-archive", hostile_image)
    wait_for(lambda: suites_that_run(process.pid))
    (suite,) = suites_that_run(process.pid)
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == code and "interrupted" in err, err
    assert not is_alive(suite) and local.results() == []
    assert local("status", "--output", "json").json()[0]["state"] == "settled"


@X86_64
def test_two_at_a_time_would_measure_one_another(local, hostile_image):
    first = local.start("run", "--local", "--benchmarks", "deaf", "--image-archive", hostile_image)
    wait_for(lambda: suites_that_run(first.pid))
    second = local("run", "--local", "--benchmarks", "honest", "--image-archive", hostile_image)
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=20)
    assert second.code == 3 and "another" in second.err, second.err
    assert local("run", "--local", "--benchmarks", "honest", "--image-archive", hostile_image).code == 0


@X86_64
def test_a_run_that_was_cut_off_is_resumed(local, hostile_image):
    words = ["run", "--local", "--local-name", "desk", "--benchmarks", "honest,deaf", "--timeout", "600s"]
    process = local.start(*words, "--image-archive", hostile_image)
    wait_for(lambda: "deaf" in suites_that_run(process.pid).values())
    (suite,) = suites_that_run(process.pid)
    process.kill()
    process.communicate()
    os.kill(suite, signal.SIGKILL)  # it ignores even the closed pipe; others end by that
    (row,) = local("status", "--output", "json").json()
    assert row["job_counts"]["cut_off"] == 1 and row["results"]["stored"] == 1
    done = local("run", "--resume", row["run_id"], "--benchmarks", "honest,slow", "--output", "json")
    assert done.code == 0, done.err
    assert done.json()[0]["instance_type"] == "local-desk" and done.json()[0]["results"] == 1
    assert [path.parts[-3] for path in local.results()] == ["suite=honest", "suite=slow"]
    assert "nothing is missing" in local("run", "--resume", row["run_id"], "--benchmarks", "honest,slow").err


def test_a_suite_whose_collector_was_killed_ends_by_itself(local):
    process = local.start("run", "--local", "--benchmarks", "stream", "--suite-options", "max-seconds=60")
    wait_for(lambda: suites_that_run(process.pid))
    (suite,) = suites_that_run(process.pid)
    process.kill()
    process.communicate()
    wait_for(lambda: not is_alive(suite), 30)


# --- archives ---------------------------------------------------------------------------------------------------------


def rewritten(archive: Path, change) -> Path:
    """The archive with its files (a dict of names and bytes) changed."""
    with tarfile.open(archive) as tar:
        files = {member.name: tar.extractfile(member).read() for member in tar.getmembers() if member.isfile()}
    change(files)
    with tarfile.open(archive, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return archive


def refused(local, archive, *said):
    done = local("run", "--local", "--benchmarks", "honest", "--image-archive", archive)
    assert done.code == 3, (done.code, done.err)
    for word in said:
        assert word in done.err, done.err
    assert list(local.home.iterdir()) == []


def test_a_program_of_another_architecture_is_refused(local, hostile, tmp_path_factory):
    other = {"amd64": b"\xb7\x00", "arm64": b"\x3e\x00"}[ARCHITECTURE]
    program = tmp_path_factory.mktemp("lying") / "program"
    data = bytearray(hostile.read_bytes())
    data[18:20] = other  # e_machine
    program.write_bytes(data)
    refused(local, assemble(program.parent, program), "is not for")


def test_a_program_that_needs_the_rest_of_its_image_is_refused(local, tmp_path_factory):
    folder = tmp_path_factory.mktemp("dynamic")
    subprocess.run(["cc", "-O1", "-o", folder / "hostile", ROOT / "tests/e2e/hostile.c"], check=True)
    refused(local, assemble(folder, folder / "hostile"), "statically linked")


def test_a_script_is_no_program(local, tmp_path_factory):
    program = tmp_path_factory.mktemp("script") / "program"
    program.write_text("#!/bin/sh\necho '{}'\n" + "#" * 100)
    refused(local, assemble(program.parent, program), "not a program")


def test_a_layer_that_was_changed_is_refused(local, hostile_image):
    def change(files):
        (layer,) = [name for name, data in files.items() if data[:2] == b"\x1f\x8b"]
        files[layer] = files[layer][:-1] + b"x"

    refused(local, rewritten(hostile_image, change), "digest")


def test_two_images_under_one_name_are_refused(local, hostile_image, hostile, tmp_path_factory):
    """manifest.json, by which engines load it, and index.json, whose digest results carry, must mean the same."""
    other = tmp_path_factory.mktemp("other") / "program"
    other.write_bytes(hostile.read_bytes() + b"more")
    with tarfile.open(assemble(other.parent, other)) as tar:
        foreign = {member.name: tar.extractfile(member).read() for member in tar.getmembers()}

    def change(files):
        for name, data in foreign.items():
            if name.startswith("blobs/") or name == "manifest.json":
                files[name] = data

    refused(local, rewritten(hostile_image, change), "different images")
