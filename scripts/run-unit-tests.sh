#!/bin/sh
# run-unit-tests.sh [--no-aslr] PROGRAM... - runs each test program; fails when one fails, or when there is none.
set -eu

# ThreadSanitizer of GCC 12 can't place its shadow memory under the address layout of newer kernels.
prefix=
if [ "${1:-}" = --no-aslr ]; then
    prefix="setarch $(uname -m) -R"
    shift
fi
[ $# -gt 0 ] || { echo "no unit tests were built" >&2; exit 1; }

# AWS's published signing vectors are not ours to ship; where they lie beside the checkout they are used.
if [ -z "${SIGV4_VECTORS:-}" ]; then
    for directory in "$(dirname "$(readlink -f "$0")")"/../../*/vectors/aws-sigv4; do
        [ ! -d "$directory" ] || export SIGV4_VECTORS="$directory"
    done
fi

failed=
for program in "$@"; do
    echo "== ${program##*/}"
    $prefix "$program" || failed="$failed ${program##*/}"
done
[ -z "$failed" ] || { echo "failed:$failed" >&2; exit 1; }
