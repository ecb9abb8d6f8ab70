#!/usr/bin/env bash
# analyze.sh FILE.c - the analyser of gcc (GCC) on one file. A file that passed is not looked at again until what it
# includes, or the rules, have changed (build/lint remembers).
set -euo pipefail

file=$1
home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
# shellcheck source=scripts/lint/tools.sh
. "$home/scripts/lint/tools.sh"

# Leaks are left to LeakSanitizer (make check, make fuzz): gcc 12 takes what is stored in a structure of the caller for
# lost.
flags=(-std=gnu11 -O2 -fanalyzer -Wno-analyzer-malloc-leak -Werror -D_GNU_SOURCE '-DVERSION="0"' '-DCOMPILER="cc"'
    "-I$home/pkg" -include "$home/pkg/base/banned.h")
case $file in
builds/universal/*) flags+=(-Ibuilds/universal) ;;
*)
    read -ra libraries < <(pkg-config --cflags libssh2 libcurl libcjson libssl libcrypto expat zlib)
    flags+=("-I$home/cmd" "${libraries[@]}" -include "$home/scripts/lint/analyzer_json.h")
    ;;
esac
# Where err_set is defined it can't be a macro.
[ "$file" = pkg/base/error.c ] || flags+=(-include "$home/scripts/lint/analyzer.h")

memory=$home/build/lint
mkdir -p "$memory"
sum=$( { "$GCC" --version && "$GCC" -E "${flags[@]}" "$file" && echo "${flags[@]}"; } | sha256sum)
stamp=$memory/analyze-${sum%% *}
[ ! -f "$stamp" ] || exit 0
"$GCC" "${flags[@]}" -S -o /dev/null "$file"
touch "$stamp"
