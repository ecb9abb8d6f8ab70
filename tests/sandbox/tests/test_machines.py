"""The machines behind the instances."""

import base64
import gzip
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.tests.helpers import Instance, client, cloud_config, exports, image_archive, key_pair, sandbox, wait_for

PROGRAM = r"""
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

int main(int argc, char **argv)
{
    char text[64] = "";
    struct utsname machine;
    uname(&machine);
    if (argc > 1 && strcmp(argv[1], "read") == 0 && fgets(text, sizeof text, stdin) == NULL)
        return 4;
    printf("%s %s", machine.machine, text);
    return argc > 1 && strcmp(argv[1], "fail") == 0 ? 3 : 0;
}
"""
OTHER = b'int puts(const char *); int main(void) { puts("other"); return 0; }'
COMPILERS = {"x86_64": "x86_64-linux-gnu-gcc", "arm64": "aarch64-linux-gnu-gcc"}
PLATFORM = {"x86_64": "amd64", "arm64": "arm64"}
METADATA = "http://169.254.169.254/latest"
TOKEN = (
    f"token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' {METADATA}/api/token);"
    f'identity() {{ curl -sf -H "X-aws-ec2-metadata-token: $token" {METADATA}/dynamic/instance-identity/$1; }};'
)
"""Words before those that ask a machine for its `identity`."""
KERNEL = {"x86_64": "x86_64", "arm64": "aarch64"}


@pytest.fixture(scope="module")
def lasting(up: None) -> Iterator[dict[str, Instance]]:
    """A machine of each architecture for the tests that don't end theirs."""
    machines = {architecture: Instance(client("ec2"), architecture) for architecture in COMPILERS}
    yield {architecture: machine.wait_for_ssh() for architecture, machine in machines.items()}
    for machine in machines.values():
        machine.terminate()


@pytest.fixture
def archives(tmp_path: Path) -> dict[str, bytes]:
    """An image of each architecture, both under one tag."""
    source = tmp_path / "program.c"
    source.write_text(PROGRAM)
    made = {}
    for architecture, compiler in COMPILERS.items():
        if not shutil.which(compiler):
            pytest.skip(f"{compiler} is missing: scripts/bootstrap.sh image")
        program = tmp_path / architecture
        subprocess.run([compiler, "-static", "-O", "-o", program, source], check=True)
        made[architecture] = image_archive(program, PLATFORM[architecture], "test:1")
    return made


def connect(instance: Instance) -> str:
    """What a TCP connection to the machine's sshd meets."""
    port = int(exports().get("AWS_BENCHMARK_COLLECTOR_SSH_PORT", "22"))
    try:
        with socket.create_connection((instance.address, port), timeout=0.25) as connection:
            connection.settimeout(1.0)
            return connection.recv(64).decode().split("-")[0] or "closed"
    except TimeoutError:
        return "silent"
    except ConnectionRefusedError:
        return "refused"
    except ConnectionResetError:
        return "closed"


def test_a_machine_is_silent_then_refuses_then_answers(ec2: Any) -> None:
    instance = Instance(ec2)
    seen: list[str] = []
    deadline = time.monotonic() + 10
    while "SSH" not in seen and time.monotonic() < deadline:
        met = connect(instance)
        if met not in seen:
            seen.append(met)
    expected = ["silent", "refused", "SSH"] if shutil.which("nft") else ["refused", "SSH"]
    assert seen == expected


def test_a_machine_is_who_user_data_says(ec2: Any) -> None:
    config = cloud_config(
        write_files=[
            {"path": "/etc/made", "content": "by user data\n", "permissions": "0640", "owner": "root:ec2-user"},
            {"path": "/usr/local/bin/made", "content": "#!/bin/sh\necho made\n", "permissions": "0755"},
            {"path": "/opt/zip", "content": base64.b64encode(gzip.compress(b"zip")).decode(), "encoding": "gz+b64"},
        ],
        users=["default", {"name": "second", "groups": "docker", "ssh_authorized_keys": [key_pair("user").public]}],
        bootcmd=["echo early >/var/log/stages"],
        runcmd=[["sh", "-c", "echo late >>/var/log/stages"], "sleep 0.3; echo later >>/var/log/stages"],
    )
    machine = Instance(ec2, UserData=config).wait_for_ssh()
    assert machine.run("cloud-init status --wait") == "status: done\n"
    assert machine.run("cat /var/log/stages").split() == ["early", "late", "later"]
    assert machine.run("stat -c '%a %U:%G' /etc/made; cat /etc/made /opt/zip; made").split() == [
        *("640", "root:ec2-user"),
        *("by", "user", "data", "zipmade"),
    ]
    assert machine.run("id -nG second; sudo id -un").split() == ["second", "docker", "root"]


