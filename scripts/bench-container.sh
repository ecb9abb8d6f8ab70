#!/usr/bin/env bash
# bench-container.sh [--turns N] - measures the benchmark program side by side with its peers: a table, and
# build/bench-container.json. Peers that Debian has no package of are looked for in PEERS_DIR. What all of it means is
# explained in docs/benchmarks.md.
set -euo pipefail

cd "$(dirname "$(readlink -f "$0")")/.."
python=$(scripts/venv.sh)
architecture=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
parts=build/universal/bench

run=(env "PYTHONPATH=tests" "PATH=$PWD/$parts:$PATH" "$python" -B -m bench.container)
# The container engine needs root.
[ "$(id -u)" -eq 0 ] || run=(sudo -E "${run[@]}")
exec "${run[@]}" --universal "build/universal/$architecture/universal" --image build/image/universal.tar \
    --parts "$parts" --output build/bench-container.json "$@"
