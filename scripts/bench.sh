#!/usr/bin/env bash
# Measures the collector itself in the local sandbox: a table, and build/bench.json. docs/benchmarks.md explains both.
set -euo pipefail

cd "$(dirname "$(readlink -f "$0")")/.."
sandbox=tests/sandbox/sandbox
bench=build/bench
state_delay=0.8
python=$(scripts/venv.sh)

# The suite of fixed duration, in an image of the shape of the universal one. The types measured are x86.
mkdir -p "$bench"
compiler=gcc
[ "$(uname -m)" = x86_64 ] || compiler=x86_64-linux-gnu-gcc
"$compiler" -std=gnu11 -Os -Wall -Wextra -static -s tests/bench/fixed_suite.c -lm -o "$bench/fixed-suite"
python3 builds/universal/image/assemble.py --version pause-no-measurement \
    --suites pause-no-measurement --output "$bench/fixed-suite.tar" \
    amd64="$bench/fixed-suite" >/dev/null

trap '"$sandbox" down' EXIT
trap 'exit 130' INT TERM
"$sandbox" up --state-delay "$state_delay"
eval "$("$sandbox" env)"
PYTHONPATH=tests "$python" -B -m bench --image "$bench/fixed-suite.tar" --universal build/image/universal.tar \
    --state-delay "$state_delay" --output build/bench.json
