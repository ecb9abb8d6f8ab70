#!/usr/bin/env python3
"""record_samples.py PROGRAM - runs suites for long on this machine and prints every sample, for tests that ask how far
the program's intervals can be trusted (test_recorded_samples.c). The format: tests/data/samples/README.md."""

import json
import subprocess
import sys

SUITES = {"stream": 75, "vector": 60, "scaling": 30, "numa": 40, "cache": 100}
"""With the seconds that each is given: enough for some 200 rounds, for `cache` for a hundred."""
FEWEST = 60
"""Samples of a series that is worth keeping."""
COMBINED = ("cycles", "fraction", "count")
"""Units of what is computed from samples of several measurements, which has no interval of its own."""


def record(program, suite, seconds):
    command = [program, "run", suite, f"--max-seconds={seconds}", "--target-ci=0.1"]
    document = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    series = {
        metric["name"]: metric["samples"]
        for metric in document["metrics"]
        if metric["unit"] not in COMBINED and len(metric["samples"] or []) >= FEWEST
    }
    rounds = max(len(samples) for samples in series.values())
    print(f"# {document['system']['cpu_model']}, {document['started']}, {suite} {document['suite_version']}: ", end="")
    print(f"{document['parameters']['rounds']} rounds, flags {document['flags']}, {document['disturbances']}")
    for name, samples in series.items():
        print(f"series {suite}:{name} {document['duration_seconds'] / rounds:.4f} {len(samples)}")
        print(" ".join(f"{sample:.6g}" for sample in samples))


def main():
    if len(sys.argv) != 2:
        raise SystemExit("usage: record_samples.py PROGRAM")
    for suite, seconds in SUITES.items():
        record(sys.argv[1], suite, seconds)


if __name__ == "__main__":
    main()
