"""Starts the sandbox as one pid namespace and ends it, whatever state it is in.

Everything that the sandbox runs lives in one pid and one mount namespace: when their first process dies, by whatever
means, the kernel ends all the others and undoes every mount. What the kernel does not undo (nftables, cgroups, the run
directory) is undone here, by `down` and before every `up`.

    sandbox up ── unshare ── reaper (PID 1) ── daemon ─┬─ dockerd ── containers
                                                       └─ unshare ── machine's PID 1 ── sshd …
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from sandbox import binfmt, cgroups, network, paths, privateroot
from sandbox.settings import Settings

START_TIMEOUT = 60.0
END_TIMEOUT = 20.0


class SupervisorError(RuntimeError):
    """The sandbox could not be started or ended; the text is for the user."""


def is_up() -> bool:
    """Whether a sandbox is running."""
    return any(_alive(*process) for process in _recorded())


def state() -> dict[str, Any]:
    """What a client must know of the sandbox that is up."""
    if not is_up():
        raise SupervisorError("the sandbox is not up: start it with `tests/sandbox/sandbox up`")
    return json.loads(paths.STATE.read_text())  # type: ignore[no-any-return]


def start(settings: Settings) -> dict[str, Any]:
    """Starts the sandbox, waits until it is ready, and gives its state."""
    if is_up():
        raise SupervisorError("the sandbox is up already: `tests/sandbox/sandbox down` ends it")
    stop()
    paths.RUN.mkdir(mode=0o755)
    outer, report = _spawn(settings)
    try:
        _record(outer)
        facts = _wait_until_ready(report)
    except SupervisorError:
        _stop_quietly()
        raise
    facts["processes"] = _recorded()
    _write_state(facts)
    return facts


def stop() -> None:
    """Ends the sandbox and leaves nothing of it; does nothing where there is nothing."""
    for pid, started in reversed(_recorded()):
        if _alive(pid, started):
            os.kill(pid, signal.SIGKILL)
    _wait_until_dead()
    _in_own_mount_namespace("sweep")
    _unmount_private()
    try:
        remove_run_directory(paths.RUN)
    except OSError as error:
        raise SupervisorError(f"{paths.RUN} could not be removed: {error}") from error


def sweep() -> None:
    """Removes what outlives the sandbox's namespaces. Called in a mount namespace that ends with this process."""
    privateroot.enter()
    network.remove_table()
    cgroups.remove()
    binfmt.remove()


def _in_own_mount_namespace(command: str) -> None:
    prefix = ["unshare", "--mount", "--propagation", _propagation()]
    done = subprocess.run([*prefix, sys.executable, "-B", "-m", "sandbox", command], check=False)
    if done.returncode != 0:
        raise SupervisorError("what the sandbox left could not be removed")


def _stop_quietly() -> None:
    with contextlib.suppress(SupervisorError):
        stop()


def _spawn(settings: Settings) -> tuple[int, int]:
    """Starts the processes; gives the pid of the outermost and the end of a pipe on which the daemon will report."""
    reading, writing = os.pipe()
    command = ["unshare", "--pid", "--mount", "--fork", "--kill-child", "--propagation", _propagation()]
    command += [sys.executable, "-B", "-m", "sandbox", "serve", str(writing), settings.to_json()]
    with paths.DAEMON_LOG.open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[writing], start_new_session=True
        )
    os.close(writing)
    return process.pid, reading


def _propagation() -> str:
    """In a chroot, / may be no mount point: its propagation can't be changed then."""
    mount_points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return "private" if "/" in mount_points else "unchanged"


def _record(outer: int) -> None:
    """Notes the outermost process and the namespace's first, each with its start time: pids are used again."""
    deadline = time.monotonic() + START_TIMEOUT
    children = Path(f"/proc/{outer}/task/{outer}/children")
    while time.monotonic() < deadline and _start_time(outer) is not None:
        inner = children.read_text().split()
        if inner:
            pids = [outer, int(inner[0])]
            _write_state({"processes": [(pid, _start_time(pid)) for pid in pids]})
            return
        time.sleep(0.005)
    raise SupervisorError(f"the sandbox did not start:\n{_log_tail()}")


def _write_state(facts: dict[str, Any]) -> None:
    temporary = paths.STATE.with_suffix(".new")
    temporary.write_text(json.dumps(facts))
    temporary.replace(paths.STATE)


def _wait_until_ready(report: int) -> dict[str, Any]:
    """The daemon's report is one line of JSON; a daemon that dies reports nothing."""
    with os.fdopen(report, "rb") as stream:
        line = stream.readline()
    if not line:
        raise SupervisorError(f"the sandbox did not start:\n{_log_tail()}")
    return json.loads(line)  # type: ignore[no-any-return]


def _log_tail(lines: int = 12) -> str:
    with contextlib.suppress(OSError):
        return "\n".join(paths.DAEMON_LOG.read_text(errors="replace").splitlines()[-lines:])
    return "(it left no log)"


def _recorded() -> list[tuple[int, int]]:
    with contextlib.suppress(OSError, ValueError, KeyError):
        return [(pid, started) for pid, started in json.loads(paths.STATE.read_text())["processes"]]
    return []


def _start_time(pid: int) -> int | None:
    """In clock ticks since boot; None for a process that is gone or only waits to be reaped."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in ("Z", "X") else int(fields[19])


def _alive(pid: int, started: int) -> bool:
    return _start_time(pid) == started


def _wait_until_dead() -> None:
    deadline = time.monotonic() + END_TIMEOUT
    while is_up():
        if time.monotonic() > deadline:
            raise SupervisorError("the sandbox's processes do not end")
        cgroups.thaw()
        time.sleep(0.01)


def _unmount_private() -> None:
    """In a chroot the sandbox's tmpfs may show outside of its namespace: see privateroot.py."""
    while os.path.ismount(paths.PRIVATE):
        done = subprocess.run(["umount", paths.PRIVATE], check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise SupervisorError(f"could not unmount: {done.stderr.strip()}")


def remove_run_directory(directory: Path) -> None:
    """Removes the files of the run directory, and directories only when they are empty.

    Nothing here may ever descend: were something of the host still mounted below, that would be what is deleted.
    """
    if not directory.exists():
        return
    for part in (directory / paths.MACHINE_LOGS.name, directory):
        if part.is_dir() and not part.is_mount():
            for entry in part.iterdir():
                if not entry.is_dir() or entry.is_symlink():
                    entry.unlink()
    for part in (directory / paths.MACHINE_LOGS.name, directory / paths.PRIVATE.name, directory):
        if part.exists():
            part.rmdir()
