"""docs/iam-policy.json: its actions are enough, and without any one of them the program fails cleanly.

Resources and conditions are not evaluated by the sandbox: this test says nothing about them.
"""

import json
import os

import pytest
from account import RESULTS, RUN_BY_HAND, Account, tags
from conftest import QUICK, ROOT, Collector, exported, merged, sandbox, wait_for

BUCKET = "sandbox-results"
RUN = ["run", "--instance-types", "m7i.large", "--s3-bucket", BUCKET, "--teardown-timeout", "5s"]


def actions_of(policy):
    """Every action that the policy names, once."""
    named = [statement["Action"] for statement in policy["Statement"]]
    return sorted({action for entry in named for action in ([entry] if isinstance(entry, str) else entry)})


ACTIONS = actions_of(json.loads((ROOT / "docs/iam-policy.json").read_text()))


@pytest.fixture
def allowed(cloud, tmp_path):
    """Makes the program of a user who may do these actions."""

    def make(actions):
        policy = tmp_path / "policy.json"
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        policy.write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        return Collector(merged(exported(sandbox("env", "--policy", str(policy)))), tmp_path)

    return make


def whole_run(collector, cloud):
    return collector(*RUN, "--output", "json", *QUICK)


def run_in_a_given_group(collector, cloud):
    groups = cloud.client("ec2").describe_security_groups(GroupNames=["default"])["SecurityGroups"]
    return collector(*RUN, "--dry-run", "--security-group", groups[0]["GroupId"])


def run_with_a_key_pair(collector, cloud):
    ec2, name = cloud.client("ec2"), f"policy-{os.urandom(4).hex()}"
    key = ec2.create_key_pair(KeyName=name, KeyType="ed25519")["KeyMaterial"]
    (collector.home / "key").write_text(key)
    (collector.home / "key").chmod(0o600)
    try:
        return collector(*RUN, "--dry-run", "--key-pair", name, "--key-file", "key")
    finally:
        ec2.delete_key_pair(KeyName=name)


def process_of_the_bucket(collector, cloud):
    prefix, results = f"policy-{os.urandom(4).hex()}", ROOT / "tests/data/results"
    result = next(results.rglob("*.json"))
    key = f"{prefix}/results/{result.relative_to(results)}"
    s3 = cloud.client("s3")
    s3.put_object(Bucket=BUCKET, Key=key, Body=result.read_bytes())
    try:
        return collector("process", f"s3://{BUCKET}/{prefix}", "--output-dir", "processed")
    finally:
        s3.delete_object(Bucket=BUCKET, Key=key)


def cleanup_in_one_region(collector, cloud):
    return collector("cleanup", "--s3-bucket", BUCKET)


def cleanup_in_every_region(collector, cloud):
    return collector("cleanup", "--all-regions", timeout=300)


def discover_prices(collector, cloud):
    return collector("discover", "prices", "m7i.large")


WHO_NEEDS = {
    "ec2:DescribeNetworkInterfaces": cleanup_in_one_region,
    "ec2:DescribeRegions": cleanup_in_every_region,
    "ec2:DescribeSpotInstanceRequests": cleanup_in_one_region,
    "ec2:DescribeVolumes": cleanup_in_one_region,
    "s3:ListBucketMultipartUploads": cleanup_in_one_region,
    "ec2:DescribeKeyPairs": run_with_a_key_pair,
    "ec2:DescribeSecurityGroups": run_in_a_given_group,
    "ec2:DescribeSpotPriceHistory": discover_prices,
    "pricing:GetProducts": discover_prices,
    "s3:GetObject": process_of_the_bucket,
}
"""What fails without an action, where that is not the whole run."""

NEEDED_TO_CLEAN_UP = ("ec2:DeleteSecurityGroup", "ec2:TerminateInstances")
"""Without these something is left."""


