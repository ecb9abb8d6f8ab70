"""The first process of the sandbox's namespaces: gives the daemon a root of its own, and reaps orphans."""

import json
import os
import signal
from collections.abc import Callable
from typing import Any

from sandbox import privateroot
from sandbox.settings import Settings


def serve(report: int, settings: Settings, run: Callable[[Settings, Callable[[dict[str, Any]], None]], None]) -> int:
    """Runs the daemon as a child of this process and ends when it ends; the kernel then ends all the rest."""
    privateroot.enter()
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
