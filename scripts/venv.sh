#!/usr/bin/env bash
# venv.sh [NAME] - makes the virtual environment of the tests (build/venv, from tests/requirements.txt; with NAME
# build/venv-NAME, from tests/requirements-NAME.txt) when it is missing or out of date, and prints the path of its
# Python. Several callers at once wait for the one that builds it.
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
requirements=$root/tests/requirements${1:+-$1}.txt
venv=$root/build/venv${1:+-$1}
installed=$venv/requirements.txt

up_to_date() {
    cmp -s "$requirements" "$installed"
}

build() {
    local log=$venv.log
    echo "Installing the tests' Python packages into ${venv#"$root/"} …" >&2
    if ! python3 -m venv --clear "$venv" >"$log" 2>&1; then
        cat "$log" >&2
        echo "Python's venv module is missing: run scripts/bootstrap.sh test" >&2
        return 1
    fi
    if ! "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements" >"$log" 2>&1; then
        cat "$log" >&2
        echo "pip could not install ${requirements#"$root/"} (see above)" >&2
        return 1
    fi
    cp "$requirements" "$installed"
}

if ! up_to_date; then
    mkdir -p "$root/build"
    exec 9>"$venv.lock"
    flock 9
    up_to_date || build
fi
echo "$venv/bin/python"