def test_bad_user_data_boots_with_a_key_that_is_not_ours(ec2: Any) -> None:
    instance = Instance(ec2, UserData="#cloud-config\nruncmd: {not: a list}\n")
    wait_for(lambda: connect(instance) == "SSH")
    assert b"verification failed" in instance.ssh("true").stderr.lower()


def test_a_failing_command_is_cloud_inits_error(ec2: Any) -> None:
    machine = Instance(ec2, UserData=cloud_config(runcmd=["false"])).wait_for_ssh()
    status = machine.ssh("cloud-init status --wait")
    assert (status.returncode, status.stdout) == (1, b"status: error\n")


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_a_machine_shows_its_instance_type(ec2: Any, lasting: dict[str, Instance], architecture: str) -> None:
    machine = lasting[architecture]
    facts = ec2.describe_instance_types(InstanceTypes=[machine.describe()["InstanceType"]])["InstanceTypes"][0]
    memory = facts["MemoryInfo"]["SizeInMiB"] * 1024
    processors = facts["VCpuInfo"]["DefaultVCpus"]
    assert machine.run("uname -m; arch; nproc; getconf _NPROCESSORS_ONLN").split() == (
        [KERNEL[architecture]] * 2 + [str(processors)] * 2
    )
    assert f"MemTotal: {memory} kB" in " ".join(machine.run("cat /proc/meminfo").split())
    assert machine.run("grep -c ^processor /proc/cpuinfo").strip() == str(processors)
    assert machine.run("hostname").strip() == machine.describe()["PrivateDnsName"]


def test_a_machine_s_metadata_service_says_which_it_is_and_the_sandbox_signs_it(
    lasting: dict[str, Instance], tmp_path: Path
) -> None:
    certificate = tmp_path / "certificate.pem"
    certificate.write_text(sandbox("certificate").stdout)
    for architecture, machine in lasting.items():
        document = machine.run(f"{TOKEN} identity document").encode()
        facts = json.loads(document)
        assert facts["instanceId"] == machine.id and facts["architecture"] == architecture
        signature = machine.run(f"{TOKEN} identity rsa2048")
        message = f"-----BEGIN PKCS7-----\n{signature}\n-----END PKCS7-----\n".encode()
        words = ["openssl", "smime", "-verify", "-inform", "PEM", "-nointern", "-noverify", "-certfile", certificate]
        assert subprocess.run(words, input=message, capture_output=True, check=True).stdout == document


def test_a_metadata_service_answers_nobody_without_a_token(lasting: dict[str, Instance]) -> None:
    status = f"curl -s -o /dev/null -w '%{{http_code}} ' {METADATA}"
    asked = f"{status}/dynamic/instance-identity/document; {status}/api/token; {status}/api/token -X PUT"
    assert lasting["x86_64"].run(asked).split() == ["401", "401", "400"]


def test_a_machine_sees_nothing_of_the_host(lasting: dict[str, Instance]) -> None:
    machine = lasting["x86_64"]
    assert machine.run("ls /home").split() == ["ec2-user"]
    assert machine.run("sudo ls -A /root /srv /mnt /media 2>/dev/null || true").split() == ["/root:", "/srv:"]
    assert machine.run("sudo ls /etc/ssh").split() == ["ssh_host_ed25519_key", "sshd_config"]
    assert "dockerd" not in machine.run("ps -e")


