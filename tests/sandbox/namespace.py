"""The first process of the sandbox's namespaces: gives the daemon a root of its own, and reaps orphans."""

import json
import os
import signal
import subprocess
from collections.abc import Callable
from typing import Any

from sandbox import cgroups, paths
from sandbox.settings import Settings


def serve(report: int, settings: Settings, run: Callable[[Settings, Callable[[dict[str, Any]], None]], None]) -> int:
    """Runs the daemon as a child of this process and ends when it ends; the kernel then ends all the rest."""
    _enter_private_root()
    daemon = os.fork()
    if daemon == 0:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        run(settings, lambda facts: _report(report, facts))
        os._exit(0)
    os.close(report)
    while True:
        pid, status = os.wait()
        if pid == daemon:
            return os.waitstatus_to_exitcode(status) & 0xFF


def _report(descriptor: int, facts: dict[str, Any]) -> None:
    os.write(descriptor, json.dumps(facts).encode() + b"\n")
    os.close(descriptor)


def _enter_private_root() -> None:
    """Changes into a view of the host's files whose mounts are nobody else's.

    /run and /etc are the sandbox's own (engines write to both), /proc shows its processes only, and what it keeps is in
    memory. A bind mount, and not the namespace's / itself, because in a chroot / need not be a mount point, and the
    engine needs one.
    """
    root = paths.ROOT
    root.mkdir()
    paths.PRIVATE.mkdir()
    _mount("--rbind", "/", root)
    _mount("--make-rprivate", root)
    _mount("-t", "proc", "proc", f"{root}/proc")
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", f"{root}/run")
    os.makedirs(f"{root}{paths.RUN}")
    _mount("--bind", paths.RUN, f"{root}{paths.RUN}")
    _mount("-t", "tmpfs", "-o", "mode=755,size=75%", "tmpfs", f"{root}{paths.PRIVATE}")
    upper, work = f"{paths.PRIVATE}/etc", f"{paths.PRIVATE}/etc-work"
    os.chroot(root)
    os.chdir("/")
    os.mkdir(upper)
    os.mkdir(work)
    _mount("-t", "overlay", "-o", f"lowerdir=/etc,upperdir={upper},workdir={work}", "etc", "/etc")
    cgroups.mount_missing()


def _mount(*arguments: object) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)
