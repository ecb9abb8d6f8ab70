"""What the tests of the data commands share; they need neither account nor sandbox."""

import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("COLLECTOR", ROOT / "aws-benchmark-collector")
RESULTS = ROOT / "tests/data/results"


@dataclass
class Finished:
    """A run of the program that has ended."""

    code: int
    out: str
    err: str

    def json(self):
        return json.loads(self.out)


@pytest.fixture
def collector(tmp_path):
    """Runs the program in a directory of its own."""

    def run(*arguments) -> Finished:
        done = subprocess.run(
            [PROGRAM, *map(str, arguments)], capture_output=True, text=True, cwd=tmp_path, timeout=300
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def documents() -> list[dict]:
    """The result documents of the test data, one for each suite and type."""
    return [json.loads(path.read_text()) for path in sorted(RESULTS.rglob("*.json"))]


def seal(document: dict) -> str:
    """The document's text with the digest that belongs to it."""
    document["integrity"]["sha256"] = "0" * 64
    text = json.dumps(document, separators=(",", ":")) + "\n"
    return text.replace('"sha256":"' + "0" * 64, '"sha256":"' + hashlib.sha256(text.encode()).hexdigest())
