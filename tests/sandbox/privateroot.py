"""A view of the host's files for the sandbox alone: what is mounted or written in it reaches nobody else.

/run and /etc are its own (container engines write to both), /proc shows its own processes, and whatever it keeps is in
memory. Used by the daemon, and by `down` to clean up.
"""

import os
import subprocess
from pathlib import Path

from sandbox import cgroups, paths


def enter() -> None:
    """Changes into it. The process must be in a mount namespace of its own, and should be in a pid namespace too.

    The view is a bind mount, and not the namespace's / itself: in a chroot / need not be a mount point, and a container
    engine needs one. There the host may also share its mounts with every namespace. So first comes a tmpfs, which
    the host may then see, and everything else below it, once it is made private, which nobody sees.
    """
    paths.PRIVATE.mkdir(parents=True, exist_ok=True)
    _mount("-t", "tmpfs", "-o", "mode=755,size=75%", "tmpfs", paths.PRIVATE)
    _mount("--make-private", paths.PRIVATE)
    root = paths.PRIVATE / "root"
    root.mkdir()
    _mount("--rbind", "/", root)
    _mount("--make-rprivate", root)
    _mount("-t", "proc", "proc", f"{root}/proc")
    if not os.path.ismount(f"{root}/sys"):
        _mount("-t", "sysfs", "sysfs", f"{root}/sys")
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", f"{root}/run")
    os.makedirs(f"{root}{paths.PRIVATE}")
    _bind(paths.RUN, f"{root}{paths.RUN}")
    _bind(paths.PRIVATE, f"{root}{paths.PRIVATE}")
    os.chroot(root)
    os.chdir("/")
    _lay_over_etc()
    cgroups.mount_missing()


def _lay_over_etc() -> None:
    upper, work = paths.PRIVATE / "etc", paths.PRIVATE / "etc-work"
    upper.mkdir()
    work.mkdir()
    _mount("-t", "overlay", "-o", f"lowerdir=/etc,upperdir={upper},workdir={work}", "etc", "/etc")


def _bind(source: Path, target: str) -> None:
    """A bind mount shares what is mounted below it with its source, until it is made private."""
    _mount("--bind", source, target)
    _mount("--make-private", target)


def _mount(*arguments: object) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)
