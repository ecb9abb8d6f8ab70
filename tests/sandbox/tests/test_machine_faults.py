"""Faults that a machine meets, at its start or while it is up."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import faults, mishaps
from sandbox.tests.helpers import Instance, exports, image_archive, sandbox, wait_for
from sandbox.tests.test_machines import connect

WAITING = b"#include <unistd.h>\nint main(void) { for (;;) pause(); }"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An image that does nothing until it is killed."""
    folder = tmp_path_factory.mktemp("image")
    program = folder / "waiting"
    subprocess.run(["cc", "-static", "-xc", "-o", program, "-"], input=WAITING, check=True)
    return image_archive(program, "amd64", "waiting:1")


def port() -> int:
    return int(exports().get("AWS_BENCHMARK_COLLECTOR_SSH_PORT", "22"))


def reach(instance: Instance) -> socket.socket | None:
    """A connection to the machine, once it takes one."""
    with contextlib.suppress(OSError):
        return socket.create_connection((instance.address, port()), timeout=5)
    return None


@contextlib.contextmanager
def connection(instance: Instance) -> Iterator[socket.socket]:
    """A connection to the machine's sshd that has got its greeting."""
    with socket.create_connection((instance.address, port()), timeout=5) as opened:
        assert opened.recv(4) == b"SSH-"
        yield opened


def test_a_dripping_sshd_is_never_idle_and_gets_nowhere(ec2: Any) -> None:
    sandbox("fault", "dripping-sshd")
    instance = Instance(ec2)
    instance.wait_until("running")
    with wait_for(lambda: reach(instance)) as slow:
        started = time.monotonic()
        assert [slow.recv(64) for _ in range(3)] == [b"S", b"S", b"H"]
        assert 1.5 < time.monotonic() - started < 10
    instance.terminate()
    instance.wait_until("terminated")


def test_a_slow_boot_takes_as_long_as_it_is_told(ec2: Any) -> None:
    sandbox("fault", "slow-boot:3")
    instance = Instance(ec2)
    instance.wait_until("running")
    started = time.monotonic()
    instance.wait_for_ssh()
    assert time.monotonic() - started > 2


def test_a_full_disk_takes_nothing_more(ec2: Any, archive: bytes) -> None:
    sandbox("fault", "disk-full")
    instance = Instance(ec2).wait_for_ssh()
    wait_for(lambda: instance.ssh("cloud-init status --wait").stdout == b"status: done\n")
    for command in ("head -c 5000 /dev/zero >/tmp/x", "head -c 5000 /dev/zero >~/x", "docker load"):
        done = instance.ssh(command, archive)
        assert done.returncode != 0 and b"space left" in done.stderr, command


def test_a_machine_without_an_engine(ec2: Any) -> None:
    sandbox("fault", "engine-missing")
    instance = Instance(ec2).wait_for_ssh()
    assert instance.ssh("docker version").returncode == 127


def test_a_wrong_clock_of_a_machine(ec2: Any) -> None:
    sandbox("fault", "machine-clock-wrong:-3600")
    instance = Instance(ec2).wait_for_ssh()
    assert abs(int(instance.run("date +%s")) - time.time() + 3600) < 30
    assert instance.run("date -d @0 +%s") == "0\n"


def test_a_frozen_machine_keeps_its_connections_and_says_nothing(ec2: Any, archive: bytes) -> None:
    instance = Instance(ec2).wait_for_ssh()
    with connection(instance) as opened:
        sandbox("fault", "frozen")
        start_container_in_the_background(instance, archive)
        wait_for(lambda: sandbox("fault", "list").stdout == "")
        wait_for(lambda: connect(instance) == "silent")
        opened.sendall(b"SSH-2.0-test\r\n")
        opened.settimeout(1)
        with pytest.raises(TimeoutError):
            while opened.recv(4096) != b"":
                pass
    instance.terminate()
    instance.wait_until("terminated")


def start_container_in_the_background(instance: Instance, archive: bytes) -> None:
    """For a fault after which the command does not come back."""
    instance.run("docker load", archive)
    instance.run("(sleep 0.5; docker run --network none waiting:1) >/dev/null 2>&1 </dev/null &")


def test_a_machine_that_is_killed_is_terminated_by_ec2(ec2: Any, archive: bytes) -> None:
    sandbox("fault", "killed-mid-run")
    instance = Instance(ec2, InstanceInitiatedShutdownBehavior="stop").wait_for_ssh()
    assert instance.state == "running"
    start_container_in_the_background(instance, archive)
    instance.wait_until("terminated")
    assert instance.describe()["StateReason"]["Code"] == "Server.InternalError"


def test_cut_connections_are_reset_and_new_ones_are_not(ec2: Any) -> None:
    instance = Instance(ec2).wait_for_ssh()
    with connection(instance) as opened:
        sandbox("fault", "tcp-cut:0", "--match", instance.id)
        with pytest.raises(ConnectionResetError):
            while opened.recv(4096):
                pass
    assert instance.ssh("true").returncode == 0


def test_a_lost_network_is_silent(ec2: Any) -> None:
    instance = Instance(ec2).wait_for_ssh()
    sandbox("fault", "network-lost:0", "--match", instance.id)
    wait_for(lambda: connect(instance) == "silent")
    assert instance.state == "running"


def test_a_suite_is_killed(ec2: Any, archive: bytes) -> None:
    sandbox("fault", "suite-killed")
    instance = Instance(ec2).wait_for_ssh()
    instance.run("docker load", archive)
    assert instance.run("docker run --network none waiting:1; echo $?") == "137\n"


def test_a_host_key_changes_after_the_first_login(ec2: Any) -> None:
    sandbox("fault", "key-changes")
    instance = Instance(ec2).wait_for_ssh()
    wait_for(lambda: b"verification failed" in instance.ssh("true").stderr.lower())


def test_seconds_count_from_the_boot_and_a_machine_meets_a_fault_once(ec2: Any) -> None:
    sandbox("fault", "network-lost:1.5", "--match", "c7i.large", "--times", "0")
    others = Instance(ec2).wait_for_ssh()
    instance = Instance(ec2, InstanceType="c7i.large").wait_for_ssh()
    wait_for(lambda: connect(instance) == "silent")
    assert others.ssh("true").returncode == 0


def test_every_fault_of_a_live_machine_has_its_doing() -> None:
    kinds = {kind.name for kind in faults.KINDS.values() if kind.stage is faults.Stage.LIVE}
    assert kinds == mishaps.DOINGS.keys()
