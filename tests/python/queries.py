"""The queries of scripts/athena, run with DuckDB, and what `process` says of the same results."""

import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QUERIES = ROOT / "scripts/athena"
FILES = ("memory-benchmarks", "cpu-benchmarks")

Figures = dict[tuple[str, str], tuple[int, float]]
"""By instance type and place in the file: results and the median."""


def by_duckdb(source: str | Path, name: str, environment: dict[str, str] | None = None) -> Figures:
    python = subprocess.run(
        [ROOT / "scripts/venv.sh", "duckdb"], capture_output=True, text=True, check=True, timeout=600
    ).stdout.strip()
    done = subprocess.run(
        [python, QUERIES / "duckdb_query.py", str(source), QUERIES / f"{name}.sql"],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | (environment or {}),
    )
    assert done.returncode == 0, done.stderr
    return {(row["instance_type"], row["place"]): (row["results"], row["value"]) for row in json.loads(done.stdout)}


def by_process(processed: Path, name: str) -> Figures:
    """processed: the --output-dir."""
    document = json.loads((processed / f"latest/{name}.json").read_text())
    return {
        (instance_type, place): (statistics["results"], statistics["median"])
        for instance_type, instance in document["instances"].items()
        for place, statistics in instance["statistics"].items()
    }
