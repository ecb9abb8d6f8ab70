#!/usr/bin/env bash
# tidy.sh FILE.c - clang-tidy on one file (CLANG_TIDY, with CLANG). A file that passed is not looked at again until what
# it includes, or the rules, have changed (build/lint remembers).
set -euo pipefail

file=$1
home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
# shellcheck source=scripts/lint/tools.sh
. "$home/scripts/lint/tools.sh"

flags=(-std=gnu11 -Wall -Wextra -D_GNU_SOURCE '-DVERSION="0"' '-DCOMPILER="cc"'
    "-I$home/pkg" -include "$home/pkg/base/banned.h")
# Sources for one architecture are read with its headers, on a machine of another with those of the cross compiler.
for architecture in arm64:aarch64 x86:x86_64; do
    machine=${architecture#*:}
    if [[ $file == *_${architecture%:*}.c ]] && [ "$machine" != "$(uname -m)" ]; then
        flags+=("--target=$machine-linux-gnu" -isystem "/usr/$machine-linux-gnu/include")
    fi
done
case $file in
builds/universal/* | tests/universal/* | tests/bench/*) flags+=(-Ibuilds/universal) ;;
*)
    read -ra libraries < <(pkg-config --cflags libssh2 libcurl libcjson libssl libcrypto expat zlib)
    flags+=("-I$home/cmd" "${libraries[@]}")
    ;;
esac
# Clang 14 lets a header of vectors in only where the whole file may use them.
[[ $file != *_arm64.c ]] || flags+=(-march=armv8.2-a+sve)
# Where err_set is defined it can't be a macro.
[ "$file" = pkg/base/error.c ] || flags+=(-include "$home/scripts/lint/analyzer.h")

rules=$("$CLANG_TIDY" --dump-config "$file" 2>/dev/null)
memory=$home/build/lint
mkdir -p "$memory"
sum=$( { "$CLANG" -E "${flags[@]}" "$file" && echo "$rules" && echo "${flags[@]}"; } | sha256sum)
stamp=$memory/tidy-${sum%% *}
[ ! -f "$stamp" ] || exit 0

# Its count of warnings in system headers goes to stderr; what counts is on stdout.
if "$CLANG_TIDY" --quiet "$file" -- "${flags[@]}" 2>"$stamp.log"; then
    rm -f "$stamp.log"
    touch "$stamp"
else
    cat "$stamp.log" >&2
    rm -f "$stamp.log"
    exit 1
fi
