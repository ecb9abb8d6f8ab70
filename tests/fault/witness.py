"""Which suites really ran to their end, on which machine: asked of the machines' container engine."""

import http.client
import json
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INSTANCE_LABEL = "aws-benchmark-collector-sandbox.instance"
"""The sandbox puts it on whatever a machine starts."""
ARCHITECTURES = ("x86_64", "arm64")
SHORT = 12
"""Digits of a container's id that it has as its host name."""
ANSWER_SECONDS = 20


@dataclass(frozen=True)
class Container:
    """One that has ended."""

    name: str
    """The first digits of its id."""
    instance_id: str
    exit_code: int


class _Connection(http.client.HTTPConnection):
    """HTTP over the engine's socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("engine", timeout=ANSWER_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(ANSWER_SECONDS)
        self.sock.connect(str(self._path))


class Witness:
    """Remembers the containers of one sandbox. An engine only knows its last 256 events: look often."""

    def __init__(self, number: int) -> None:
        self._run = Path("/run") / f"aws-benchmark-collector-sandbox-{number}"
        self._since = 0.0
        self._ended: dict[str, Container] = {}

    def begin(self) -> None:
        self._since = time.time()
        self._ended.clear()

    def look(self) -> dict[str, Container]:
        """All that have ended since the sandbox began, by name."""
        for architecture in ARCHITECTURES:
            path = self._socket(architecture)
            if path.exists():
                for event in self._events(path):
                    self._take(event)
        return self._ended

    def _socket(self, architecture: str) -> Path:
        """Through the mount namespace of the sandbox's first process."""
        state = json.loads((self._run / "state.json").read_text())
        inner = state["processes"][-1][0]
        run = self._run.relative_to("/")
        return Path(f"/proc/{inner}/root") / run / "private/engine" / architecture / "docker.sock"

    def _events(self, path: Path) -> list[dict[str, Any]]:
        filters = '{"type":["container"],"event":["die"]}'
        connection = _Connection(path)
        try:
            query = f"since={self._since:.3f}&until={time.time():.3f}&filters={filters}"
            connection.request("GET", f"/events?{query}")
            return [json.loads(line) for line in connection.getresponse().read().splitlines() if line.strip()]
        finally:
            connection.close()

    def _take(self, event: dict[str, Any]) -> None:
        actor = event["Actor"]
        attributes = actor["Attributes"]
        name = actor["ID"][:SHORT]
        instance = attributes.get(INSTANCE_LABEL, "")
        self._ended[name] = Container(name, instance, int(attributes.get("exitCode", "-1")))
