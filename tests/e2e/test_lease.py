"""The lease of a run: a time stamp on all that it has made, which moves for as long as the run lives."""

import signal

from conftest import wait_for

LEASE = "aws-benchmark-collector:lease-until"


def leases(cloud) -> dict[str, str]:
    """The leases of instances, volumes and groups, by id."""
    tags = cloud.client("ec2").describe_tags(Filters=[{"Name": "key", "Values": [LEASE]}])["Tags"]
    return {tag["ResourceId"]: tag["Value"] for tag in tags}


def test_the_lease_is_on_everything_and_moves(collector, cloud):
    before = leases(cloud)

    def new():
        return {resource: until for resource, until in leases(cloud).items() if resource not in before}

    def kinds():
        return {resource.partition("-")[0] for resource in new()}

    process = collector.start(
        "run", "--instance-types", "m7i.large", "--lease", "3s",
        "--benchmarks", "stream", "--suite-options", "max-seconds=30",
    )  # fmt: skip
    wait_for(lambda: {"i", "sg", "vol"} <= kinds())
    first = new()
    held = [resource for resource in first if resource.startswith(("i-", "sg-"))]
    wait_for(lambda: all(new()[resource] > first[resource] for resource in held))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "lease" not in err
