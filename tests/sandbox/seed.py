"""Writes a machine's identity into its file system before it boots: what cloud-init would do in it."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from sandbox.template import FIRST_USER, ROOT
from sandbox.userdata import File, FirstBoot, User

_STAGES = Path("var/lib/cloud/sandbox")
"""Holds the scripts `boot`, `files` and `late` that guest/init runs, and what `files` puts in place."""

_SSHD = """Port {port}
ListenAddress {address}
PidFile /run/sshd.pid
UsePAM no
UseDNS no
PermitRootLogin no
PasswordAuthentication no
KbdInteractiveAuthentication no
KexAlgorithms -sntrup*,mlkem*
PrintMotd no
PrintLastLog no
LogLevel VERBOSE
Subsystem sftp internal-sftp
SetEnv PATH=/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin
"""


def write(upper: Path, first_boot: FirstBoot, host_name: str, address: str, port: int) -> None:
    """Fills the upper layer of a machine's root; `upper` exists and is empty."""
    (upper / "etc/ssh").mkdir(parents=True)
    (upper / "opt/sandbox").mkdir(parents=True)
    _write_host_name(upper, host_name, address)
    _write_sshd(upper, first_boot.host_keys, address, port)
    _write_users(upper, first_boot.users)
    _write_stages(upper, first_boot)
    _write(upper / "opt/sandbox/images", "", 0o666)


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.write_text(text)
    path.chmod(mode)


def _write_host_name(upper: Path, host_name: str, address: str) -> None:
    short = host_name.partition(".")[0]
    _write(upper / "etc/hostname", host_name + "\n")
    _write(upper / "etc/hosts", f"127.0.0.1 localhost\n::1 localhost\n{address} {host_name} {short}\n")


def _write_sshd(upper: Path, host_keys: dict[str, str], address: str, port: int) -> None:
    config = _SSHD.format(address=address, port=port)
    for kind, private in host_keys.items():
        _write(upper / f"etc/ssh/ssh_host_{kind}_key", private.rstrip("\n") + "\n", 0o600)
    if not host_keys:
        path = upper / "etc/ssh/ssh_host_ed25519_key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path], check=True)
    for kind in host_keys or ["ed25519"]:
        config += f"HostKey /etc/ssh/ssh_host_{kind}_key\n"
    _write(upper / "etc/ssh/sshd_config", config)


def _write_users(upper: Path, users: list[User]) -> None:
    etc = upper / "etc"
    for name in ("passwd", "group", "shadow"):
        shutil.copy2(ROOT / "etc" / name, etc / name)
    for number, user in enumerate(users, FIRST_USER):
        _append(etc / "passwd", f"{user.name}:x:{number}:{number}::/home/{user.name}:/bin/bash")
        _append(etc / "shadow", f"{user.name}:*:19000:0:99999:7:::")
        _append(etc / "group", f"{user.name}:x:{number}:")
        _write_keys(upper / "home" / user.name, user.authorized_keys, number)
    _join_groups(etc / "group", users)


def _append(path: Path, line: str) -> None:
    with path.open("a") as file:
        file.write(line + "\n")


def _join_groups(path: Path, users: list[User]) -> None:
    members: dict[str, list[str]] = {}
    for user in users:
        for group in user.groups + (["wheel"] if user.sudo else []):
            members.setdefault(group, []).append(user.name)
    lines = []
    for line in path.read_text().splitlines():
        lines.append(line + ",".join(members.pop(line.partition(":")[0], [])))
    for number, (group, names) in enumerate(members.items(), 2000):
        lines.append(f"{group}:x:{number}:{','.join(names)}")
    _write(path, "\n".join(lines) + "\n")


def _write_keys(home: Path, keys: list[str], owner: int) -> None:
    (home / ".ssh").mkdir(parents=True)
    _write(home / ".ssh/authorized_keys", "".join(f"{key}\n" for key in keys), 0o600)
    for path in (home, home / ".ssh"):
        path.chmod(0o700)
    for path in (home, home / ".ssh", home / ".ssh/authorized_keys"):
        os.chown(path, owner, owner)


def _write_stages(upper: Path, first_boot: FirstBoot) -> None:
    stages = upper / _STAGES
    stages.mkdir(parents=True)
    files = [_place(stages, number, file) for number, file in enumerate(first_boot.files)]
    _write(stages / "boot", _script(first_boot.boot_commands), 0o755)
    _write(stages / "files", _script(files), 0o755)
    _write(stages / "late", _script(first_boot.late_commands), 0o755)
    if first_boot.error:
        _write(stages / "error", first_boot.error + "\n")


def _script(lines: list[str]) -> str:
    return "\n".join(["#!/bin/sh", *lines]) + "\n"


def _place(stages: Path, number: int, file: File) -> str:
    """A shell line that puts a file where user data wants it, from inside, where links and owners are right."""
    source = stages / f"file-{number}"
    source.write_bytes(file.content)
    words = ["install", "-D", "-m", f"{file.mode:o}", f"/{_STAGES}/file-{number}", file.path]
    return f"{shlex.join(words)} && chown {shlex.join([file.owner, file.path])}"
