#!/usr/bin/env bash
# Tries every fault of tests/fault against the program and the sandbox, as root, which the sandbox needs. The words are
# those of `python -m fault --help`; make fault builds what this needs.
set -euo pipefail

cd "$(dirname "$(readlink -f "$0")")/.."
python=$(scripts/venv.sh)
run=(env PYTHONPATH=tests "$python" -B -m fault)
[ "$(id -u)" -eq 0 ] || run=(sudo -E "PATH=$PATH" "${run[@]}")
exec "${run[@]}" "$@"
