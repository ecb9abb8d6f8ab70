"""The same over HTTPS, with a CA of the sandbox's own and connections that are kept, in a second sandbox."""

import os
import subprocess

import pytest
from conftest import QUICK, SANDBOX, Collector, exported, merged

SECOND = {**os.environ, "AWS_BENCHMARK_SANDBOX": "9"}


def second_sandbox(*arguments):
    return subprocess.run(
        [SANDBOX, *arguments], env=SECOND, capture_output=True, text=True, timeout=180, check=True
    ).stdout


@pytest.fixture
def over_https(tmp_path):
    """The program with an account in a sandbox that speaks HTTPS."""
    second_sandbox("down")
    second_sandbox("up", "--https", "--keep-alive")
    try:
        yield Collector(merged(exported(second_sandbox("env"))), tmp_path)
        assert second_sandbox("instances") == ""
    finally:
        second_sandbox("down")


def test_the_main_job_works_over_https(over_https):
    assert over_https.environment["AWS_ENDPOINT_URL"].startswith("https://")
    done = over_https(
        "run", "--instance-types", "m7i.large", *QUICK, "--s3-bucket", "sandbox-results", "--output", "json"
    )
    assert done.code == 0, done.err
    (row,) = done.json()
    assert row["outcome"] == "ok" and row["results"] == 1 and row["unsent"] == 0


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(over_https):
    done = over_https("run", "--instance-types", "m7i.large", "--dry-run", environment={"AWS_CA_BUNDLE": None})
    assert done.code == 3
    assert "certificate" in done.err and "AWS_CA_BUNDLE" in done.err
