"""Whose host key is accepted: the one that we gave, until the machine has made its own, and then that one alone."""

import json
import signal

from conftest import QUICK, user_data

RUN = ["run", "--instance-types", "m7i.large", "--output", "json", *QUICK]
KEY_FILE = "/etc/ssh/ssh_host_ed25519_key"


def failure(done):
    assert done.code == 1, done.err
    (row,) = done.json()
    assert row["outcome"] == "failed" and row["results"] == 0
    return row["error"]


def test_the_key_of_user_data_is_replaced_by_one_that_never_left_the_machine(collector, cloud, login):
    words = ["--benchmarks", "stream", "--suite-options", "max-seconds=60", "--progress", "json"]
    process = collector.start("run", "--instance-types", "m7i.large", *words, *login.options)
    for line in process.stderr:
        event = json.loads(line)
        if event.get("state") == "reachable":
            break
    ((instance_id, *_),) = [line.split() for line in cloud.instances()]
    config = json.loads(user_data(cloud, instance_id).partition("\n")[2])
    first = config["ssh_keys"]["ed25519_public"].split()[1]
    (shown,) = login.host_keys()
    assert shown != first
    assert login.output(f"sudo ssh-keygen -y -f {KEY_FILE}").split()[1] == shown
    assert login.output(f"sudo stat -c '%a %U %G' {KEY_FILE}").split() == ["600", "root", "root"]
    private = config["ssh_keys"]["ed25519_private"].splitlines()[2]
    assert login.run(f"sudo grep -rqF '{private}' /etc /tmp /root /home").returncode == 1
    assert login.output("sudo ls /etc/ssh").split() == ["ssh_host_ed25519_key", "sshd_config"]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


def test_a_stranger_who_comes_after_the_machine_made_its_key_is_met_without_grace(collector, cloud):
    cloud.fault("other-key-at-reload")
    error = failure(collector(*RUN, "--host-key-grace", "1h", "--boot-timeout", "1h", timeout=60))
    assert error["kind"] == "security" and "host key" in error["message"]


def test_a_machine_that_keeps_its_first_key_is_not_trusted(collector, cloud):
    cloud.fault("first-key-stays")
    error = failure(collector(*RUN, "--boot-timeout", "12s"))
    assert error["kind"] == "security" and "launched with" in error["message"]


def test_a_machine_that_can_not_replace_its_key_is_not_used(collector, cloud):
    cloud.fault("no-sudo")
    error = failure(collector(*RUN))
    assert error["kind"] == "remote" and "could not replace the host key" in error["message"]


def test_the_grace_for_another_key_is_what_was_asked_for(collector, cloud):
    cloud.fault("wrong-host-key")
    error = failure(collector(*RUN, "--host-key-grace", "2s", "--boot-timeout", "1h", timeout=60))
    assert error["kind"] == "security"

