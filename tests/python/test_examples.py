"""Each example does what it says, on files that `process` has written."""

import csv
import functools
import http.server
import io
import json
import subprocess
import sys
import threading

import numpy as np
import pytest

import made_results
from data_program import ROOT, collector, documents  # noqa: F401 (fixtures)
from test_duckdb_agrees import whole

EXAMPLES = ROOT / "examples"


def call(*command) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def latest(collector, documents, tmp_path):
    random = np.random.default_rng(3)
    for run in range(3):
        for template in whole(documents):
            samples = made_results.samples_near(template, random)
            made = made_results.make(template, samples, metadata__run_id=f"made-{run}")
            made_results.write(made, tmp_path / "raw")
    done = collector("process", "raw", "--output-dir", "out")
    assert done.code == 0, done.err
    return tmp_path / "out/latest"


def read(latest, name) -> dict:
    return json.loads((latest / f"{name}.json").read_text())


@pytest.fixture
def served(latest):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=latest)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_bandwidth(latest, served, tmp_path):
    call("tsc", "--project", EXAMPLES, "--outDir", tmp_path / "js")
    (tmp_path / "js/package.json").write_text('{"type": "module"}')
    head, *lines = call("node", tmp_path / "js/examples/bandwidth.js", served).splitlines()
    assert head.endswith("from network")
    places = read(latest, "instance-rankings")["rankings"]["triad_bandwidth"]["types"]
    assert [line.split()[1] for line in lines] == [place["instanceType"] for place in places]
    assert len(lines) == 2 and all(f" {place['value']} GB/s" in line for line, place in zip(lines, places))


def test_balance(latest):
    rows = list(csv.DictReader(io.StringIO(call(sys.executable, EXAMPLES / "balance.py", latest))))
    memory, cpu = read(latest, "memory-benchmarks")["instances"], read(latest, "cpu-benchmarks")["instances"]
    assert {row[""] for row in rows} == set(memory) == set(cpu)
    for row in rows:
        wanted = memory[row[""]]["stream"]["triad"]["bandwidth"] / cpu[row[""]]["linpack"]["gflops"]
        assert float(row["bytes_per_operation"]) == pytest.approx(wanted, rel=1e-12)


def test_variation(latest):
    python = call(ROOT / "scripts/venv.sh", "duckdb").strip()
    script = (
        "import duckdb, json, os, sys; c = duckdb.connect(); c.execute('SET VARIABLE latest = ?', [sys.argv[1]]);"
        "print(json.dumps(c.execute(open(sys.argv[2]).read()).fetchall()))"
    )
    rows = json.loads(call(python, "-c", script, latest, EXAMPLES / "variation.sql"))
    every = sorted(
        (-figure["coefficientOfVariation"], instance_type, place, figure["grade"])
        for instance_type, instance in read(latest, "memory-benchmarks")["instances"].items()
        for place, figure in instance["statistics"].items()
    )
    assert [(-variation, name, place, grade) for name, place, variation, grade in rows] == every[:10]
