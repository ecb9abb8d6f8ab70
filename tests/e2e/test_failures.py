"""What goes wrong after a launch: it is said, nothing is published from it, and the instance is gone."""

from conftest import QUICK

RUN = ["run", "--instance-types", "m7i.large", "--output", "json", *QUICK]


def failed_row(done, code: int = 1):
    """The only row of a run that failed after its launch."""
    assert done.code == code, done.err
    (row,) = done.json()
    assert row["outcome"] == "failed" and row["results"] == 0 and row["triad"] is None
    return row


def test_an_instance_that_never_answers(collector, cloud):
    cloud.fault("never-boots")
    row = failed_row(collector(*RUN, "--boot-timeout", "6s"))
    assert row["error"]["kind"] == "network" and row["instance_id"]
    assert collector.results() == []


def test_a_silent_sshd(collector, cloud):
    cloud.fault("silent-sshd")
    assert failed_row(collector(*RUN, "--boot-timeout", "6s"))["error"]["kind"] == "network"


def test_a_stranger_behind_the_address_is_not_trusted(collector, cloud):
    cloud.fault("wrong-host-key")
    row = failed_row(collector(*RUN, "--boot-timeout", "15s"))
    assert row["error"]["kind"] == "security" and "host key" in row["error"]["message"]


def test_a_launch_whose_answer_is_lost_makes_one_instance(collector, cloud):
    before = instance_count(cloud)
    cloud.fault("drop-run-instances-answer")
    done = collector(*RUN)
    assert done.code == 0, done.err
    assert instance_count(cloud) == before + 1


def instance_count(cloud):
    pages = cloud.client("ec2").get_paginator("describe_instances").paginate()
    return sum(len(reservation["Instances"]) for page in pages for reservation in page["Reservations"])


def test_no_capacity_in_one_zone_is_found_in_the_next(collector, cloud):
    cloud.fault("error:InsufficientInstanceCapacity", "--action", "RunInstances", "--times", "1")
    done = collector(*RUN)
    assert done.code == 0, done.err


def test_no_capacity_anywhere(collector, cloud):
    cloud.fault("error:InsufficientInstanceCapacity", "--action", "RunInstances", "--times", "100")
    assert failed_row(collector(*RUN))["error"]["kind"] == "capacity"


def test_no_permission_to_launch_is_a_setup_failure(collector, cloud):
    cloud.fault("error:UnauthorizedOperation", "--action", "RunInstances", "--times", "100")
    assert failed_row(collector(*RUN), code=3)["error"]["kind"] == "auth"


def test_throttled_calls_are_repeated(collector, cloud):
    cloud.fault("error:RequestLimitExceeded", "--action", "DescribeInstances", "--times", "2")
    cloud.fault("error:RequestLimitExceeded", "--action", "RunInstances", "--times", "2")
    done = collector(*RUN)
    assert done.code == 0, done.err


def test_one_failure_does_not_keep_the_others_from_being_measured(collector, cloud):
    cloud.fault("never-boots", "--match", "c7i.large")
    types = "m7i.large,c7i.large"
    done = collector("run", "--instance-types", types, "--output", "json", "--boot-timeout", "12s", *QUICK)
    assert done.code == 1, done.err
    rows = {row["instance_type"]: row["outcome"] for row in done.json()}
    assert rows["c7i.large"] == "failed" and rows["m7i.large"].startswith("ok")
    assert len(collector.results()) == 1


def test_a_suite_option_that_the_suite_lacks(collector, cloud):
    done = collector(
        "run", "--instance-types", "m7i.large", "--benchmarks", "stream", "--suite-options", "colour=blue",
        "--output", "json",
    )
    assert "colour" in failed_row(done)["error"]["message"]


def test_a_suite_that_takes_too_long_is_cut_off(collector, cloud):
    done = collector(
        "run", "--instance-types", "m7i.large", "--benchmarks", "stream", "--suite-options", "max-seconds=60",
        "--timeout", "3s", "--output", "json",
    )
    assert "time" in failed_row(done)["error"]["message"]