def test_images_run_on_the_machines_that_loaded_them(
    ec2: Any, lasting: dict[str, Instance], archives: dict[str, bytes]
) -> None:
    second = Instance(ec2)
    for architecture, machine in lasting.items():
        assert machine.ssh("docker image inspect test:1").returncode == 1
        assert "test:1" in machine.run("docker load", archives[architecture])
    for architecture, machine in lasting.items():
        inspected = machine.run("docker image inspect --format '{{.Architecture}}' test:1")
        assert inspected.strip() == PLATFORM[architecture]
        output = machine.run("docker run --rm -i --network none --read-only --cap-drop ALL test:1 read", b"hello")
        assert output == f"{KERNEL[architecture]} hello"
        assert machine.ssh("docker run --rm --network none test:1 fail").returncode == 3
    second.wait_for_ssh()
    assert second.ssh("docker run --rm test:1").returncode == 125
    assert second.ssh("docker image inspect test:1").returncode == 1


@pytest.mark.parametrize("command", ["sudo shutdown -h now", "sudo systemctl poweroff"])
def test_shutdown_from_inside_terminates(ec2: Any, command: str) -> None:
    machine = Instance(ec2).wait_for_ssh()
    machine.ssh(command)
    machine.wait_until("terminated")
    assert machine.describe()["StateReason"]["Code"] == "Client.InstanceInitiatedShutdown"
    assert connect(machine) in ("silent", "refused")


def test_halt_leaves_the_instance_running(ec2: Any) -> None:
    machine = Instance(ec2).wait_for_ssh()
    machine.ssh("sudo halt")
    wait_for(lambda: connect(machine) == "refused")
    assert machine.state == "running"


def test_a_name_stands_for_what_this_machine_loaded(
    ec2: Any, lasting: dict[str, Instance], archives: dict[str, bytes], tmp_path: Path
) -> None:
    first, second = lasting["x86_64"], Instance(ec2)
    other = tmp_path / "other"
    subprocess.run([COMPILERS["x86_64"], "-static", "-xc", "-o", other, "-"], input=OTHER, check=True)
    first.run("docker load", archives["x86_64"])
    second.wait_for_ssh().run("docker load", image_archive(other, "amd64", "test:1"))
    assert first.run("docker run --rm --network none test:1") == "x86_64 "
    assert second.run("docker run --rm --network none test:1") == "other\n"
    second.run("docker rmi test:1")
    assert second.ssh("docker run --rm --network none test:1").returncode == 125
    assert first.run("docker run --rm --network none test:1") == "x86_64 "


def test_shutdown_later_can_be_cancelled_and_a_timer_fires(ec2: Any) -> None:
    config = cloud_config(runcmd=["shutdown -P +30", "systemd-run --on-active=1s --unit=dead-man shutdown -P now"])
    machine = Instance(ec2, UserData=config).wait_for_ssh()
    machine.ssh("sudo shutdown -c")
    machine.wait_until("terminated")


def test_a_user_can_not_shut_the_machine_down(lasting: dict[str, Instance]) -> None:
    machine = lasting["x86_64"]
    assert machine.ssh("shutdown -h now").returncode == 1
    assert machine.state == "running"


def test_stop_start_and_reboot_keep_the_disk(ec2: Any) -> None:
    config = cloud_config(bootcmd=["echo boot >>/home/ec2-user/boots"], runcmd=["echo kept >/home/ec2-user/kept"])
    machine = Instance(ec2, UserData=config, InstanceInitiatedShutdownBehavior="stop").wait_for_ssh()
    ec2.reboot_instances(InstanceIds=[machine.id])
    wait_for(lambda: connect(machine) == "refused")
    assert machine.wait_for_ssh().run("cat kept; wc -l <boots") == "kept\n2\n"
    machine.ssh("sudo poweroff")
    machine.wait_until("stopped")
    ec2.start_instances(InstanceIds=[machine.id])
    assert machine.wait_for_ssh().run("cat kept; cloud-init status --wait") == "kept\nstatus: done\n"


def test_terminate_ends_sessions_and_containers(
    ec2: Any, lasting: dict[str, Instance], archives: dict[str, bytes]
) -> None:
    machine, witness = Instance(ec2).wait_for_ssh(), lasting["x86_64"]
    machine.run("docker load", archives["x86_64"])
    machine.run("docker create test:1")
    assert len(machine.run("docker ps -aq").split()) == 1
    assert witness.run("docker ps -aq") == ""
    everybodys = ". /opt/sandbox/machine.env; $DOCKER_CLIENT ps -aq"
    assert len(witness.run(everybodys).split()) == 1
    machine.terminate()
    wait_for(lambda: witness.run(everybodys) == "")
