"""The reader of user data, held to cloud-init's own schema where that is installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox import userdata
from sandbox.tests.helpers import cloud_config

FULL = cloud_config(
    users=["default", {"name": "bench", "sudo": "ALL=(ALL) NOPASSWD:ALL", "groups": "docker"}],
    write_files=[{"path": "/etc/x", "content": "x", "permissions": "0600"}],
    bootcmd=["echo early"],
    runcmd=["shutdown -P +30", ["echo", "two words"]],
    power_state={"mode": "poweroff", "delay": 30},
)


@pytest.mark.skipif(not shutil.which("cloud-init"), reason="cloud-init is not installed")
def test_what_is_read_here_is_valid_for_cloud_init(tmp_path: Path) -> None:
    file = tmp_path / "user-data"
    file.write_text(FULL)
    done = subprocess.run(["cloud-init", "schema", "--config-file", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_commands_are_quoted_and_power_state_comes_last() -> None:
    boot = userdata.read(FULL.encode(), None)
    assert boot.error is None
    assert boot.late_commands == ["shutdown -P +30", "echo 'two words'", "shutdown -P +30"]
    assert list(boot.host_keys) == ["ed25519"]


def test_the_key_pair_is_the_default_users() -> None:
    (user,) = userdata.read(b"", "ssh-ed25519 AAAA pair").users
    assert (user.name, user.authorized_keys, user.sudo) == ("ec2-user", ["ssh-ed25519 AAAA pair"], True)


@pytest.mark.parametrize(
    "text",
    [
        "#cloud-config\n- a list",
        "#cloud-config\n{unclosed",
        "#cloud-config\nrun_cmd: [true]",
        "#cloud-config\nruncmd: echo",
        "#cloud-config\nruncmd: [{a: b}]",
        "#cloud-config\nwrite_files: [{path: relative}]",
        "#cloud-config\nwrite_files: [{path: /x, permissions: rwx}]",
        "#cloud-config\nusers: [{sudo: yes}]",
        "#cloud-config\npower_state: {delay: 1}",
        "just text",
        "\x00\x01",
    ],
)
def test_what_cloud_init_would_refuse_is_an_error_and_not_a_crash(text: str) -> None:
    boot = userdata.read(text.encode(), "ssh-ed25519 AAAA pair")
    assert boot.error and not boot.late_commands and boot.users[0].authorized_keys
