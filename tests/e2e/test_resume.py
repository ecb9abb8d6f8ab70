"""A run that was cut off: the next one, or `run --resume`, ends its instances, sends its results, and more."""

import json
import os
import shutil
import signal
import subprocess
import time

import pytest
from conftest import QUICK, wait_for

LOOKUP = ["--lookup-timeout", "3s"]
BUCKET = ["--s3-bucket", "sandbox-results"]
SLOW = ["--benchmarks", "stream", "--suite-options", "max-seconds=30,max-memory=33554432"]


@pytest.fixture
def bucket(cloud):
    """The bucket, empty before and after."""
    empty(cloud)
    yield cloud
    empty(cloud)


def empty(cloud):
    s3 = cloud.client("s3")
    for key in cloud.keys():
        s3.delete_object(Bucket="sandbox-results", Key=key)


def runs(collector):
    folder = collector.home / "state/aws-benchmark-collector/runs"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def journal(collector, run):
    path = collector.home / "state/aws-benchmark-collector/runs" / run / "journal.ndjson"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def records(collector, kind):
    return [record for run in runs(collector) for record in journal(collector, run) if record["record"] == kind]


def settled(collector, run):
    return (collector.home / "state/aws-benchmark-collector/runs" / run / "settled").exists()


def kill(process):
    process.kill()
    process.communicate(timeout=30)


def start(collector, *arguments, types="m7i.large"):
    return collector.start("run", "--instance-types", types, *LOOKUP, *arguments)


def instances_ever(cloud, run):
    pages = cloud.client("ec2").get_paginator("describe_instances").paginate(
        Filters=[{"Name": "tag:aws-benchmark-collector:run-id", "Values": [run]}]
    )
    return sum(len(reservation["Instances"]) for page in pages for reservation in page["Reservations"])


def close_bucket_after_launch(collector, cloud):
    wait_for(lambda: records(collector, "launched") != [])
    cloud.fault("error:ServiceUnavailable", "--action", "PutObject", "--times", "100000")


# --- the sweep at the start of a run ---


def test_killed_after_the_intent_the_instance_is_found_by_its_token(collector, cloud):
    cloud.fault("drop-run-instances-answer", "--times", "1000")
    process = start(collector, *QUICK)
    wait_for(lambda: cloud.instances() != [])
    kill(process)
    cloud.fault("clear")
    (run,) = runs(collector)
    assert records(collector, "intent") and not records(collector, "launched")
    done = collector("run", "--instance-types", "c7i.large", *LOOKUP, *QUICK)
    assert done.code == 0, done.err
    assert f"run {run} was cut off" in done.err
    assert [record["instance_id"] for record in journal(collector, run) if record["record"] == "terminated"]
    assert settled(collector, run)


def test_killed_while_running_the_next_run_ends_the_instance_and_removes_the_group(collector, cloud):
    process = start(collector, *SLOW)
    wait_for(lambda: any(record["state"] == "delivered" for record in records(collector, "state")))
    kill(process)
    assert cloud.instances() and cloud.temporary_groups()
    (run,) = runs(collector)
    done = collector("run", "--instance-types", "c7i.large", *LOOKUP, *QUICK)
    assert done.code == 0, done.err
    assert cloud.instances() == [] and cloud.temporary_groups() == []
    assert settled(collector, run)
    assert all(settled(collector, run) for run in runs(collector))


def test_killed_between_stored_and_sent_the_next_run_sends_the_result_once(collector, bucket):
    process = start(collector, *QUICK, *BUCKET)
    close_bucket_after_launch(collector, bucket)
    wait_for(lambda: records(collector, "stored") != [] or process.poll() is not None, 60)
    kill(process)
    bucket.fault("clear")
    assert bucket.keys() == [] and len(collector.results()) == 1
    done = collector("run", "--instance-types", "c7i.large", *LOOKUP, *QUICK)
    assert done.code == 0, done.err
    (key,) = bucket.keys()
    assert (collector.home / "results" / key).exists() and "m7i.large" in key
    done = collector("run", "--instance-types", "c7i.large", *LOOKUP, *QUICK)
    assert done.code == 0 and len(bucket.keys()) == 1


def test_two_collectors_at_once_leave_each_other_alone(collector, cloud):
    first = start(collector, *QUICK)
    wait_for(lambda: records(collector, "launched") != [])
    second = collector("run", "--instance-types", "c7i.large", *LOOKUP, *QUICK)
    _, err = first.communicate(timeout=120)
    assert second.code == 0, second.err
    assert first.returncode == 0, err
    assert "was cut off" not in second.err


