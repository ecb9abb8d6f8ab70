"""One pretend machine per instance: namespaces, a root of its own, a PID 1 and an sshd on the instance's address."""

import base64
import contextlib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.ec2.models.instances import Instance

from sandbox import engine, faults, hardware, metadata, network, paths, pretenders, seed, userdata
from sandbox.engine import Engine
from sandbox.faults import Fault
from sandbox.host import Host

SILENT_PART = 2 / 3
"""Of the boot delay; in the rest the address refuses connections."""

KILL_AFTER = 2.0
"""Seconds that a machine has to end by itself: a PID 1 that is still booting hears no SIGTERM."""

REBOOT_STATUS = 3
"""Exit status of guest/init that asks for another boot."""

_MET_BY_COMMANDS = (
    *("no-shutdown-timer", "no-systemd-timer", "no-sudo", "engine-missing", "disk-full"),
    *("other-key-at-reload", "first-key-stays", "no-metadata"),
)
"""Faults that the scripts of guest/ know of."""

_NEW_HOST_KEY = """
key=/etc/ssh/ssh_host_ed25519_key
rm -f "$key" "$key.pub"
ssh-keygen -q -t ed25519 -N '' -C '' -f "$key"
kill -HUP "$(pgrep -o -x sshd)"
"""
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Machines:
    """All machines. `on_shutdown` is told which instance's machine has ended by itself, and whether it has failed."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._machines: dict[str, Machine] = {}
        self.on_shutdown: Callable[[str, bool], None] = lambda instance_id, failed: None

    def start(self, instance: Instance) -> None:
        """Boots a new instance, or one that was stopped."""
        machine = Machine(self._host, instance, self.on_shutdown, self._machines.get(instance.id))
        self._machines[instance.id] = machine
        threading.Thread(target=machine.run, name=instance.id, daemon=True).start()

    def shut_down(self, instance_id: str) -> None:
        machine = self._machines.get(instance_id)
        if machine:  # an instance that was never launched has none
            machine.send(signal.SIGTERM)

    def up(self) -> "list[Machine]":
        """Those that have booted and not ended."""
        return [machine for machine in list(self._machines.values()) if machine.is_up()]

    def reboot(self, instance_id: str) -> None:
        self._machines[instance_id].send(signal.SIGUSR2)


class Machine:
    """One machine from its start to its end, in a thread of its own. It leaves its disk to the one that follows it."""

    def __init__(
        self, host: Host, instance: Instance, on_shutdown: Callable[[str, bool], None], before: "Machine | None"
    ) -> None:
        self.id = instance.id
        self._host = host
        self._before = before
        self._instance = instance
        self._on_shutdown = on_shutdown
        self._directory = paths.MACHINES / instance.id
        self._address = str(instance.private_ip)
        self._init_pid: int | None = None
        self._booted_at = 0.0
        self._failed = False
        self._ended = threading.Event()  # EC2 wants the machine to end
        self._gone = threading.Event()  # nothing of it runs any more

    def run(self) -> None:
        if self._before:
            self._before._gone.wait()
        try:
            if self._wait_until_running():
                self._live()
        finally:
            self._host.silence.impose(self._address)
            if self._instance.state in ("shutting-down", "terminated"):
                self._remove_disk()
            self._gone.set()

    def _remove_disk(self) -> None:
        """Only where the machine's root is an empty directory again, as it is outside of the machine's namespace."""
        with contextlib.suppress(OSError):
            root = self._directory / "root"
            if root.exists():
                root.rmdir()
            shutil.rmtree(self._directory)

    def is_up(self) -> bool:
        return self._init_pid is not None and not self._ended.is_set()

    def uptime(self) -> float:
        """Seconds since it booted."""
        return time.monotonic() - self._booted_at

    def description(self) -> str:
        """What a fault's --match is looked for in."""
        return faults.describe(self._instance)

    def containers(self) -> list[str]:
        """Those that run."""
        return self._engine().containers(self.id)

    def has_been_logged_in_to(self) -> bool:
        log = self._directory / "upper/var/log/secure"
        return log.exists() and b"Accepted publickey" in log.read_bytes()

    def freeze(self) -> None:
        """Stops every process, for good: only a kill ends it."""
        self._engine().pause(self.containers())
        while any([_stop(pid) for pid in self._processes()]):
            pass

    def fail(self) -> None:
        """Gone from one moment to the next: its peers get no more packets of it."""
        self._failed = True
        self.lose_network()
        self._signal_init(signal.SIGKILL)

    def cut_connections(self) -> None:
        network.reset_connections(self._address, self._host.ssh_port)

    def lose_network(self) -> None:
        self._host.silence.impose(self._address)

    def kill_containers(self) -> None:
        self._engine().kill(self.containers())

    def change_host_key(self) -> None:
        """Connections that stand are left alone by an sshd that restarts."""
        enter = ["nsenter", f"--target={self._init_pid}", "--mount", "--pid", "--uts", "--ipc", "--root", "--wd"]
        subprocess.run([*enter, "/bin/sh", "-euc", _NEW_HOST_KEY], env={"PATH": _PATH}, check=True)

    def _processes(self) -> list[int]:
        """All of its processes, as the sandbox numbers them."""
        own = _namespace(self._init_pid) if self._init_pid else None
        pids = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
        return [pid for pid in pids if own and _namespace(pid) == own]

    def send(self, number: signal.Signals) -> None:
        """TERM ends the machine, USR2 reboots it, as EC2 would press its buttons."""
        if number is signal.SIGTERM:
            self._ended.set()
            self._signal_init(signal.SIGTERM)
            killer = threading.Timer(KILL_AFTER, self._signal_init, [signal.SIGKILL])
            killer.daemon = True
            killer.start()
        else:
            self._signal_init(number)

    def _signal_init(self, number: signal.Signals) -> None:
        if self._init_pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._init_pid, number)

    def _wait_until_running(self) -> bool:
        state: Any = self._instance._state
        self._ended.wait(state.seconds_left())
        return not self._ended.is_set()

    def _live(self) -> None:
        if self._meets("never-boots"):
            self._ended.wait()
            return
        slow = self._meets("slow-boot")
        delay = slow.number if slow else self._host.settings.boot_delay
        container_engine = self._prepare()
        self._ended.wait(delay * SILENT_PART)
        self._host.silence.lift(self._address)
        self._ended.wait(delay * (1 - SILENT_PART))
        for fault, pretend in (("silent-sshd", pretenders.be_silent), ("dripping-sshd", pretenders.drip)):
            if self._meets(fault):
                pretend(self._address, self._host.ssh_port, self._ended)
                return
        with metadata.serve(self._directory / "metadata.sock", self._instance, self._host.signer):
            while not self._ended.is_set() and self._boot() == REBOOT_STATUS:
                time.sleep(delay)
        container_engine.remove_containers(self.id)
        if not self._ended.is_set():
            self._on_shutdown(self.id, self._failed)

    def _meets(self, name: str) -> Fault | None:
        return self._host.faults.take(name, self.description())

    def _prepare(self) -> Engine:
        """Writes what makes this machine this instance; a disk that has booted before is left as it is."""
        instance = self._instance
        container_engine = self._engine()
        upper = self._directory / "upper"
        if upper.exists():
            return container_engine
        pairs = instance.ec2_backend.key_pairs
        key_pair = pairs[instance.key_name].material_public.decode() if instance.key_name else None
        raw = base64.b64decode(instance.user_data.as_bytes()) if instance.user_data else None
        first_boot = userdata.read(raw, key_pair)
        if self._meets("wrong-host-key"):
            first_boot.host_keys.clear()
        upper.mkdir(parents=True)
        seed.write(upper, first_boot, str(instance.private_dns_name), self._address, self._host.ssh_port)
        hardware.write(upper / "opt/sandbox/hardware", INSTANCE_TYPES[instance.instance_type])
        (upper / "opt/sandbox/machine.env").write_text(self._environment(container_engine))
        return container_engine

    def _engine(self) -> Engine:
        return self._host.engines.get(hardware.architecture(self._instance.instance_type))

    def _environment(self, container_engine: Engine) -> str:
        """Read by the shell scripts of guest/."""
        kind = hardware.architecture(self._instance.instance_type)
        clock = self._meets("machine-clock-wrong")
        values = {
            "INSTANCE_ID": self._instance.id,
            "HOST_NAME": self._instance.private_dns_name,
            "TEMPLATE": paths.TEMPLATE,
            "PROCESSORS": INSTANCE_TYPES[self._instance.instance_type]["VCpuInfo"]["DefaultVCpus"],
            "KERNEL_ARCHITECTURE": "aarch64" if kind == "arm64" else "x86_64",
            "DOCKER_SOCKET": container_engine.socket,
            "DOCKER_CLIENT": f"/opt/sandbox/usr/{engine.client_below_usr()}",
            "DOCKER_PLATFORM": "linux/arm64" if kind == "arm64" else "linux/amd64",
            "DOCKER_LABEL": f"{engine.LABEL}={self._instance.id}",
            "DOCKER_MEMORY": self._host.settings.machine_memory,
            "FAULTS": " ".join(fault for fault in _MET_BY_COMMANDS if self._meets(fault)),
            "CLOCK_OFFSET": int(clock.number) if clock else "",
        }
        return "".join(f"{name}={shlex.quote(str(value))}\n" for name, value in values.items())

    def _boot(self) -> int:
        """Runs the machine until its PID 1 ends, and gives that one's exit status."""
        console = paths.MACHINE_LOGS / f"{self._instance.id}.log"
        boot = paths.GUEST_FILES / "boot"
        with console.open("ab") as log:
            process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child", str(boot), self._directory],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": _PATH},
                start_new_session=True,
            )
        self._booted_at = time.monotonic()
        self._init_pid = _only_child(process)
        if self._ended.is_set():
            self.send(signal.SIGTERM)
        status = process.wait()
        self._init_pid = None
        return status


def _namespace(pid: int) -> str | None:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return None


def _stop(pid: int) -> bool:
    """Whether the process was still there to be stopped."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        if state in "TtZX":
            return False
        os.kill(pid, signal.SIGSTOP)
    except OSError:
        return False
    return True


def _only_child(process: "subprocess.Popen[bytes]") -> int | None:
    """The machine's PID 1, as the sandbox sees it: what `unshare --fork` started."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while process.poll() is None:
        pids = children.read_text().split()
        if pids:
            return int(pids[0])
        time.sleep(0.002)
    return None
