"""`cleanup`: what runs have left is found and removed; what is others', or of a run that lives, is not touched."""

import json
import signal
import time

import pytest
from account import RUN_BY_HAND as RUN
from account import RESULTS, TOOL, Account, tags
from conftest import QUICK, assert_one_line_error, wait_for

LONG = ["run", "--instance-types", "m7i.large", "--benchmarks", "stream", "--suite-options", "max-seconds=60"]
LIST = ["cleanup", "--output", "json"]


@pytest.fixture
def account(cloud):
    account = Account(cloud)
    before = account.everything()
    yield account
    left = account.everything() - before
    account.remove(*left)
    assert not left


def actions(done) -> dict[str, str]:
    return {row["id"]: row["action"] for row in done.json()}


def test_an_empty_account_has_nothing_to_remove(collector, cloud):
    done = collector("cleanup")
    assert done.code == 0 and done.out == "" and "nothing to remove" in done.err
    assert collector(*LIST).json() == []


def test_all_kinds_are_listed_then_removed_and_nothing_else(collector, cloud, account):
    before = account.everything()
    strangers = [
        account.volume([{"Key": "Name", "Value": TOOL}]),
        account.group(tags(tool="another-tool")),
        account.interface([]),
        account.key_pair(tags(run=None)),  # the tool's tag alone names no run
        account.instance(tags(tool="another-tool")),
    ]
    others = account.everything()
    group = account.group(tags())
    ours = {
        "instance": account.instance(tags(), [group]),
        "security_group": group,
        "volume": account.volume(tags()),
        "network_interface": account.interface(tags()),
        "key_pair": account.key_pair(tags()),
    }
    listed = collector(*LIST)
    assert listed.code == 4, listed.err
    rows = {row["id"]: row for row in listed.json()}
    assert {row["kind"]: row["id"] for row in rows.values() if row["action"] == "remove"} == ours
    assert rows[strangers[3]]["action"] == "keep" and "names no run" in rows[strangers[3]]["why"]
    assert len(rows) == 6
    assert rows[ours["security_group"]]["created"] == "2026-11-20T15:30:45Z", "its run's time: EC2 does not tell"
    assert rows[ours["instance"]]["run_id"] == RUN and rows[ours["instance"]]["region"] == "us-east-1"
    assert others < account.everything(), "a list has removed something"
    removed = collector(*LIST, "--yes")
    assert removed.code == 0, removed.err
    assert {one for one, action in actions(removed).items() if action == "removed"} == set(ours.values())
    assert account.everything() == others
    again = collector("cleanup", "--yes")
    assert again.code == 0 and "nothing to remove" in again.err
    account.remove(*strangers)
    assert account.everything() == before


def test_a_run_elsewhere_is_left_alone_until_its_lease_has_run_out(collector, cloud, account, tmp_path):
    process = collector.start(*LONG, "--lease", "9s", "--state-dir", str(tmp_path / "elsewhere"))
    wait_for(lambda: any("running" in line for line in cloud.instances()))
    time.sleep(4)  # it has been renewed, so the lease is no longer that of the launch
    listed = collector(*LIST, "--yes")
    assert listed.code == 0, listed.err
    assert {row["kind"] for row in listed.json()} == {"instance", "security_group"}
    assert all(row["action"] == "keep" and "may be live until" in row["why"] for row in listed.json())
    assert process.poll() is None
    process.kill()
    process.communicate(timeout=20)
    kept = collector(*LIST, "--yes")
    assert kept.code == 0 and set(actions(kept).values()) == {"keep"}, "a lease outlives its process"
    (instance,) = (line.split()[0] for line in cloud.instances())
    wait_for(lambda: collector("cleanup").code == 4)
    removed = collector(*LIST, "--yes")
    assert removed.code == 0 and actions(removed)[instance] == "removed", removed.err
    assert cloud.instances() == []


def test_a_live_run_here_is_kept_and_a_dead_one_has_no_lease(collector, cloud):
    process = collector.start(*LONG)
    wait_for(lambda: any("running" in line for line in cloud.instances()))
    (run,) = (path.name for path in (collector.home / "state" / TOOL / "runs").iterdir())
    kept = collector(*LIST, "--yes", "--run", run)
    assert kept.code == 0, kept.err
    assert all(row["action"] == "keep" and "live on this machine" in row["why"] for row in kept.json())
    process.kill()
    process.communicate(timeout=20)
    removed = collector(*LIST, "--yes")
    assert removed.code == 0, removed.err
    assert set(actions(removed).values()) == {"removed"}
    journal = collector.home / "state" / TOOL / "runs" / run / "journal.ndjson"
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    assert records[-2]["record"] == "terminated" and records[-1]["what"] == "removed"
    assert (journal.parent / "settled").exists()


def test_a_run_named_is_removed_while_its_lease_lasts_and_no_other(collector, cloud, account):
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    leased = account.group(tags(lease_until=until))
    same_run = account.volume(tags())  # has no lease of its own: its run's counts
    other = account.group(tags(run="20261120T160000Z-abcdef"))
    assert actions(collector(*LIST)) == {leased: "keep", same_run: "keep", other: "remove"}
    done = collector(*LIST, "--run", RUN, "--yes")
    assert done.code == 0 and actions(done) == {leased: "removed", same_run: "removed"}, done.err
    assert collector("cleanup", "--yes").code == 0
    assert other not in account.everything()