def test_a_dry_run_ends_nothing(collector, cloud):
    process = start(collector, *SLOW)
    wait_for(lambda: records(collector, "launched") != [])
    kill(process)
    assert collector("run", "--instance-types", "c7i.large", "--dry-run").code == 0
    assert len(cloud.instances()) == 1
    assert collector("run", "--resume", runs(collector)[0], "--dry-run").code == 0
    assert len(cloud.instances()) == 1
    assert collector("run", "--instance-types", "c7i.large", *LOOKUP, *QUICK).code == 0


def test_an_instance_that_does_not_end_is_in_the_exit_code_of_the_next_run(collector, cloud):
    process = start(collector, *SLOW)
    wait_for(lambda: records(collector, "launched") != [])
    kill(process)
    (run,) = runs(collector)
    (instance,) = [line.split()[0] for line in cloud.instances()]
    cloud.fault("error:UnauthorizedOperation", "--action", "TerminateInstances", "--match", instance, "--times", "1000")
    done = collector("run", "--instance-types", "c7i.large", "--teardown-timeout", "8s", *LOOKUP, *QUICK)
    assert done.code == 4, done.err
    assert f"cleanup --run {run} --yes --region us-east-1" in done.err
    cloud.fault("clear")
    assert collector("run", "--instance-types", "c7i.large", *LOOKUP, *QUICK).code == 0
    assert cloud.instances() == []


# --- run --resume ---


def test_a_run_that_was_killed_in_the_middle_is_resumed_with_its_own_options(collector, bucket):
    arguments = [*QUICK, *BUCKET, "--iterations", "2", "--max-concurrency", "1"]
    process = start(collector, *arguments, types="m7i.large,c7i.large")
    wait_for(lambda: len(records(collector, "stored")) >= 3 or process.poll() is not None, 90)
    kill(process)
    (run,) = runs(collector)
    done = collector("run", "--resume", run)
    assert done.code == 0, done.err
    assert runs(collector) == [run] and settled(collector, run)
    names = sorted((path.parts[-3], path.name.split("-")[-2]) for path in collector.results())
    assert len(names) == 4, names
    assert len({(path.parts[-4], path.name.rsplit("-", 2)[1]) for path in collector.results()}) == 4
    results = collector.home / "results"
    assert sorted(bucket.keys()) == sorted(str(path.relative_to(results)) for path in collector.results())
    assert collector("validate", "results").code == 0
    assert all(run in path.name for path in collector.results())


def test_a_run_that_failed_is_resumed_and_measures_only_what_is_missing(collector, cloud):
    cloud.fault("never-boots", "--match", "c7i.large")
    types = "m7i.large,c7i.large"
    first = collector("run", "--instance-types", types, *LOOKUP, "--boot-timeout", "15s", *QUICK)
    assert first.code == 1, first.err
    cloud.fault("clear")
    (run,) = runs(collector)
    done = collector("run", "--resume", run, "--boot-timeout", "2m", "--output", "json")
    assert done.code == 0, done.err
    (row,) = done.json()
    assert row["instance_type"] == "c7i.large"
    assert instances_ever(cloud, run) == 3
    assert len(collector.results()) == 2
    again = collector("run", "--resume", run)
    assert again.code == 0 and "nothing is missing" in again.err
    assert instances_ever(cloud, run) == 3


def test_resuming_sends_what_was_not_sent(collector, bucket):
    process = start(collector, *QUICK, *BUCKET, "--store-timeout", "2s")
    close_bucket_after_launch(collector, bucket)
    _, err = process.communicate(timeout=120)
    bucket.fault("clear")
    assert process.returncode == 1, err
    assert bucket.keys() == []
    (run,) = runs(collector)
    done = collector("run", "--resume", run)
    assert done.code == 0, done.err
    assert len(bucket.keys()) == 1


def test_a_run_that_is_at_work_is_not_resumed(collector, cloud):
    process = start(collector, *QUICK)
    wait_for(lambda: records(collector, "launched") != [])
    done = collector("run", "--resume", runs(collector)[0])
    assert done.code == 2 and "is at work" in done.err
    process.communicate(timeout=120)
    assert process.returncode == 0


def test_what_can_not_be_resumed_is_refused(collector, cloud):
    nothing = collector("run", "--resume", "20261120T153045Z-abcdef")
    assert nothing.code == 2 and "no run" in nothing.err
    assert collector("run", "--instance-types", "m7i.large", *LOOKUP, *QUICK).code == 0
    (run,) = runs(collector)
    near = collector("run", "--resume", run[:-1] + ("a" if run[-1] != "a" else "b"))
    assert near.code == 2 and run in near.err
    path = collector("run", "--resume", "../../" + run)
    assert path.code == 2, path.err
    elsewhere = collector("run", "--resume", run, "--region", "eu-west-1")
    assert elsewhere.code == 2 and "us-east-1" in elsewhere.err
    endpoint = collector.environment["AWS_ENDPOINT_URL"].replace("127.0.0.1", "localhost")
    other = collector("run", "--resume", run, environment={"AWS_ENDPOINT_URL": endpoint})
    assert other.code == 2 and "was made at" in other.err


