#!/usr/bin/env bash
# Makes the virtual environment of the tests (build/venv, from tests/requirements.txt) when it is missing or out of
# date, and prints the path of its Python. Several callers at once wait for the one that builds it.
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
requirements=$root/tests/requirements.txt
venv=$root/build/venv
installed=$venv/requirements.txt

up_to_date() {
    cmp -s "$requirements" "$installed"
}

build() {
    local log=$root/build/venv.log
    echo "Installing the tests' Python packages into build/venv …" >&2
    if ! python3 -m venv --clear "$venv" >"$log" 2>&1; then
        cat "$log" >&2
        echo "Python's venv module is missing: run scripts/bootstrap.sh test" >&2
        return 1
    fi
    if ! "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements" >"$log" 2>&1; then
        cat "$log" >&2
        echo "pip could not install tests/requirements.txt (see above)" >&2
        return 1
    fi
    cp "$requirements" "$installed"
}

if ! up_to_date; then
    mkdir -p "$root/build"
    exec 9>"$root/build/venv.lock"
    flock 9
    up_to_date || build
fi
echo "$venv/bin/python"
