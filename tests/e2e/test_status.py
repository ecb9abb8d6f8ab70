"""status and logs of runs as they really are: at work, ended, killed."""

import json
import signal

from conftest import QUICK, remove_groups, wait_for

RUN = ["run", "--instance-types", "m7i.large", *QUICK]


def runs(collector):
    return collector("status", "--output", "json").json()


def test_a_run_is_live_then_settled_and_its_events_can_be_followed(collector, cloud):
    process = collector.start(*RUN, "--s3-bucket", "sandbox-results")
    wait_for(lambda: cloud.instances() != [])
    (run,) = runs(collector)
    assert run["state"] == "live" and "1 instance" in run["open"]
    followed = collector("logs", run["run_id"], "--follow", "--output", "json")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    kinds = [json.loads(line)["record"] for line in followed.out.splitlines()]
    assert kinds[0] == "run" and kinds[-1] == "end" and "sent" in kinds, "followed from its beginning to its end"
    (run,) = runs(collector)
    assert (run["state"], run["open"], run["exit_code"]) == ("settled", [], 0)
    assert run["results"] == {"measured": 1, "stored": 1, "sent": 1}
    assert run["job_counts"]["terminated"] == 1


def test_a_run_that_was_killed_is_unfinished_and_says_what_is_open(collector, cloud):
    process = collector.start(*RUN)
    wait_for(lambda: any("running" in line for line in cloud.instances()))
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    (run,) = runs(collector)
    (instance,) = [line.split()[0] for line in cloud.instances()]
    assert run["state"] == "unfinished"
    assert run["open"] == ["1 instance not confirmed as terminated", "1 security group"]
    assert instance in collector("status", run["run_id"]).out
    assert instance in collector("logs", run["run_id"][-6:]).out
    cloud.client("ec2").terminate_instances(InstanceIds=[instance])
    wait_for(lambda: cloud.instances() == [])
    remove_groups(cloud)


def test_why_a_job_failed_is_in_its_row(collector, cloud):
    cloud.fault("never-boots")
    assert collector(*RUN, "--boot-timeout", "4s").code == 1
    (run,) = runs(collector)
    (job,) = collector("status", run["run_id"], "--output", "json").json()[0]["jobs"]
    assert job["state"] == "failed" and job["error"] and run["state"] == "settled"
