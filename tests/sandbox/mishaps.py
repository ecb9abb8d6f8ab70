"""What befalls machines while they are up: the doing of each kind of `Stage.LIVE` in faults.py.

One thread looks at all machines, many times a second. A fault whose name has seconds behind it befalls a machine that
long after its boot; without, once the machine runs a container (`key-changes`: once somebody has logged in).
"""

import sys
import threading
import time
import traceback
from collections.abc import Callable

from sandbox.faults import Fault, Stage
from sandbox.host import Host
from sandbox.machines import Machine, Machines

INTERVAL = 0.1

DOINGS: dict[str, Callable[[Machine], None]] = {
    "frozen": Machine.freeze,
    "killed-mid-run": Machine.fail,
    "tcp-cut": Machine.cut_connections,
    "network-lost": Machine.lose_network,
    "suite-killed": Machine.kill_containers,
    "key-changes": Machine.change_host_key,
}


class Mishaps:
    """The thread that looks."""

    def __init__(self, host: Host, machines: Machines) -> None:
        self._host = host
        self._machines = machines
        self._met: set[tuple[int, str]] = set()
        """Serial of a fault, and id of an instance: none meets the same fault twice."""

    def start(self) -> None:
        threading.Thread(target=self._run, name="mishaps", daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(INTERVAL)
            for fault in self._host.faults.armed_for(Stage.LIVE):
                for machine in self._machines.up():
                    if self._is_due(fault, machine) and self._host.faults.use(fault):
                        self._met.add((fault.serial, machine.id))
                        _befall(fault, machine)

    def _is_due(self, fault: Fault, machine: Machine) -> bool:
        if (fault.serial, machine.id) in self._met or fault.match not in machine.description():
            return False
        if fault.argument is not None:
            return machine.uptime() >= fault.number
        return machine.has_been_logged_in_to() if fault.name == "key-changes" else machine.containers() != []


def _befall(fault: Fault, machine: Machine) -> None:
    """A machine that ends meanwhile has nothing left to befall; what else goes wrong is in the daemon's log."""
    try:
        DOINGS[fault.name](machine)
    except Exception:
        print(f"{fault.name} of {machine.id}:", file=sys.stderr)
        traceback.print_exc()
