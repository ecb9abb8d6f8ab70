"""What is wrong is said in one line, with what to do, before anything is launched."""

import contextlib
import os
import subprocess

import pytest
from conftest import QUICK, assert_one_line_error

RUN = ["run", "--instance-types", "m7i.large", *QUICK]


@pytest.fixture
def nothing_launched(cloud):
    """After the test EC2 has seen no launch."""
    before = launches(cloud)
    yield
    assert launches(cloud) == before


def launches(cloud):
    pages = cloud.client("ec2").get_paginator("describe_instances").paginate()
    return sum(len(reservation["Instances"]) for page in pages for reservation in page["Reservations"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--instance-types", "m7i.larg"], ["m7i.larg", "m7i.large"]),
        (["--instance-types", "m99zz.large"], ["m99zz.large"]),
        (["--instance-types", "mac2.metal"], ["mac2.metal"]),
        (["--instance-types", "m7i"], ["m7i"]),
        (["--instance-types", "M7i.large"], ["M7i.large"]),
        (["--instance-types", "m7i.large;reboot"], ["m7i.large;reboot"]),
        (["--instance-types", "../../etc/passwd"], ["passwd"]),
        (["--instance-types", "m7i.large,c7g.large,m7i.large"], ["m7i.large", "twice"]),
        (["--instance-types", "zz*.large"], ["zz*.large"]),
        (["--instance-types", ""], ["instance-types"]),
        ([], ["instance types"]),
        (["--instance-types", "m7i.large", "--max-concurrency", "0"], ["max-concurrency", "1000"]),
        (["--instance-types", "m7i.large", "--max-concurrency", "1000000"], ["max-concurrency", "1000"]),
        (["--instance-types", "m7i.large", "--max-concurrency", "five"], ["max-concurrency", "five"]),
        (["--instance-types", "m7i.large", "--instance-typo", "x"], ["--instance-typo", "did you mean"]),
        (["--instance-types", "m7i.large", "--timeout", "soon"], ["timeout", "soon"]),
        (["--instance-types", "m7i.large", "--benchmarks", "stream,stream"], ["stream", "twice"]),
        (["--instance-types", "m7i.large", "--benchmarks", "str$(eam)"], ["suite"]),
        (["--instance-types", "m7i.large", "--benchmarks", "straem"], ["straem", "did you mean 'stream'"]),
        (["--instance-types", "m7i.large", "--benchmarks", "coremark"], ["coremark", "stream,cache,numa"]),
        (["--instance-types", "m7i.large", "--suite-options", "a=';reboot'"], ["suite option"]),
        (["--instance-types", "m7i.large", "--image", "a b"], ["image"]),
        (["--instance-types", "m7i.large", "--s3-bucket", "Not_A_Bucket"], ["bucket"]),
        (["--instance-types", "m7i.large", "--ssh-cidr", "everyone"], ["everyone"]),
        (["--instance-types", "m7i.large", "--key-pair", "mine"], ["key-file"]),
        (["--instance-types", "m7i.large", "--region"], ["region"]),
    ],
)
def test_usage(collector, nothing_launched, arguments, words):
    assert_one_line_error(collector("run", *arguments), 2, *words)


def test_an_option_that_is_wrong_is_said_before_the_region_that_is_missing(collector):
    without = {"AWS_REGION": None, "AWS_DEFAULT_REGION": None}
    done = collector(*RUN, "--ssh-cidr", "nonsense", environment=without)
    assert_one_line_error(done, 2, "--ssh-cidr", "nonsense")


def test_a_dry_run_finds_what_would_keep_results_from_being_stored(collector, cloud, nothing_launched):
    dry = [*RUN, "--dry-run"]
    (collector.home / "file").write_text("")
    assert_one_line_error(collector(*dry, "--s3-bucket", "no-such-bucket-here"), 3, "no-such-bucket-here")
    denied = collector(*dry, "--s3-bucket", "sandbox-results", environment=cloud.environment_as("no-put"))
    assert_one_line_error(denied, 3, "sandbox-results", "AccessDenied")
    assert_one_line_error(collector(*dry, "--output-dir", "file/below"), 3, "--output-dir", "not a directory")
    before = cloud.keys()
    assert collector(*dry, "--s3-bucket", "sandbox-results", "--output-dir", "new/deep").code == 0
    assert cloud.keys() == before and not (collector.home / "new").exists()


def test_a_mistyped_command_is_guessed(collector):
    assert_one_line_error(collector("rnu"), 2, "rnu", "run")


def test_missing_credentials(collector, nothing_launched):
    without = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    assert_one_line_error(collector(*RUN, environment=without), 3, "credentials")


def test_wrong_secret(collector, nothing_launched):
    assert_one_line_error(collector(*RUN, environment={"AWS_SECRET_ACCESS_KEY": "wrong"}), 3, "secret access key")


