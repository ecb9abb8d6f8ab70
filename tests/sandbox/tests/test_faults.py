"""Each fault does what its line in the table says, as often as asked, and then no more."""

from typing import Any

import pytest

from sandbox import faults, requestfaults
from sandbox.tests.helpers import COMMAND, Instance, sandbox, wait_for
from sandbox.tests.test_machines import connect


def test_a_machine_that_never_boots_is_running_and_silent(ec2: Any) -> None:
    sandbox("fault", "never-boots", "--match", "m7i.large")
    instance = Instance(ec2)
    instance.wait_until("running")
    Instance(ec2).wait_for_ssh()
    assert connect(instance) in ("silent", "refused")
    instance.terminate()
    instance.wait_until("terminated")


def test_a_wrong_host_key_is_shown(ec2: Any) -> None:
    sandbox("fault", "wrong-host-key")
    instance = Instance(ec2)
    wait_for(lambda: connect(instance) == "SSH")
    assert b"verification failed" in instance.ssh("true").stderr.lower()


def test_a_silent_sshd_accepts_and_says_nothing(ec2: Any) -> None:
    sandbox("fault", "silent-sshd")
    instance = Instance(ec2)
    instance.wait_until("running")
    wait_for(lambda: "timed out" in instance.ssh("true").stderr.decode().lower() and connect(instance) == "silent")


def test_faults_are_listed_and_cleared(ec2: Any) -> None:
    sandbox("fault", "never-boots", "--times", "0")
    sandbox("fault", "error:AuthFailure", "--action", "DescribeInstances", "--times", "3")
    assert sandbox("fault", "list").stdout.splitlines() == [
        "name=never-boots",
        "name=error argument=AuthFailure action=DescribeInstances times=3",
    ]
    sandbox("fault", "clear")
    assert sandbox("fault", "list").stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-fault"],
        ["error"],
        ["never-boots:Code"],
        ["never-boots", "--action", "X"],
        ["error:X", "--times", "-1"],
        ["slow"],
        ["slow:soon"],
        ["slow:nan"],
        ["slow:-1"],
        ["throttle:0"],
        ["throttle:"],
    ],
)
def test_nonsense_is_refused(up: None, arguments: list[str]) -> None:
    done = sandbox("fault", *arguments, check=False)
    assert (done.returncode, done.stderr.startswith("sandbox: ")) == (1, True)


def test_every_fault_of_the_table_is_documented() -> None:
    readme = COMMAND.with_name("README.md").read_text()
    assert [name for name in faults.KINDS if f"`{name}" not in readme] == []


def test_every_fault_of_a_request_has_its_doing() -> None:
    """The others are asked for by name in the module that meets them."""
    kinds = {kind.name for kind in faults.KINDS.values() if kind.stage is faults.Stage.REQUEST}
    assert kinds == requestfaults.EFFECTS.keys()
