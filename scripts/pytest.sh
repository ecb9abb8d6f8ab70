#!/usr/bin/env bash
# Runs the Python tests (all, or what the arguments say), as root, which the sandbox needs.
set -euo pipefail

cd "$(dirname "$(readlink -f "$0")")/.."
python=$(scripts/venv.sh)
run=("$python" -B -m pytest -p no:cacheprovider)
[ "$(id -u)" -eq 0 ] || run=(sudo -E "PATH=$PATH" "${run[@]}")
[ $# -gt 0 ] || set -- tests/lint tests/python tests/universal tests/sandbox/tests tests/fault tests/e2e
exec "${run[@]}" "$@"