def test_expired_token(collector, cloud, nothing_launched):
    expired = cloud.environment_as("expired")
    assert_one_line_error(collector(*RUN, environment=expired), 3, "expired")


def test_no_region(collector, nothing_launched):
    without = {"AWS_REGION": None, "AWS_DEFAULT_REGION": None}
    assert_one_line_error(collector(*RUN, environment=without), 3, "region")


def test_malformed_region(collector, nothing_launched):
    assert_one_line_error(collector(*RUN, "--region", "us/../east"), 3, "region")


def test_no_answer_from_the_endpoint(collector, nothing_launched):
    nobody = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    done = collector(*RUN, environment=nobody)
    assert_one_line_error(done, 3, "127.0.0.1")


def test_unreadable_key_file(collector, nothing_launched):
    done = collector(*RUN, "--key-pair", "mine", "--key-file", "/nonexistent/key.pem")
    assert_one_line_error(done, 3, "/nonexistent/key.pem")


def test_key_file_that_is_no_key(collector, nothing_launched):
    (collector.home / "key.pem").write_text("hello")
    assert_one_line_error(collector(*RUN, "--key-pair", "mine", "--key-file", "key.pem"), 3, "key.pem")


def test_unknown_key_pair(collector, nothing_launched):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", collector.home / "key"], check=True)
    assert_one_line_error(collector(*RUN, "--key-pair", "not-there", "--key-file", "key"), 3, "not-there")


def test_unknown_bucket(collector, nothing_launched):
    assert_one_line_error(collector(*RUN, "--s3-bucket", "no-such-bucket-here"), 3, "no-such-bucket-here")


def test_bucket_without_permission(collector, cloud, nothing_launched):
    denied = cloud.environment_as("no-put")
    before = cloud.keys()
    done = collector(*RUN, "--s3-bucket", "sandbox-results", environment=denied)
    assert_one_line_error(done, 3, "sandbox-results")
    assert cloud.keys() == before


def test_the_permission_check_leaves_no_object_behind(collector, cloud):
    before = cloud.keys()
    done = collector("run", "--instance-types", "m7i.large", *QUICK, "--s3-bucket", "sandbox-results")
    assert done.code == 0, done.err
    assert len(cloud.keys()) == len(before) + 1


def test_subnet_and_group_in_different_networks(collector, cloud, nothing_launched):
    ec2 = cloud.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="elsewhere", Description="test", VpcId=vpc)["GroupId"]
    default = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [default]}])["Subnets"]
    try:
        done = collector(*RUN, "--subnet", subnets[0]["SubnetId"], "--security-group", group)
        assert_one_line_error(done, 3, subnets[0]["SubnetId"], group)
    finally:
        ec2.delete_security_group(GroupId=group)
        ec2.delete_vpc(VpcId=vpc)


@pytest.mark.parametrize(
    "option", [["--subnet", "subnet-0123456789abcdef0"], ["--security-group", "sg-0123456789abcdef0"]]
)
def test_unknown_network(collector, nothing_launched, option):
    assert_one_line_error(collector(*RUN, *option), 3, option[1])


def test_ami_of_the_wrong_architecture(collector, cloud, nothing_launched):
    plan = collector("run", "--instance-types", "c7g.large", "--dry-run", "--output", "json").json()
    assert_one_line_error(collector(*RUN, "--ami", plan[0]["ami"]), 3, plan[0]["ami"], "arm64", "x86_64")


def test_unknown_ami(collector, nothing_launched):
    assert_one_line_error(collector(*RUN, "--ami", "ami-0123456789abcdef0"), 3, "ami-0123456789abcdef0")


def test_image_archive_that_is_none(collector, nothing_launched):
    (collector.home / "image.tar").write_text("not a tar" * 100)
    assert_one_line_error(collector(*RUN, "--image-archive", "image.tar"), 3, "image.tar")


def test_caller_address_that_cannot_be_asked(collector, nothing_launched):
    done = collector(*RUN, "--caller-address-url", "http://127.0.0.1:9/")
    assert_one_line_error(done, 3, "ssh-cidr")


@pytest.fixture
def full_disk(tmp_path):
    """A file system on which not another byte fits."""
    disk = tmp_path / "full"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "full", disk], check=True)
    try:
        (disk / "deep").mkdir()
        filler = os.open(disk / "filler", os.O_WRONLY | os.O_CREAT)
        with contextlib.suppress(OSError):
            while True:
                os.write(filler, b"x" * 4096)
        os.close(filler)
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def test_full_disk_for_the_journal(collector, full_disk, nothing_launched):
    assert_one_line_error(collector(*RUN, "--state-dir", str(full_disk)), 3, "journal", "space")


def test_full_disk_for_the_results(collector, full_disk, nothing_launched):
    assert_one_line_error(collector(*RUN, "--output-dir", str(full_disk)), 3, "output-dir", "space")
