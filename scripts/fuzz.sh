#!/usr/bin/env bash
# fuzz.sh SECONDS [NAME...] - builds tests/fuzz/fuzz_NAME.c, each or the named ones, with clang's libFuzzer, ASan and
# UBSan, and runs it so long over its corpus, tests/fuzz/corpus/NAME, with the words of tests/fuzz/NAME.dict where there
# are any; as many at once as there are processors. What it finds new goes to build/fuzz/corpus/NAME and serves the next
# run; an input that breaks something is left in build/fuzz as NAME-crash-…, and fuzz.sh fails.
#
# fuzz.sh keep [NAME...] - moves into tests/fuzz/corpus what of that covers code that nothing there does.
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
cd "$root"
seconds=${1:?usage: fuzz.sh SECONDS|keep [NAME...]}
shift
out=build/fuzz
mkdir -p "$out"

packages=(libssh2 libcurl libcjson libssl libcrypto expat zlib)
clang=clang
! command -v clang-14 >/dev/null || clang="clang-14"
# shellcheck disable=SC2054 # the commas are parts of words
flags=(-g -O1 -std=gnu11 -pthread -fsanitize=address,undefined -fno-sanitize-recover=all -D_GNU_SOURCE
    "-DVERSION=\"$(cat VERSION)\"" -Ipkg -Icmd -include pkg/base/banned.h)
read -ra cflags < <(pkg-config --cflags "${packages[@]}")
read -ra libraries < <(pkg-config --libs "${packages[@]}")

# Objects are made anew when a source or any header is younger.
compile() {
    local object=$out/objects/${1%.c}.o
    if [ ! -f "$object" ] || [ -n "$(find "$1" pkg cmd -name '*.h' -newer "$object" -print -quit)" ] ||
        [ "$1" -nt "$object" ]; then
        mkdir -p "${object%/*}"
        "$clang" "${flags[@]}" "${cflags[@]}" -fsanitize=fuzzer-no-link -c "$1" -o "$object"
    fi
}
export -f compile
# shellcheck disable=SC2034 # read by the shells that xargs starts
compile_all() {
    declare -p clang flags cflags out >"$out/flags.sh"
    printf '%s\n' "$@" | xargs -P "$(nproc)" -n 1 bash -euc '. "$0"; compile "$1"' "$out/flags.sh"
}

names=("$@")
if [ ${#names[@]} -eq 0 ]; then
    for target in tests/fuzz/fuzz_*.c; do
        name=${target##*/fuzz_}
        names+=("${name%.c}")
    done
fi

sources=(pkg/*/*.c)
for source in cmd/*.c; do
    [ "$source" = cmd/main.c ] || sources+=("$source")
done
targets=("${names[@]/#/tests/fuzz/fuzz_}")
targets=("${targets[@]/%/.c}")
compile_all "${sources[@]}" "${targets[@]}"
# Without the table of instance types, which would be read for each misspelt name.
scripts/embed.sh data/schemas/*/*.json >"$out/embedded.S"
"$clang" -c "$out/embedded.S" -o "$out/embedded.o"
objects=("${sources[@]/#/$out/objects/}")
objects=("${objects[@]/%.c/.o}")
rm -f "$out/libcollector.a"
ar rcs "$out/libcollector.a" "${objects[@]}" "$out/embedded.o"

# Each prints its verdict at once; those that failed are known by what they leave behind.
# shellcheck disable=SC2317 # called by the shells that xargs starts
run_target() {
    local name=$1 corpus=("$out/corpus/$1" "tests/fuzz/corpus/$1") options=()
    "$clang" -fsanitize=fuzzer,address,undefined -pthread "$out/objects/tests/fuzz/fuzz_$name.o" \
        "$out/libcollector.a" "${libraries[@]}" -lm -o "$out/fuzz_$name"
    mkdir -p "$out/corpus/$name"
    [ -d "tests/fuzz/corpus/$name" ] || { echo "fuzz $name: it has no tests/fuzz/corpus/$name" >&2; return 1; }
    [ ! -f "tests/fuzz/$name.dict" ] || options+=("-dict=tests/fuzz/$name.dict")
    if [ "$seconds" = keep ]; then
        "$out/fuzz_$name" -merge=1 -set_cover_merge=1 -use_counters=0 "tests/fuzz/corpus/$name" "$out/corpus/$name" \
            >"$out/$name.log" 2>&1 || { tail -n 40 "$out/$name.log" >&2; return 1; }
        echo "fuzz $name: $(find "tests/fuzz/corpus/$name" -type f | wc -l) inputs kept"
        return
    fi
    options+=("-max_total_time=$seconds" -len_control=0 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1)
    if "$out/fuzz_$name" "${options[@]}" "-artifact_prefix=$out/$name-" "${corpus[@]}" >"$out/$name.log" 2>&1; then
        echo "fuzz $name: ok, $(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$name.log") inputs," \
            "$(sed -n 's/^stat::new_units_added: *//p' "$out/$name.log") of them new"
    else
        { echo "fuzz $name: FAILED"; tail -n 40 "$out/$name.log"; } >&2
        return 1
    fi
}
export -f run_target
declare -p clang out seconds libraries >"$out/run.sh"
if ! printf '%s\n' "${names[@]}" |
    xargs -P "$(nproc)" -n 1 bash -euc '. "$0"; run_target "$1" || exit 1' "$out/run.sh"; then
    echo "fuzz failed: see above" >&2
    exit 1
fi
