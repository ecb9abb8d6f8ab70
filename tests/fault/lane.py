"""A sandbox of one's own, and how to ask it for the truth."""

import contextlib
import fcntl
import json
import os
import re
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import IO, Any

import boto3
from botocore.config import Config

from fault.witness import Witness

ROOT = Path(__file__).resolve().parents[2]
SANDBOX = ROOT / "tests/sandbox/sandbox"
BUCKET = "sandbox-results"
UP = ("--state-delay", "0.2", "--boot-delay", "0.2")
COMMAND_SECONDS = 120


NUMBERS = (160, 199)
"""Of the sandboxes, from and to, unless FAULT_SANDBOXES=FROM-TO says otherwise."""


class LaneError(RuntimeError):
    """The sandbox did not do what it was told; the text is for the user."""


class Lane:
    """One sandbox. One case at a time runs in it, so that what is new in it is that case's."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._shell = {**os.environ, "AWS_BENCHMARK_SANDBOX": str(number)}
        self._run = Path("/run") / f"aws-benchmark-collector-sandbox-{number}"
        self.environment: dict[str, str] = {}
        self.witness = Witness(number)

    def __enter__(self) -> "Lane":
        try:
            self.renew()
        except BaseException:  # told to stop in the middle of it: what has begun must end
            self._sandbox("down")
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._sandbox("down")

    def renew(self) -> None:
        """A new sandbox: one that remembers many instances answers slowly."""
        self._sandbox("down")
        self._sandbox("up", *UP)
        self.environment = self.variables("admin")
        self.witness.begin()

    def arm(self, name: str, action: str | None = None, match: str = "", times: int = 1) -> None:
        """As `sandbox fault` does; times: 0 for always."""
        self._ask("fault", text=name, action=action, match=match, times=times)

    def disarm(self) -> None:
        self._ask("fault-clear")

    def armed(self) -> list[str]:
        """The names of the faults that still wait for somebody."""
        return [fault["name"] for fault in self._ask("fault-list")]

    def instances(self) -> list[dict[str, Any]]:
        """Those that are not terminated."""
        return self._ask("instances")  # type: ignore[no-any-return]

    def requests(self, after: int = 0) -> list[dict[str, Any]]:
        """The sandbox's log of requests, oldest first, without the first so many."""
        lines = (self._run / "requests.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines[after:]]

    def _ask(self, command: str, **parameters: Any) -> Any:
        """By the sandbox's socket: its command takes a while to start, and this is asked often."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(COMMAND_SECONDS)
            connection.connect(str(self._run / "control.sock"))
            connection.sendall(json.dumps({"command": command, **parameters}).encode() + b"\n")
            with connection.makefile("rb") as stream:
                answer = json.loads(stream.readline())
        if "error" in answer:
            raise LaneError(f"sandbox {self.number}: {command} {parameters}: {answer['error']}")
        return answer["result"]

    def variables(self, identity: str) -> dict[str, str]:
        """This process's environment as `eval "$(sandbox env --as IDENTITY)"` would make it."""
        variables = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        for line in self._sandbox("env", "--as", identity).splitlines():
            if match := re.fullmatch(r"export (\w+)=(.*)", line):
                variables[match[1]] = match[2].strip("'\"")
        return variables

    def client(self, service: str) -> Any:
        """A client that a fault meant for the program does not stop: it asks often."""
        return boto3.client(
            service,
            region_name=self.environment["AWS_REGION"],
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"max_attempts": 6, "mode": "standard"}, s3={"addressing_style": "path"}),
        )

    def _sandbox(self, *words: str) -> str:
        done = subprocess.run(
            [SANDBOX, *words], env=self._shell, capture_output=True, text=True, timeout=COMMAND_SECONDS
        )
        if done.returncode != 0:
            raise LaneError(f"sandbox {self.number}: {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout


def take_number() -> int:
    """A sandbox number that no other fault run on this machine has, until this process ends."""
    text = os.environ.get("FAULT_SANDBOXES")
    first, last = (int(part) for part in text.split("-")) if text else NUMBERS
    for number in range(first, last + 1):
        lock = open(f"{tempfile.gettempdir()}/aws-benchmark-sandbox-fault-{number}.lock", "a")  # noqa: SIM115
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _held.append(lock)
            return number
        lock.close()
    raise LaneError(f"every sandbox number from {first} to {last} is taken")


_held: list[IO[str]] = []