WHAT_IT_REMOVES = {
    "ec2:CancelSpotInstanceRequests": lambda account: account.spot_request(tags()),
    "ec2:DeleteKeyPair": lambda account: account.key_pair(tags()),
    "ec2:DeleteNetworkInterface": lambda account: account.interface(tags()),
    "ec2:DeleteVolume": lambda account: account.volume(tags()),
    "s3:AbortMultipartUpload": lambda account: account.upload(f"{RESULTS}{RUN_BY_HAND}-1-0123456789ab.json"),
}
"""What `cleanup` alone removes by an action."""


@pytest.mark.parametrize("action", sorted(WHAT_IT_REMOVES))
def test_cleanup_names_what_it_may_not_remove(allowed, cloud, action):
    left = WHAT_IT_REMOVES[action](Account(cloud))
    cleanup = ["cleanup", "--s3-bucket", BUCKET, "--yes", "--output", "json"]
    done = allowed([a for a in ACTIONS if a != action])(*cleanup)
    assert done.code == 4, done.err
    (row,) = done.json()
    assert left in row["id"] and row["action"] == "remove" and action in row["why"]
    done = allowed(ACTIONS)(*cleanup)
    assert done.code == 0, done.err
    (row,) = done.json()
    assert left in row["id"] and row["action"] == "removed"


@pytest.mark.parametrize("doing", sorted({whole_run, *WHO_NEEDS.values()}, key=lambda doing: doing.__name__))
def test_the_policy_is_enough(allowed, cloud, doing):
    done = doing(allowed(ACTIONS), cloud)
    assert done.code == 0, done.err


def test_no_action_is_a_pattern():
    assert ACTIONS and not any("*" in action for action in ACTIONS)


@pytest.mark.parametrize("action", [a for a in ACTIONS if a not in NEEDED_TO_CLEAN_UP and a not in WHAT_IT_REMOVES])
def test_without_an_action_nothing_is_launched_and_the_error_names_it(allowed, cloud, action):
    before = launched(cloud)
    done = WHO_NEEDS.get(action, whole_run)(allowed([a for a in ACTIONS if a != action]), cloud)
    assert done.code == 3, f"not needed? {done.code}: {done.err}"
    assert action in what_went_wrong(done)
    assert launched(cloud) == before


def what_went_wrong(done):
    """The one error: a line of its own, or that of the one job."""
    lines = [line for line in done.err.splitlines() if "error:" in line]
    if done.out.startswith("["):
        (row,) = done.json()
        assert row["error"]["kind"] == "auth" and row["instance_id"] in (None, "") and lines == []
        return row["error"]["message"]
    assert len(lines) == 1, done.err
    return lines[0]


def launched(cloud):
    """Ids of all instances that ever were."""
    pages = cloud.client("ec2").get_paginator("describe_instances").paginate()
    return {i["InstanceId"] for page in pages for r in page["Reservations"] for i in r["Instances"]}


@pytest.mark.parametrize("action", NEEDED_TO_CLEAN_UP)
def test_without_the_permission_to_remove_it_what_is_left_is_named(allowed, cloud, action):
    assert action in ACTIONS
    done = whole_run(allowed([a for a in ACTIONS if a != action]), cloud)
    assert done.code == 4, done.err
    assert action in done.err + done.out
    left = [line.split()[0] for line in cloud.instances()] + group_ids(cloud)
    assert left and all(name in done.err for name in left), (left, done.err)
    remove_everything(cloud)


def group_ids(cloud):
    groups = cloud.client("ec2").describe_security_groups()["SecurityGroups"]
    return [group["GroupId"] for group in groups if group["GroupName"].startswith("aws-benchmark-collector")]


def remove_everything(cloud):
    ec2 = cloud.client("ec2")
    instances = [line.split()[0] for line in cloud.instances()]
    if instances:
        ec2.terminate_instances(InstanceIds=instances)
        wait_for(lambda: cloud.instances() == [])
    for group in group_ids(cloud):
        ec2.delete_security_group(GroupId=group)
