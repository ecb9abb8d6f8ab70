"""process on a bucket: the same files as on the directory that the bucket is a copy of."""

import os
import shutil
import sys

import pytest

from conftest import ROOT, assert_one_line_error

sys.path.insert(0, str(ROOT / "tests/python"))

import queries  # noqa: E402

RESULTS = ROOT / "tests/data/results"
FILES = (
    "memory-benchmarks.json",
    "cpu-benchmarks.json",
    "price-performance.json",
    "instance-rankings.json",
    "metadata.json",
)


@pytest.fixture
def bucket(cloud):
    """A bucket with the test data below a prefix, and a thing that is no result beside it."""
    s3 = cloud.client("s3")
    name = f"processed-{os.urandom(4).hex()}"
    s3.create_bucket(Bucket=name)
    keys = ["team/notes.json"]
    s3.put_object(Bucket=name, Key=keys[0], Body=b"not a result")
    for path in RESULTS.rglob("*.json"):
        keys.append(f"team/results/{path.relative_to(RESULTS)}")
        s3.put_object(Bucket=name, Key=keys[-1], Body=path.read_bytes())
    yield name
    for key in keys:
        s3.delete_object(Bucket=name, Key=key)
    s3.delete_bucket(Bucket=name)


def test_a_bucket_gives_the_same_files_as_a_directory(collector, bucket):
    shutil.copytree(RESULTS, collector.home / "raw/results")
    for source, output in ((f"s3://{bucket}/team", "remote"), ("raw", "local")):
        done = collector("process", source, "--output-dir", output, "--output", "json")
        assert done.code == 0, done.err
        assert done.json() == {"used": 6, "left_out": 0, "refused": []}
    for name in FILES:
        assert (collector.home / "remote/latest" / name).read_bytes() == (
            collector.home / "local/latest" / name
        ).read_bytes()


def test_a_place_within_the_layout_is_read_as_it_is(collector, bucket):
    place = f"s3://{bucket}/team/results/v1.0/region=us-east-1/instance_type=m7i.large/"
    done = collector("process", place, "--output-dir", "part", "--output", "json")
    assert done.code == 0, done.err
    assert done.json()["used"] == 3


def test_a_bucket_that_is_not_there_is_one_line(collector):
    done = collector("process", "s3://no-such-bucket-here/x", "--output-dir", "out")
    assert_one_line_error(done, 3, "no-such-bucket-here")
    assert not (collector.home / "out").exists()


@pytest.mark.parametrize("name", queries.FILES)
def test_duckdb_and_process_agree_over_a_bucket(collector, bucket, cloud, name):
    assert collector("process", f"s3://{bucket}/team", "--output-dir", "remote").code == 0
    ours = queries.by_process(collector.home / "remote", name)
    assert queries.by_duckdb(f"s3://{bucket}/team", name, cloud.environment) == ours