def test_only_what_is_older(collector, cloud, account):
    young = account.volume(tags())
    old = account.group(tags())  # as old as its run
    assert actions(collector(*LIST, "--older-than", "6h", "--yes")) == {young: "keep", old: "removed"}
    assert collector("cleanup", "--older-than", "6h").code == 0, "what is younger is not asked for"
    assert collector("cleanup", "--yes").code == 0
    assert young not in account.everything()


def test_unfinished_uploads_of_results_are_aborted(collector, cloud, account):
    s3 = cloud.client("s3")
    keys = [f"raw/{RESULTS}{RUN}-1-0123456789ab.json", "raw/results/v1.0/mine.bin", f"other/{RUN}.json"]
    uploads = {key: account.upload(key) for key in keys}
    done = collector(*LIST, "--s3-bucket", "sandbox-results/raw", "--yes")
    assert done.code == 0, done.err
    assert actions(done) == {f"s3://sandbox-results/{keys[0]}?uploadId={uploads[keys[0]]}": "removed"}
    left = s3.list_multipart_uploads(Bucket="sandbox-results")["Uploads"]
    assert sorted(upload["Key"] for upload in left) == sorted(keys[1:])
    for key in keys[1:]:
        s3.abort_multipart_upload(Bucket="sandbox-results", Key=key, UploadId=uploads[key])


def test_every_region_is_looked_at(collector, cloud):
    import boto3

    variables = cloud.environment
    ec2 = boto3.client("ec2", region_name="eu-west-1", endpoint_url=variables["AWS_ENDPOINT_URL"],
                       aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
                       aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"])  # fmt: skip
    specification = [{"ResourceType": "volume", "Tags": tags()}]
    volume = ec2.create_volume(AvailabilityZone="eu-west-1a", Size=1, TagSpecifications=specification)["VolumeId"]
    assert collector(*LIST).json() == []
    done = collector(*LIST, "--all-regions", "--yes", timeout=240)
    assert done.code == 0, done.err
    assert [(row["id"], row["region"], row["action"]) for row in done.json()] == [(volume, "eu-west-1", "removed")]
    assert ec2.describe_volumes()["Volumes"] == []


def test_a_group_in_use_is_waited_for_and_then_said_to_be_left(collector, cloud, account):
    group = account.group(tags())
    stranger = account.instance(tags(tool="another-tool"), [group])
    done = collector(*LIST, "--yes", "--teardown-timeout", "3s")
    assert done.code == 4, done.err
    (row,) = done.json()
    assert row["action"] == "remove" and "DependencyViolation" in row["why"]
    account.remove(stranger)
    assert collector("cleanup", "--yes").code == 0


def test_an_interrupt_stops_and_the_next_call_goes_on(collector, cloud, account):
    instance = account.instance(tags())
    cloud.fault("error:ServiceUnavailable", "--action", "TerminateInstances", "--times", "1000")
    process = collector.start("cleanup", "--yes")
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 4, err
    cloud.fault("clear")
    done = collector(*LIST, "--yes")
    assert done.code == 0 and actions(done) == {instance: "removed"}, done.err


def test_what_may_not_be_ended_is_not_waited_for(collector, cloud, account):
    instance = account.instance(tags())
    began = time.monotonic()
    done = collector(*LIST, "--yes", environment=cloud.environment_as("no-terminate"))
    assert done.code == 4 and time.monotonic() - began < 30, done.err
    (row,) = done.json()
    assert row["id"] == instance and "UnauthorizedOperation" in row["why"]
    assert collector("cleanup", "--yes").code == 0


def test_a_region_that_can_not_be_looked_at_is_a_setup_failure(collector, cloud):
    assert_one_line_error(collector("cleanup", environment=cloud.environment_as("no-describe")), 3, "DescribeInstances")
    assert_one_line_error(collector("cleanup", environment=cloud.environment_as("expired")), 3, "expired")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--run", "20261120T153045Z-abc"], ["--run", "no run '20261120T153045Z-abc'"]),
        (["--run", "../../etc"], ["--run", "no run '../../etc'"]),
        (["--older-than", "6 hours"], ["--older-than", "6 hours"]),
        (["--older-than", "0"], ["--older-than"]),
        (["--older-than", "-1h"], ["--older-than"]),
        (["--all-regions", "--region", "us-east-1"], ["--all-regions", "--region"]),
        (["--s3-bucket", "No_Bucket"], ["--s3-bucket"]),
    ],
)
def test_a_mistake_is_refused_before_anything_is_asked(collector, arguments, words):
    assert_one_line_error(collector("cleanup", "--yes", *arguments), 2, *words)


def test_the_table_and_the_list_for_a_spreadsheet(collector, cloud, account):
    volume = account.volume(tags())
    table = collector("cleanup")
    assert table.code == 4 and volume in table.out and "ACTION" in table.out and "\033" not in table.out
    assert "--yes" in table.err
    lines = collector("cleanup", "--output", "csv").out.splitlines()
    assert lines[0] == "kind,id,run_id,region,created,state,lease,action,why"
    assert lines[1].startswith(f"volume,{volume},{RUN},us-east-1,") and lines[1].endswith(",available,,remove,")
    account.remove(volume)


def test_a_run_that_ended_well_leaves_nothing_to_clean(collector, cloud):
    assert collector("run", "--instance-types", "m7i.large", *QUICK).code == 0
    assert collector(*LIST).json() == []
