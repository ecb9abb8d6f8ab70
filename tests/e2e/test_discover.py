"""`discover`: what is said about instance types agrees with EC2, offline too, and for types that are still to come."""

import csv
import io

import pytest
from conftest import assert_one_line_error

FIELDS = [
    "instance_type",
    "instance_family",
    "generation",
    "architecture",
    "processor_vendor",
    "vcpus",
    "memory_mib",
    "runnable",
    "reason",
]
VENDORS = {"Intel": "intel", "AMD": "amd", "AWS": "graviton", "Apple": "apple"}
WITHOUT_ACCOUNT = {
    "AWS_ACCESS_KEY_ID": None,
    "AWS_SECRET_ACCESS_KEY": None,
    "AWS_SESSION_TOKEN": None,
    "AWS_REGION": None,
    "AWS_DEFAULT_REGION": None,
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
}


@pytest.fixture
def described(cloud):
    """What EC2 says: type → DescribeInstanceTypes' record."""
    pages = cloud.client("ec2").get_paginator("describe_instance_types").paginate()
    return {record["InstanceType"]: record for page in pages for record in page["InstanceTypes"]}


def architecture(record):
    """i386 stands beside x86_64 where a type runs both."""
    (word,) = (word for word in record["ProcessorInfo"]["SupportedArchitectures"] if word != "i386")
    return word


def assert_agrees(row, record):
    assert list(row) == FIELDS
    assert row["architecture"] == architecture(record), row
    assert row["processor_vendor"] == VENDORS[record["ProcessorInfo"]["Manufacturer"]], row
    assert row["vcpus"] == record["VCpuInfo"]["DefaultVCpus"], row
    assert row["memory_mib"] == record["MemoryInfo"]["SizeInMiB"], row
    assert row["instance_family"] == row["instance_type"].split(".")[0]
    assert row["runnable"] == (not row["architecture"].endswith("_mac")), row
    assert (row["reason"] is None) == row["runnable"], row


@pytest.mark.parametrize("flags", [["--offline"], []])
def test_every_type_agrees_with_ec2(collector, described, flags):
    done = collector("discover", "instances", *flags, "--output", "json", *described)
    assert done.code == 0, done.err
    rows = done.json()
    assert [row["instance_type"] for row in rows] == list(described)
    for row in rows:
        assert_agrees(row, described[row["instance_type"]])


def test_without_names_the_whole_catalogue_is_listed(collector, described):
    online = collector("discover", "instances", "--output", "json")
    offline = collector("discover", "instances", "--offline", "--output", "json", environment=WITHOUT_ACCOUNT)
    assert online.code == offline.code == 0
    assert {row["instance_type"] for row in online.json()} == set(described)
    assert online.out == offline.out


def test_types_to_come_are_known_offline_as_far_as_their_name_tells(collector):
    names = ["m9gd.large", "c11gbn.metal-96xl", "r12a.large", "x10i-flex.2xlarge", "p6e-gb200.36xlarge", "mac-m9.metal"]
    done = collector("discover", "instances", "--offline", "--output", "json", *names, environment=WITHOUT_ACCOUNT)
    assert done.code == 0, done.err
    told = [(row["architecture"], row["processor_vendor"], row["generation"]) for row in done.json()]
    assert told == [
        ("arm64", "graviton", 9),
        ("arm64", "graviton", 11),
        ("x86_64", "amd", 12),
        ("x86_64", "intel", 10),
        ("arm64", None, 6),
        ("arm64_mac", "apple", None),
    ]
    assert all(row["vcpus"] is None and row["memory_mib"] is None for row in done.json())


def test_a_bad_name_is_left_out_and_the_rest_is_printed(collector):
    names = ["c7g.large", "m7i", "\x1b[31mx", "m7i.large"]
    done = collector("discover", "instances", "--offline", "--output", "json", *names)
    assert done.code == 2
    assert [row["instance_type"] for row in done.json()] == ["c7g.large", "m7i.large"]
    assert "'m7i'" in done.err and "no size" in done.err
    assert "\x1b" not in done.err


def test_patterns_expand_in_the_catalogues_order(collector):
    done = collector("discover", "instances", "--output", "json", "m7i.*large", "c?g.large")
    names = [row["instance_type"] for row in done.json()]
    assert names[:3] == ["m7i.large", "m7i.xlarge", "m7i.2xlarge"]
    assert names[-3:] == ["c6g.large", "c7g.large", "c8g.large"]
    nothing = collector("discover", "instances", "--output", "json", "zz*")
    assert nothing.code == 2 and nothing.json() == []


def test_a_type_that_the_region_lacks_is_refused_online(collector):
    done = collector("discover", "instances", "--output", "json", "m9gd.large")
    assert done.json() == []
    assert_one_line_error(done, 2, "m9gd.large", "did you mean")


def test_a_table_and_csv_are_printed_as_well(collector):
    table = collector("discover", "instances", "--offline", "mac2.metal", "m9gd.large").out.splitlines()
    assert table[0].split()[0] == "TYPE" and "macOS" in table[1] and " - " in table[2]
    text = collector("discover", "instances", "--offline", "--output", "csv", "m9gd.large").out
    (row,) = csv.DictReader(io.StringIO(text))
    assert list(row) == FIELDS and row["architecture"] == "arm64" and row["vcpus"] == ""


def test_amis_are_amazons_one_for_each_architecture(collector, cloud):
    rows = collector("discover", "amis", "--output", "json").json()
    assert [row["architecture"] for row in rows] == ["x86_64", "arm64"]
    images = cloud.client("ec2").describe_images(ImageIds=[row["image_id"] for row in rows])["Images"]
    assert {image["ImageId"]: image["Architecture"] for image in images} == {
        row["image_id"]: row["architecture"] for row in rows
    }
    assert {row["owner_alias"] for row in rows} == {"amazon"}


def test_infrastructure_lists_what_run_can_be_told_to_use(collector, cloud):
    rows = collector("discover", "infrastructure", "--output", "json").json()
    listed = {(row["kind"], row["id"]) for row in rows}
    ec2 = cloud.client("ec2")
    assert {("vpc", vpc["VpcId"]) for vpc in ec2.describe_vpcs()["Vpcs"]} <= listed
    assert {("subnet", subnet["SubnetId"]) for subnet in ec2.describe_subnets()["Subnets"]} <= listed
    groups = ec2.describe_security_groups()["SecurityGroups"]
    assert {("security-group", group["GroupId"]) for group in groups} <= listed


@pytest.mark.parametrize("what", ["instances", "amis", "infrastructure"])
def test_missing_credentials_are_one_line(collector, what):
    nobody = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_SESSION_TOKEN": None}
    assert_one_line_error(collector("discover", what, environment=nobody), 3, "credentials")