# --- the bucket ---


def test_a_put_whose_answer_is_lost_leaves_one_object_that_counts_as_sent(collector, bucket):
    process = start(collector, *QUICK, *BUCKET)
    wait_for(lambda: records(collector, "launched") != [])
    bucket.fault("s3-503", "--times", "2")
    bucket.fault("drop-answer", "--action", "PutObject", "--times", "1")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    (key,) = bucket.keys()
    (sent,) = records(collector, "sent")
    assert sent["key"] == key and (collector.home / "results" / key).exists()
    assert settled(collector, runs(collector)[0])


def test_what_another_has_put_under_the_key_is_not_taken_for_the_result(collector, bucket):
    process = start(collector, *QUICK, *BUCKET)
    wait_for(lambda: records(collector, "launched") != [])
    bucket.fault("s3-wrong-object", "--times", "1")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1, err
    assert records(collector, "stored") and not records(collector, "sent")
    (run,) = runs(collector)
    assert not settled(collector, run)
    again = collector("run", "--resume", run)
    assert again.code == 1 and "other content" in again.err


def test_a_result_that_was_sent_and_not_noted_is_not_sent_twice(collector, bucket):
    assert collector("run", "--instance-types", "m7i.large", *LOOKUP, *QUICK, *BUCKET).code == 0
    (run,) = runs(collector)
    folder = collector.home / "state/aws-benchmark-collector/runs" / run
    lines = (folder / "journal.ndjson").read_text().splitlines(keepends=True)
    (folder / "journal.ndjson").write_text("".join(line for line in lines if '"record":"sent"' not in line))
    (folder / "settled").unlink()
    again = collector("run", "--resume", run)
    assert again.code == 0, again.err
    assert len(bucket.keys()) == 1 and len(records(collector, "sent")) == 1 and settled(collector, run)


# --- the journal's disk ---


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of a few pages."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(folder):
    with open(folder / "filler", "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass


def test_a_disk_that_is_full_from_the_start_launches_nothing(collector, cloud, tiny_disk):
    fill(tiny_disk)
    done = collector("run", "--instance-types", "m7i.large", "--state-dir", str(tiny_disk / "state"), *QUICK)
    assert done.code == 3 and "journal" in done.err and "No space left" in done.err, done.err
    assert cloud.instances() == []


def test_a_disk_that_fills_up_later_stops_launches_and_still_ends_what_runs(collector, cloud, tiny_disk):
    here = ["--state-dir", str(tiny_disk), "--max-concurrency", "1"]
    process = start(collector, *QUICK, *here, types="m7i.large,c7i.large,r7i.large")
    wait_for(lambda: any("running" in line for line in cloud.instances()))
    fill(tiny_disk)
    _, err = process.communicate(timeout=120)
    assert process.returncode in (1, 4), err
    assert cloud.instances() == []
    (run,) = [path.name for path in (tiny_disk / "runs").iterdir()]
    assert instances_ever(cloud, run) == 1
    os.unlink(tiny_disk / "filler")
    done = collector("run", "--instance-types", "c7i.large", "--state-dir", str(tiny_disk), *LOOKUP, *QUICK)
    assert done.code == 0, done.err
    shutil.rmtree(tiny_disk / "runs")


# --- Ctrl-C while earlier runs are being finished ---


def begin_sweep_that_hangs(collector, cloud):
    process = start(collector, *SLOW)
    wait_for(lambda: records(collector, "launched") != [])
    kill(process)
    cloud.fault("error:ServiceUnavailable", "--action", "TerminateInstances", "--times", "100000")
    (run,) = runs(collector)
    process = start(collector, *QUICK, types="c7i.large")
    time.sleep(3)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    return run, process


def test_an_interrupted_sweep_drains(collector, cloud):
    run, process = begin_sweep_that_hangs(collector, cloud)
    time.sleep(1)
    assert process.poll() is None
    cloud.fault("clear")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert cloud.instances() == [] and settled(collector, run)
    assert runs(collector) == [run]


def test_a_sweep_that_is_interrupted_twice_says_what_may_be_alive(collector, cloud):
    run, process = begin_sweep_that_hangs(collector, cloud)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 4, err
    assert f"cleanup --run {run} --yes --region us-east-1" in err
    cloud.fault("clear")
    assert collector("run", "--instance-types", "c7i.large", *LOOKUP, *QUICK).code == 0
