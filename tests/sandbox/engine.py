"""The container engine of the machines: one dockerd per architecture, apart from any engine the host has.

Machines of one architecture share an engine; each machine's docker command only sees the images that it loaded itself
(guest/docker). Two architectures never share one: a tag would then mean whichever image was loaded last.

An engine has its own data, sockets, containerd and network namespace (so that it does not touch the host's bridge),
lives below the sandbox's private tmpfs, and dies with the sandbox.
"""

import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.parse
from pathlib import Path

from sandbox import paths
from sandbox.template import DOCKER_GROUP

START_TIMEOUT = 30.0
LABEL = "aws-benchmark-collector-sandbox.instance"
_REQUIRED = ("docker", "dockerd", "containerd", "runc")


class EngineError(RuntimeError):
    """The engine can't be had; the text says what to do."""


class _Connection(http.client.HTTPConnection):
    """HTTP over the engine's socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("engine", timeout=START_TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class Engine:
    """One dockerd."""

    def __init__(self, architecture: str) -> None:
        self._directory = paths.ENGINE / architecture
        self._directory.mkdir(parents=True)
        self.socket = self._directory / "docker.sock"
        self._log = paths.RUN / f"engine-{architecture}.log"
        self._process = self._start()
        self._wait_until_ready()

    def containers(self, instance_id: str) -> list[str]:
        """Ids of a machine's containers that run. Asked often: without a process for each answer."""
        query = urllib.parse.urlencode({"filters": json.dumps({"label": [f"{LABEL}={instance_id}"]})})
        connection = _Connection(self.socket)
        with contextlib.closing(connection):
            connection.request("GET", f"/containers/json?{query}")
            return [container["Id"] for container in json.load(connection.getresponse())]

    def pause(self, containers: list[str]) -> None:
        self._change("pause", containers)

    def kill(self, containers: list[str]) -> None:
        self._change("kill", containers)

    def _change(self, verb: str, containers: list[str]) -> None:
        if containers and self._docker(verb, *containers).returncode != 0:
            raise EngineError(f"docker {verb} failed")

    def remove_containers(self, instance_id: str) -> None:
        """Ends what a machine left running."""
        listing = self._docker("ps", "--all", "--quiet", "--filter", f"label={LABEL}={instance_id}")
        containers = listing.stdout.split()
        if containers:
            self._docker("rm", "--force", "--volumes", *containers)

    def _start(self) -> "subprocess.Popen[bytes]":
        config = self._directory / "daemon.json"
        config.write_text(json.dumps(self._config()))
        script = 'ip link set lo up; echo 1 >/proc/sys/net/ipv4/ip_forward; exec dockerd --config-file "$1"'
        with self._log.open("wb") as log:
            return subprocess.Popen(
                ["unshare", "--net", "sh", "-c", script, "sh", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment(),
            )

    def _config(self) -> dict[str, object]:
        return {
            "hosts": [f"unix://{self.socket}"],
            "group": str(DOCKER_GROUP),
            "data-root": str(self._directory / "data"),
            "exec-root": str(self._directory / "exec"),
            "pidfile": str(self._directory / "dockerd.pid"),
            "bridge": "none",
            "iptables": False,
            "ip6tables": False,
            "ip-forward": False,
            "userland-proxy": False,
            "exec-opts": ["native.cgroupdriver=cgroupfs"],
            "cgroup-parent": f"/{paths.NAME}",
            "log-level": "warn",
        }

    def _environment(self) -> dict[str, str]:
        """Without the caller's contexts, credentials and DOCKER_HOST.

        `container` tells dockerd that it is not the host's own: it leaves the host's AppArmor profiles alone.
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DOCKER_")}
        return {**kept, "DOCKER_CONFIG": str(self._directory), "HOME": str(self._directory), "container": "sandbox"}

    def _docker(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = ["docker", "--host", f"unix://{self.socket}", *arguments]
        return subprocess.run(command, env=self._environment(), capture_output=True, text=True, check=False)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not (self.socket.exists() and self._docker("version").returncode == 0):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise EngineError(f"dockerd did not start; its log ends:\n{_tail(self._log)}")
            time.sleep(0.05)


class Engines:
    """Engines by architecture, each started when first asked for."""

    def __init__(self) -> None:
        missing = [name for name in _REQUIRED if shutil.which(name) is None]
        if missing:
            raise EngineError(f"no container engine ({', '.join(missing)} missing): run scripts/bootstrap.sh test")
        self._engines: dict[str, Engine] = {}
        self._lock = threading.Lock()

    def get(self, architecture: str) -> Engine:
        with self._lock:
            if architecture not in self._engines:
                self._engines[architecture] = Engine(architecture)
            return self._engines[architecture]


def client_below_usr() -> str:
    """Where docker's command-line client is, relative to /usr: machines see the host's /usr."""
    path = Path(os.path.realpath(shutil.which("docker") or "/usr/bin/docker"))
    if not path.is_relative_to("/usr"):
        raise EngineError(f"docker's client must be below /usr for the machines to see it, but is {path}")
    return str(path.relative_to("/usr"))


def _tail(path: Path, lines: int = 15) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
