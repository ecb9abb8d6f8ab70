"""The dead-man switch: a machine that nobody ends any more ends by itself, by either of its two switches alone."""

import re
import shutil
import subprocess

import pytest
from conftest import QUICK, remove_groups, user_data, wait_for

UNITS = "/run/systemd/system/aws-benchmark-collector-lifetime"
LIFETIME = 20
"""Seconds: the sum of what SHORT says."""
SHORT = ["--timeout", "3s", "--store-timeout", "1s", "--lifetime-margin", "1s", "--boot-timeout", f"{LIFETIME - 5}s"]


def instances_by_type(cloud):
    return {line.split()[2]: line.split()[0] for line in cloud.instances()}


def launch_and_kill(collector, cloud, types, *more):
    """The ids, by type, of instances whose collector was killed as soon as they ran."""
    process = collector.start("run", "--instance-types", ",".join(types), *SHORT, *QUICK, *more)
    wait_for(lambda: sum(line.split()[1] == "running" for line in cloud.instances()) == len(types))
    process.kill()
    process.communicate()
    return instances_by_type(cloud)


def test_an_instance_ends_by_itself_by_either_switch_alone(collector, cloud):
    cloud.fault("no-shutdown-timer", "--match", "m7i.large")
    cloud.fault("no-systemd-timer", "--match", "c7i.large")
    ids = launch_and_kill(collector, cloud, ["m7i.large", "c7i.large"])
    assert set(ids) == {"m7i.large", "c7i.large"}
    wait_for(lambda: "m7i.large" not in instances_by_type(cloud), LIFETIME + 30)
    assert "c7i.large" in instances_by_type(cloud), "shutdown counts minutes: it is not its turn yet"
    wait_for(lambda: cloud.instances() == [], 90)
    for instance in described(cloud, ids.values()):
        assert instance["StateReason"]["Code"] == "Client.InstanceInitiatedShutdown"
    remove_groups(cloud)


def described(cloud, ids):
    answer = cloud.client("ec2").describe_instances(InstanceIds=list(ids))
    return [instance for reservation in answer["Reservations"] for instance in reservation["Instances"]]


def test_the_timer_is_set_again_by_a_boot_in_which_cloud_init_does_nothing(collector, cloud, login, tmp_path):
    cloud.fault("no-shutdown-timer")
    launch_and_kill(collector, cloud, ["m7i.large"], *login.options)
    check_units(login, tmp_path)
    login.output("sudo truncate -s 0 /var/lib/cloud/sandbox/boot && (sleep 0.2; sudo reboot) >/dev/null 2>&1 &")
    assert login.output(f"test ! -e {UNITS}.timer && cat /run/sandbox-timers/*")
    wait_for(lambda: cloud.instances() == [], LIFETIME + 30)
    remove_groups(cloud)


def check_units(login, folder):
    """The very units, as systemd reads them; not one word of them may be unknown to it."""
    for kind in ("timer", "service"):
        (folder / f"lifetime.{kind}").write_text(login.output(f"cat {UNITS}.{kind}"))
    assert f"OnBootSec={LIFETIME}s" in (folder / "lifetime.timer").read_text()
    if not shutil.which("systemd-analyze"):
        pytest.fail("systemd-analyze is missing: scripts/bootstrap.sh test")
    for kind in ("timer", "service"):
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", f"./lifetime.{kind}"], cwd=folder, capture_output=True, text=True
        )
        assert done.returncode == 0 and done.stderr == "", done.stderr


def test_user_data_has_no_secret_but_the_hosts_first_key(collector, cloud):
    ids = launch_and_kill(collector, cloud, ["m7i.large"])
    (instance,) = described(cloud, ids.values())
    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    assert instance["MetadataOptions"]["HttpPutResponseHopLimit"] == 1
    text = user_data(cloud, ids["m7i.large"])
    assert len(re.findall("PRIVATE KEY", text)) == 2, "one key has a first and a last line"
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        assert collector.environment.get(name, "(unset)") not in text
    assert not re.search(r"(?i)password|secret|token|credential", text)
    cloud.client("ec2").terminate_instances(InstanceIds=list(ids.values()))
    wait_for(lambda: cloud.instances() == [])
    remove_groups(cloud)
