"""Starting the sandbox, AWS clients for it, and instances that can be logged in to."""

import contextlib
import dataclasses
import fcntl
import functools
import io
import json
import os
import subprocess
import tarfile
import tempfile
import time
import uuid
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import boto3
import yaml
from botocore.config import Config

COMMAND = Path(__file__).resolve().parents[1] / "sandbox"
_NUMBERS = range(200, 240)
_held_locks: list[IO[str]] = []


def take_number() -> int:
    """A sandbox number that no other run of these tests on this machine has, until this process ends."""
    for number in _NUMBERS:
        with contextlib.suppress(OSError):
            lock = open(f"{tempfile.gettempdir()}/aws-benchmark-sandbox-test-{number}.lock", "a")  # noqa: SIM115
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _held_locks.append(lock)
            return number
    raise RuntimeError("every sandbox number of the tests is taken")


NUMBER = take_number()
NETWORK = f"127.{10 + NUMBER}"
"""The first half of the instances' addresses."""
ENVIRONMENT = {**os.environ, "AWS_BENCHMARK_SANDBOX": str(NUMBER)}
AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-E"]
IMAGE_PARAMETER = {
    "x86_64": "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
    "arm64": "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id",
}
TYPE = {"x86_64": "m7i.large", "arm64": "c7g.large"}


def sandbox(*arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
    """Runs one command of the sandbox."""
    if arguments[0] in ("up", "down"):
        exports.cache_clear()
        client.cache_clear()
    return subprocess.run([COMMAND, *arguments], env=ENVIRONMENT, capture_output=True, text=True, check=check)


@functools.cache
def exports(identity: str = "admin") -> dict[str, str]:
    """What `env` makes of a shell's environment."""
    script = f'eval "$({COMMAND} env --as {identity})" && env -0'
    shell = subprocess.run(["bash", "-c", script], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    return dict(entry.split("=", 1) for entry in shell.stdout.split("\0") if entry)


@functools.cache
def client(service: str, identity: str = "admin", **options: Any) -> Any:
    """A boto3 client that tries everything once."""
    variables = exports(identity)
    settings: dict[str, Any] = {
        "endpoint_url": variables["AWS_ENDPOINT_URL"],
        "region_name": variables["AWS_REGION"],
        "aws_access_key_id": variables["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": variables["AWS_SECRET_ACCESS_KEY"],
        "aws_session_token": variables.get("AWS_SESSION_TOKEN"),
        "verify": variables.get("AWS_CA_BUNDLE") if variables["AWS_ENDPOINT_URL"].startswith("https") else None,
        "config": Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20),
    }
    return boto3.client(service, **{**settings, **options})


def alive(ec2: Any) -> set[str]:
    """Ids of the instances that are not terminated."""
    states = ["pending", "running", "shutting-down", "stopping", "stopped"]
    pages = ec2.get_paginator("describe_instances").paginate(
        Filters=[{"Name": "instance-state-name", "Values": states}]
    )
    return {i["InstanceId"] for page in pages for r in page["Reservations"] for i in r["Instances"]}


def wait_for(condition: Callable[[], Any], seconds: float = 15.0) -> Any:
    """The first true answer of the condition; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {condition}")


_keys = tempfile.TemporaryDirectory(prefix="sandbox-test-")


@dataclasses.dataclass(frozen=True)
class KeyPair:
    private: Path
    public: str


@functools.cache
def key_pair(name: str) -> KeyPair:
    """A key pair of that name, the same all through the tests."""
    path = Path(_keys.name) / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path], check=True)
    return KeyPair(path, path.with_suffix(".pub").read_text().strip())


def cloud_config(**more: Any) -> str:
    """User data that gives the machine its host key and lets the test log in."""
    host = key_pair("host")
    config = {
        "ssh_deletekeys": True,
        "ssh_genkeytypes": ["ed25519"],
        "ssh_keys": {"ed25519_private": host.private.read_text(), "ed25519_public": host.public},
        "ssh_authorized_keys": [key_pair("user").public],
        **more,
    }
    return f"#cloud-config\n{yaml.safe_dump(config)}"


class Instance:
    """A launched instance."""

    def __init__(self, ec2: Any, architecture: str = "x86_64", **options: Any) -> None:
        self._ec2 = ec2
        image = client("ssm").get_parameter(Name=IMAGE_PARAMETER[architecture])["Parameter"]["Value"]
        request = {
            "ImageId": image,
            "InstanceType": TYPE[architecture],
            "MinCount": 1,
            "MaxCount": 1,
            "UserData": cloud_config(),
            "ClientToken": str(uuid.uuid4()),
            "InstanceInitiatedShutdownBehavior": "terminate",
        }
        facts: dict[str, Any] = ec2.run_instances(**{**request, **options})["Instances"][0]
        self.id: str = facts["InstanceId"]
        self.address: str = facts["PrivateIpAddress"]

    def describe(self) -> dict[str, Any]:
        answer = self._ec2.describe_instances(InstanceIds=[self.id])
        return answer["Reservations"][0]["Instances"][0]  # type: ignore[no-any-return]

    @property
    def state(self) -> str:
        return self.describe()["State"]["Name"]  # type: ignore[no-any-return]

    def wait_until(self, state: str) -> None:
        wait_for(lambda: self.state == state)

    def terminate(self) -> None:
        self._ec2.terminate_instances(InstanceIds=[self.id])

    def ssh(self, command: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        """Runs a command on the machine, as ec2-user, refusing any host key but the one given in user data."""
        port = exports().get("AWS_BENCHMARK_COLLECTOR_SSH_PORT", "22")
        known = key_pair("host").private.with_name(f"known-{self.id}")
        known.write_text(
            f"[{self.address}]:{port} {key_pair('host').public}\n{self.address} {key_pair('host').public}\n"
        )
        options = {"UserKnownHostsFile": known, "StrictHostKeyChecking": "yes", "BatchMode": "yes", "ConnectTimeout": 2}
        words = ["-F", "none", "-p", port, "-i", str(key_pair("user").private)]
        words += [f"-o{name}={value}" for name, value in options.items()]
        login = ["ssh", *words, f"ec2-user@{self.address}"]
        return subprocess.run([*login, command], input=stdin, capture_output=True, check=False)

    def wait_for_ssh(self) -> "Instance":
        wait_for(lambda: self.ssh("true").returncode == 0)
        return self

    def run(self, command: str, stdin: bytes = b"") -> str:
        """The output of a command that must succeed."""
        done = self.ssh(command, stdin)
        assert done.returncode == 0, (command, done.returncode, done.stdout, done.stderr)
        return done.stdout.decode()


def image_archive(program: Path, architecture: str, tag: str) -> bytes:
    """A `docker load`able image with one static program and nothing else."""
    layer = _tar({"program": program.read_bytes()}, mode=0o755)
    config = {
        "architecture": architecture,
        "os": "linux",
        "config": {"Entrypoint": ["/program"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{sha256(layer).hexdigest()}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": [tag], "Layers": ["layer.tar"]}]
    files = {
        "config.json": json.dumps(config).encode(),
        "layer.tar": layer,
        "manifest.json": json.dumps(manifest).encode(),
    }
    return _tar(files)


def _tar(files: dict[str, bytes], mode: int = 0o644) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), mode
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()
