"""The control groups of the engine's containers: mounted where nobody did, and removed with the sandbox."""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from sandbox import paths

_TOP = Path("/sys/fs/cgroup")
_REMOVE_TIMEOUT = 5.0


def mount_missing() -> None:
    """Mounts the hierarchies that the kernel has, in a mount namespace of the sandbox's own.

    A chroot or a container often has none at /sys/fs/cgroup; an engine needs them.
    """
    if os.path.ismount(_TOP):
        return
    lines = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    controllers = [names for number, names, _ in lines if number != "0" and not names.startswith("name=")]
    if not controllers:
        _mount("-t", "cgroup2", "cgroup2", _TOP)
        return
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", _TOP)
    for names in controllers:
        (_TOP / names).mkdir()
        _mount("-t", "cgroup", "-o", names, "cgroup", _TOP / names)


def _mount(*arguments: object) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)


def thaw() -> None:
    """Lets containers die that were paused when their engine ended: a kill reaches no frozen process, and nobody else
    is left to thaw it."""
    for directory in _ours():
        for name, word in (("freezer.state", "THAWED"), ("cgroup.freeze", "0")):
            with contextlib.suppress(OSError):
                if (directory / name).exists():
                    (directory / name).write_text(word)


def remove() -> None:
    """Removes what containers left. The kernel frees a group a moment after its last process."""
    deadline = time.monotonic() + _REMOVE_TIMEOUT
    for directory in _ours():
        while directory.exists() and time.monotonic() < deadline:
            try:
                directory.rmdir()
            except OSError:
                time.sleep(0.02)


def _ours() -> Iterator[Path]:
    """Deepest first, of every hierarchy."""
    for top in (_TOP / paths.NAME, *_TOP.glob(f"*/{paths.NAME}")):
        for directory, _, _ in os.walk(top, topdown=False):
            yield Path(directory)
