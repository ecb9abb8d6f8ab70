"""Up, down, and what is left after either, however the sandbox came to its end."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import supervisor
from sandbox.tests.helpers import (
    AS_ROOT,
    COMMAND,
    ENVIRONMENT,
    NUMBER,
    Instance,
    client,
    exports,
    sandbox,
    take_number,
    wait_for,
)
from sandbox.tests.test_machine_faults import archive, start_container_in_the_background  # noqa: F401 (a fixture)

LISTENING = re.compile(rf"\b[0-9A-F]{{4}}{10 + NUMBER:02X}7F:[0-9A-F]{{4}} 00000000:0000 0A\b")
"""In /proc/net/tcp: an sshd on one of this sandbox's addresses."""

NAME = f"aws-benchmark-collector-sandbox-{NUMBER}"


@pytest.fixture
def fresh() -> Iterator[None]:
    """No sandbox before and after."""
    sandbox("down")
    yield
    sandbox("down")


def traces() -> list[str]:
    """Everything of the sandbox that can be found."""
    found = [path for path in (f"/run/{NAME}", f"/proc/sys/fs/binfmt_misc/{NAME}") if os.path.exists(path)]
    found += [str(path) for path in Path("/sys/fs/cgroup").glob(f"**/{NAME}*")]
    found += [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if NAME in line]
    processes = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    found += [line for line in processes.splitlines() if NAME in line]
    found += LISTENING.findall(Path("/proc/net/tcp").read_text())
    tables = subprocess.run([*AS_ROOT, "nft", "list", "tables"], capture_output=True, text=True, check=False).stdout
    return found + [line for line in tables.splitlines() if line.endswith(NAME)]


def state() -> str:
    return Path(f"/run/{NAME}/state.json").read_text()


def processes() -> list[int]:
    return [pid for pid, _ in json.loads(state())["processes"]]


def start_with_instances(*architectures: str) -> None:
    sandbox("up", "--boot-delay", "0", "--state-delay", "0.1")
    for instance in [Instance(client("ec2"), architecture) for architecture in architectures]:
        instance.wait_for_ssh()


def test_down_leaves_nothing(fresh: None) -> None:
    start_with_instances("x86_64", "arm64")
    assert len(LISTENING.findall("\n".join(traces()))) == 2
    sandbox("down")
    assert traces() == []


@pytest.mark.parametrize("victim", ["outermost process", "first process of the namespace", "daemon"])
def test_a_killed_sandbox_takes_everything_along_and_down_does_the_rest(fresh: None, victim: str) -> None:
    start_with_instances("x86_64")
    outer, inner = processes()
    children = Path(f"/proc/{inner}/task/{inner}/children").read_text().split()
    pid = {"outermost process": outer, "first process of the namespace": inner, "daemon": int(children[0])}[victim]
    subprocess.run([*AS_ROOT, "kill", f"-{signal.SIGKILL.value}", str(pid)], check=True)
    wait_for(lambda: not any("dockerd" in trace or LISTENING.fullmatch(trace) for trace in traces()))
    assert sandbox("instances").stdout == ""
    assert sandbox("env", check=False).returncode == 1
    sandbox("down")
    assert traces() == []


def test_down_ends_what_was_frozen_when_its_engine_died(fresh: None, archive: bytes) -> None:
    sandbox("up", "--boot-delay", "0", "--state-delay", "0.1")
    sandbox("fault", "frozen")
    start_container_in_the_background(Instance(client("ec2"), "x86_64").wait_for_ssh(), archive)
    wait_for(lambda: sandbox("fault", "list").stdout == "")
    wait_for(lambda: "FROZEN" in freezers())
    subprocess.run([*AS_ROOT, "kill", "-9", str(processes()[1])], check=True)
    sandbox("down")
    assert traces() == []


def freezers() -> set[str]:
    """The words of all groups of the sandbox's, in either version of the hierarchy."""
    words = {"1": "FROZEN", "0": "THAWED"}
    first = [path.read_text().strip() for path in Path("/sys/fs/cgroup").glob(f"freezer/{NAME}/*/freezer.state")]
    second = [words[path.read_text().strip()] for path in Path("/sys/fs/cgroup").glob(f"{NAME}/*/cgroup.freeze")]
    return {*first, *second}


def test_up_after_a_crash_starts_afresh(fresh: None) -> None:
    sandbox("up")
    subprocess.run([*AS_ROOT, "kill", "-9", str(processes()[1])], check=True)
    sandbox("up")
    assert client("ec2").describe_vpcs()["Vpcs"]


def test_up_twice_is_refused_and_disturbs_nothing(fresh: None) -> None:
    sandbox("up")
    before = state()
    again = sandbox("up", check=False)
    assert (again.returncode, "up already" in again.stderr) == (1, True)
    assert state() == before


def test_a_sandbox_that_can_not_start_says_why_and_leaves_nothing(fresh: None) -> None:
    sandbox("up")
    port = exports()["AWS_ENDPOINT_URL"].rpartition(":")[2]
    number = take_number()
    other = {**ENVIRONMENT, "AWS_BENCHMARK_SANDBOX": str(number)}
    done = subprocess.run([COMMAND, "up", "--port", port], env=other, capture_output=True, text=True, check=False)
    assert (done.returncode, "Address already in use" in done.stderr) == (1, True)
    assert not Path(f"/run/aws-benchmark-collector-sandbox-{number}").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts something")
def test_what_is_mounted_below_the_run_directory_is_never_deleted(tmp_path: Path) -> None:
    run, host = tmp_path / "run", tmp_path / "host"
    (run / "private").mkdir(parents=True)
    (run / "daemon.log").touch()
    host.mkdir()
    (host / "precious").touch()
    subprocess.run(["mount", "--bind", host, run / "private"], check=True)
    try:
        with pytest.raises(OSError, match="busy|not empty"):
            supervisor.remove_run_directory(run)
        assert (host / "precious").exists()
    finally:
        subprocess.run(["umount", run / "private"], check=True)
    supervisor.remove_run_directory(run)
    assert not run.exists()


def test_commands_without_a_sandbox_say_so(fresh: None) -> None:
    assert sandbox("instances").stdout == ""
    assert sandbox("down").returncode == 0
    assert "not up" in sandbox("env", check=False).stderr
    assert "not up" in sandbox("fault", "list", check=False).stderr


def test_https_with_kept_connections_and_an_own_authority(fresh: None) -> None:
    sandbox("up", "--https", "--keep-alive")
    assert client("s3").list_buckets()["Buckets"][0]["Name"] == "sandbox-results"
    with pytest.raises(OSError, match="certificate verify failed"):
        urllib.request.urlopen(exports()["AWS_BENCHMARK_COLLECTOR_CALLER_ADDRESS_URL"], timeout=5)


def test_any_client_works_in_a_shell_with_what_env_prints(fresh: None) -> None:
    sandbox("up")
    script = f'eval "$({COMMAND} env)" && "$0" -c "import boto3; print(boto3.client(\'sts\').get_caller_identity())"'
    spoiled = {
        **ENVIRONMENT,
        "AWS_PROFILE": "nobody",
        "AWS_SESSION_TOKEN": "old",
        "AWS_ENDPOINT_URL_STS": "http://[::]",
    }
    done = subprocess.run(
        ["bash", "-c", script, sys.executable], env=spoiled, capture_output=True, text=True, check=True
    )
    assert "123456789012" in done.stdout
