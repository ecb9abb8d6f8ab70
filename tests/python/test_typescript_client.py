"""clients/typescript: its types are those of the schemas, it compiles, and its own tests hold on files that `process`
has written."""

import os
import subprocess
import sys

import numpy as np
import pytest

import made_results
from data_program import ROOT, collector, documents  # noqa: F401 (fixtures)
from test_duckdb_agrees import whole

CLIENT = ROOT / "clients/typescript"


def call(*command, **environment) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=CLIENT,
        env=os.environ | {name: str(value) for name, value in environment.items()},
    )


@pytest.fixture
def compiled(tmp_path):
    done = call("tsc", "--outDir", tmp_path / "client")
    assert done.returncode == 0, done.stdout
    (tmp_path / "client/package.json").write_text('{"type": "module"}')
    return tmp_path / "client/index.js"


@pytest.fixture
def processed(collector, documents, tmp_path):
    random = np.random.default_rng(5)
    for template in whole(documents):
        made = made_results.make(template, made_results.samples_near(template, random))
        made_results.write(made, tmp_path / "raw")
    done = collector("process", "raw", "--prices", ROOT / "tests/data/prices.json", "--output-dir", "out")
    assert done.code == 0, done.err
    return tmp_path / "out/latest"


def test_types_are_those_of_the_schemas():
    done = call(sys.executable, ROOT / "scripts/client_types.py", "--check")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["contract", "client"])
def test_its_own_tests_hold(compiled, processed, name):
    done = call("node", "--test", f"test/{name}.test.mjs", CLIENT=compiled, PROCESSED=processed)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout and "# pass 0" not in done.stdout
