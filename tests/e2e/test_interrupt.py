"""Ctrl-C at any moment: everything that was launched is terminated, and the exit code says that it was interrupted."""

import random
import signal
import time

import pytest
from conftest import QUICK, remove_groups, wait_for

TYPES = "m7i.large,c7i.large,r7i.large,m6i.large,c6i.large"
MOMENTS = random.Random(20261120)  # the same ten every time, so that a failure can be had again


@pytest.mark.parametrize("moment", sorted(round(MOMENTS.uniform(0, 9), 2) for _ in range(10)))
def test_interrupted_at_a_random_moment(collector, cloud, moment):
    process = collector.start("run", "--instance-types", TYPES, "--max-concurrency", "5", *QUICK)
    time.sleep(moment)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode in (0, 130, -signal.SIGINT), err
    assert cloud.instances() == []


def test_a_second_interrupt_stops_waiting_and_names_what_may_be_left(collector, cloud):
    process = collector.start(
        "run", "--instance-types", "m7i.large", "--benchmarks", "stream", "--suite-options", "max-seconds=30"
    )
    wait_for(lambda: any("running" in line for line in cloud.instances()))
    cloud.fault("error:ServiceUnavailable", "--action", "TerminateInstances", "--times", "1000")
    process.send_signal(signal.SIGINT)
    time.sleep(2)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 4, err
    (instance,) = [line.split()[0] for line in cloud.instances()]
    (run,) = (path.name for path in (collector.home / "state/aws-benchmark-collector/runs").iterdir())
    assert f"MAY STILL BE RUNNING: instance {instance}" in err
    assert f"aws-benchmark-collector cleanup --run {run} --yes --region us-east-1" in err
    cloud.fault("clear")
    cloud.client("ec2").terminate_instances(InstanceIds=[instance])
    wait_for(lambda: cloud.instances() == [])
    remove_groups(cloud)


def test_sigterm_is_an_interrupt_too(collector, cloud):
    process = collector.start("run", "--instance-types", "m7i.large", "--suite-options", "max-seconds=30")
    wait_for(lambda: cloud.instances() != [])
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143
