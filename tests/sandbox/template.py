"""The root file system that every machine starts from.

A machine sees the host's /usr, a few harmless files of its /etc, and nothing else of it: no home, no keys, no sockets.
Each machine then writes to an overlay of its own: see guest/boot.
"""

import os
import shutil
from pathlib import Path

from sandbox import paths

DOCKER_GROUP = 991
FIRST_USER = 1000

ROOT = paths.TEMPLATE / "root"
USR = paths.TEMPLATE / "usr"
"""Laid over the host's /usr: the commands that must know they are in a machine."""

_FROM_ETC = (
    "alternatives",
    "bash.bashrc",
    "bashrc",
    "ca-certificates",
    "crypto-policies",
    "gai.conf",
    "host.conf",
    "inputrc",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "login.defs",
    "nsswitch.conf",
    "pki/tls/certs",
    "profile",
    "protocols",
    "services",
    "ssl/certs",
    "ssl/openssl.cnf",
    "terminfo",
)
_COMMANDS = {
    "bin": ("arch", "cloud-init", "curl", "docker", "nproc", "systemctl", "systemd-run", "uname"),
    "sbin": ("halt", "poweroff", "reboot", "shutdown"),
}
_SYSTEM_ACCOUNTS = (("root", 0, "/root", "/bin/bash"), ("sshd", 74, "/run/sshd", "/usr/sbin/nologin"))

_SUDOERS = """Defaults !requiretty
Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
root ALL=(ALL:ALL) NOPASSWD:ALL
%wheel ALL=(ALL:ALL) NOPASSWD:ALL
"""
_PAM = "auth required pam_permit.so\naccount required pam_permit.so\nsession required pam_permit.so\n"


def build() -> None:
    """Makes the template. Once per sandbox."""
    for directory in ("dev", "etc/ssh", "etc/pam.d", "home", "opt", "proc", "root", "run", "srv", "sys", "usr"):
        (ROOT / directory).mkdir(parents=True)
    for directory in ("etc/systemd/system", "var/lib/cloud/instance", "var/log", "var/cache", "var/spool"):
        (ROOT / directory).mkdir(parents=True)
    for directory in ("tmp", "var/tmp"):
        (ROOT / directory).mkdir()
        (ROOT / directory).chmod(0o1777)
    (ROOT / "opt/sandbox/usr").mkdir(parents=True)
    (ROOT / "root").chmod(0o700)
    (ROOT / "var/run").symlink_to("/run")
    _link_to_usr()
    _copy_from_etc()
    _write_accounts()
    _lay_commands()


def _link_to_usr() -> None:
    """/bin, /lib and the like, which must be links into /usr."""
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        original = Path("/") / name
        if original.is_symlink():
            (ROOT / name).symlink_to(os.readlink(original))
        elif original.is_dir():
            raise RuntimeError(f"{original} is no link into /usr: the sandbox needs a system with a merged /usr")


def _copy_from_etc() -> None:
    for name in _FROM_ETC:
        source, target = Path("/etc") / name, ROOT / "etc" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        elif source.exists():
            shutil.copy2(source, target, follow_symlinks=name == "localtime")


def _write_accounts() -> None:
    etc = ROOT / "etc"
    lines = [f"{name}:x:{number}:{number}::{home}:{shell}" for name, number, home, shell in _SYSTEM_ACCOUNTS]
    _write(etc / "passwd", "\n".join(lines) + "\n")
    _write(etc / "group", f"root:x:0:\nsshd:x:74:\nwheel:x:10:\ndocker:x:{DOCKER_GROUP}:\n")
    _write(etc / "shadow", "root:*:19000:0:99999:7:::\nsshd:*:19000:0:99999:7:::\n", 0o600)
    _write(etc / "sudoers", _SUDOERS, 0o440)
    for service in ("sudo", "other", "sshd"):
        _write(etc / "pam.d" / service, _PAM)


def _lay_commands() -> None:
    """Our commands in place of the host's, also where the host has its own below /usr/local."""
    for directory, names in _COMMANDS.items():
        (USR / directory).mkdir(parents=True)
        for name in names:
            target = USR / directory / name
            shutil.copyfile(paths.GUEST_FILES / _script(name), target)
            target.chmod(0o755)
            for local in (Path("/usr/local/bin"), Path("/usr/local/sbin")):
                if (local / name).exists():
                    shadow = USR / local.relative_to("/usr") / name
                    shadow.parent.mkdir(parents=True, exist_ok=True)
                    shadow.symlink_to(Path("/usr") / directory / name)


def _script(command: str) -> str:
    """Several commands are one script that looks at its own name."""
    aliases = {"poweroff": "shutdown", "halt": "shutdown", "reboot": "shutdown", "arch": "uname"}
    return aliases.get(command, command)


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.write_text(text)
    path.chmod(mode)
