#!/usr/bin/env bash
# pytest.sh [ARGUMENT...] - pytest with the tests' Python packages, as root, which the sandbox needs. Without arguments:
# all Python tests, in groups side by side, each with a sandbox of its own, since most of their time is waiting for
# machines to boot and to end. A group's output is printed when it has ended.
set -euo pipefail

cd "$(dirname "$(readlink -f "$0")")/.."
python=$(scripts/venv.sh)
run=("$python" -B -m pytest -p no:cacheprovider)
[ "$(id -u)" -eq 0 ] || run=(sudo -E "PATH=$PATH" "${run[@]}")
[ $# -eq 0 ] || exec "${run[@]}" "$@"

logs=build/pytest
mkdir -p "$logs"
pids=()

# group NAME SANDBOX PATH... - its sandbox has that number, where the tests don't take one themselves.
group() {
    local name=$1 sandbox=$2
    shift 2
    AWS_BENCHMARK_SANDBOX=$sandbox "${run[@]}" "$@" >"$logs/$name.log" 2>&1 &
    pids+=("$name:$!")
}

trap 'for pid in "${pids[@]}"; do kill -INT "${pid#*:}" 2>/dev/null || true; done; wait; exit 130' INT TERM

# Every third file of the end-to-end tests in one group, so that long ones are spread.
e2e=(tests/e2e/test_*.py)
third() {
    local i
    for ((i = $1; i < ${#e2e[@]}; i += 3)); do printf '%s\n' "${e2e[i]}"; done
}
group parts 0 tests/lint tests/python tests/universal
group sandbox 0 tests/sandbox/tests
for part in 0 1 2; do
    mapfile -t files < <(third "$part")
    group "e2e-$part" $((101 + part)) "${files[@]}"
done

failed=
for pid in "${pids[@]}"; do
    wait "${pid#*:}" || failed="$failed ${pid%%:*}"
    cat "$logs/${pid%%:*}.log"
done
if [ -n "$failed" ]; then
    echo "pytest: FAILED:$failed (see $logs)"
    exit 1
fi
