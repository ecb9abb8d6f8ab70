"""The same over HTTPS with a CA of the sandbox's own and connections that are kept.

It has a sandbox to itself, in mount and network namespaces of its own, beside the one of the other tests.
"""

import json
import subprocess

import pytest
from conftest import PROGRAM, QUICK, SANDBOX

SCRIPT = f"""
set -e
mount -t tmpfs tmpfs /run
mkdir /run/lock
ip link set lo up
trap '{SANDBOX} down >&2' EXIT
{SANDBOX} up --https --keep-alive >&2
eval "$({SANDBOX} env)"
case $AWS_ENDPOINT_URL in https://*) ;; *) exit 1 ;; esac
"$@"
"""


@pytest.fixture
def over_https(tmp_path):
    """Runs a command there, in an empty directory."""

    def run(*command):
        return subprocess.run(
            ["unshare", "-m", "-n", "--propagation", "private", "bash", "-c", SCRIPT, "https", *command],
            cwd=tmp_path, capture_output=True, text=True, timeout=150,
        )

    return run


def test_the_main_job_works_over_https(over_https, tmp_path):
    done = over_https(
        PROGRAM, "run", "--instance-types", "m7i.large", *QUICK, "--s3-bucket", "sandbox-results", "--output", "json",
        "--state-dir", tmp_path / "state",
    )
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert row["outcome"] == "ok" and row["results"] == 1 and row["unsent"] == 0


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(over_https):
    done = over_https("env", "-u", "AWS_CA_BUNDLE", PROGRAM, "run", "--instance-types", "m7i.large", "--dry-run")
    assert done.returncode == 3
    assert "certificate" in done.stderr and "AWS_CA_BUNDLE" in done.stderr
