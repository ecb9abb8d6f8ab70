"""End-to-end tests: the built program against the sandbox, as a user would run it."""

import base64
import json
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SANDBOX = ROOT / "tests/sandbox/sandbox"
PROGRAM = ROOT / "aws-benchmark-collector"
QUICK = ["--benchmarks", "stream", "--suite-options", "max-seconds=1,max-memory=33554432"]


def sandbox(*arguments: str) -> str:
    """Runs the sandbox's command and returns what it printed."""
    done = subprocess.run([SANDBOX, *arguments], capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, f"sandbox {arguments}: {done.stderr}"
    return done.stdout


def exported(text: str) -> dict[str, str | None]:
    """The variables that a shell would have after `eval`; None for those that are unset."""
    variables: dict[str, str | None] = {}
    for line in text.splitlines():
        if match := re.fullmatch(r"export (\w+)=(.*)", line):
            variables[match[1]] = match[2].strip("'\"")
        elif match := re.fullmatch(r"unset (.*)", line):
            variables.update(dict.fromkeys(match[1].split()))
    return variables


@dataclass
class Sandbox:
    """A sandbox that is up, and how to talk to it."""

    environment: dict[str, str]

    def instances(self) -> list[str]:
        return sandbox("instances").splitlines()

    def fault(self, *arguments: str) -> None:
        sandbox("fault", *arguments)

    def environment_as(self, identity: str) -> dict[str, str]:
        return merged(exported(sandbox("env", "--as", identity)))

    def client(self, service: str):
        import boto3

        variables = self.environment
        return boto3.client(
            service,
            region_name=variables["AWS_REGION"],
            endpoint_url=variables["AWS_ENDPOINT_URL"],
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            verify=variables.get("AWS_CA_BUNDLE", True),
        )

    def keys(self, bucket: str = "sandbox-results") -> list[str]:
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def temporary_groups(self) -> list[str]:
        groups = self.client("ec2").describe_security_groups()["SecurityGroups"]
        return [group["GroupName"] for group in groups if group["GroupName"].startswith("aws-benchmark-collector")]


def merged(variables: dict[str, str | None]) -> dict[str, str]:
    """This process's environment with the variables put in."""
    environment = dict(os.environ)
    for name, value in variables.items():
        environment.pop(name, None)
        if value is not None:
            environment[name] = value
    return environment


@pytest.fixture(scope="session")
def running_sandbox():
    subprocess.run([SANDBOX, "down"], capture_output=True, timeout=120)
    sandbox("up")
    yield Sandbox(merged(exported(sandbox("env"))))
    sandbox("down")


@pytest.fixture
def cloud(running_sandbox):
    """The sandbox without faults; after the test nothing of it may be alive there."""
    running_sandbox.fault("clear")
    yield running_sandbox
    running_sandbox.fault("clear")
    assert running_sandbox.instances() == []
    assert running_sandbox.temporary_groups() == []


@dataclass
class Finished:
    """A run of the program that has ended."""

    code: int
    out: str
    err: str

    def json(self):
        return json.loads(self.out)


class Collector:
    """The program with a home of its own."""

    def __init__(self, environment: dict[str, str], home: Path):
        self.home = home
        self.program = os.environ.get("COLLECTOR", PROGRAM)  # another build of it, with a sanitizer say
        if self.program != PROGRAM:
            image = ROOT / "build/image/universal.tar"
            environment = environment | {"AWS_BENCHMARK_COLLECTOR_IMAGE_ARCHIVE": str(image)}
        self.environment = environment | {
            "HOME": str(home),
            "XDG_STATE_HOME": str(home / "state"),
            "AWS_CONFIG_FILE": str(home / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials"),
        }

    def start(self, *arguments: str, environment: dict[str, str | None] | None = None) -> subprocess.Popen:
        variables = dict(self.environment)
        for name, value in (environment or {}).items():
            variables.pop(name, None)
            if value is not None:
                variables[name] = value
        return subprocess.Popen(
            [self.program, *arguments],
            cwd=self.home,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(
        self, *arguments: str, environment: dict[str, str | None] | None = None, timeout: float = 120
    ) -> Finished:
        process = self.start(*arguments, environment=environment)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
            pytest.fail(f"{arguments} did not end in {timeout} s:\n{err}")
        return Finished(process.returncode, out, err)

    def results(self) -> list[Path]:
        return sorted((self.home / "results").rglob("*.json"))


@pytest.fixture
def collector(cloud, tmp_path):
    return Collector(cloud.environment, tmp_path)


def wait_for(condition, seconds: float = 30) -> None:
    """Polls until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


class Login:
    """A way into the only machine that is alive, by a key pair of the account; `options` are for `run`."""

    NAME = "test-login"

    def __init__(self, cloud: Sandbox, folder: Path):
        self._cloud = cloud
        self._file = folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self._file], check=True)
        cloud.client("ec2").import_key_pair(
            KeyName=self.NAME, PublicKeyMaterial=self._file.with_suffix(".pub").read_bytes()
        )
        self.options = ["--key-pair", self.NAME, "--key-file", str(self._file)]
        self.port = cloud.environment.get("AWS_BENCHMARK_COLLECTOR_SSH_PORT", "22")

    def address(self) -> str:
        (line,) = self._cloud.instances()
        return line.split()[3]

    def run(self, command: str) -> "subprocess.CompletedProcess[str]":
        words = ["ssh", "-F", "none", "-i", self._file, "-p", self.port, "-oBatchMode=yes", "-oConnectTimeout=2"]
        words += ["-oStrictHostKeyChecking=no", "-oUserKnownHostsFile=/dev/null", "-oLogLevel=ERROR"]
        words += [f"ec2-user@{self.address()}", command]
        return subprocess.run(words, capture_output=True, text=True, timeout=60)

    def output(self, command: str) -> str:
        """What the command prints once it succeeds."""
        answer = ""

        def answered() -> bool:
            nonlocal answer
            done = self.run(command)
            answer = done.stdout
            return done.returncode == 0

        wait_for(answered)
        return answer

    def host_keys(self) -> set[str]:
        """The ed25519 keys that its sshd shows, without their type."""
        words = ["ssh-keyscan", "-t", "ed25519", "-p", self.port, self.address()]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        return {line.split()[2] for line in done.stdout.splitlines()}


@pytest.fixture
def login(cloud, tmp_path):
    yield Login(cloud, tmp_path)
    cloud.client("ec2").delete_key_pair(KeyName=Login.NAME)


def user_data(cloud, instance_id: str) -> str:
    """What the instance was told at its launch."""
    answer = cloud.client("ec2").describe_instance_attribute(InstanceId=instance_id, Attribute="userData")
    return base64.b64decode(answer["UserData"]["Value"]).decode()


def remove_groups(cloud) -> None:
    """Removes the groups that a killed run has left."""
    ec2 = cloud.client("ec2")
    for group in ec2.describe_security_groups()["SecurityGroups"]:
        if group["GroupName"].startswith("aws-benchmark-collector"):
            ec2.delete_security_group(GroupId=group["GroupId"])


def assert_one_line_error(done: Finished, code: int, *words: str) -> None:
    """The program refused with this exit code and one line that has these words."""
    assert done.code == code, f"exit code {done.code}: {done.err}"
    errors = [line for line in done.err.splitlines() if "error:" in line]
    assert len(errors) == 1, done.err
    for word in words:
        assert word.lower() in errors[0].lower(), errors[0]
