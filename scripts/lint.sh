#!/usr/bin/env bash
# lint.sh [CHECK...] - runs the named checks, or all, over the files that git knows in the current checkout. Each check
# says what is wrong as FILE:LINE: MESSAGE; all of them run before the verdict. tests/lint shows that each can fail.
#
#   format     clang-format finds nothing to change
#   tidy       clang-tidy with .clang-tidy
#   analyzer   gcc -fanalyzer over what is delivered
#   cppcheck   warnings, performance, portability
#   shell      shellcheck over every shell script
#   includes   who may include whom (scripts/lint/includes.py)
#   functions  length, complexity, length of files (scripts/lint/functions.py)
#   docs       paths, tests, links and make targets that the documents name (scripts/lint/docs.py)
#   text       white space, unfinished work, calls kept to one place (scripts/lint/text.py)
set -euo pipefail

home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
cd "$(git rev-parse --show-toplevel)"

# shellcheck source=scripts/lint/tools.sh
. "$home/scripts/lint/tools.sh"

# The files of these patterns, tracked or new, that still exist.
files() {
    git ls-files --cached --others --exclude-standard --deduplicate -- "$@" | while read -r file; do
        [ ! -f "$file" ] || printf '%s\n' "$file"
    done
}

# Without the one source that needs a header which is not ours, EEMBC's coremark.h.
readable() {
    grep -v '^builds/universal/coremark/core_portme\.c$' || true
}

shell_scripts() {
    files '*.sh'
    files | while read -r file; do
        case $file in
        *.sh) ;;
        *) if head -c 64 "$file" | head -n 1 | grep -qaE '^#!.*[/ ](ba)?sh( |$)'; then printf '%s\n' "$file"; fi ;;
        esac
    done
}

check_format() {
    files '*.c' '*.h' | xargs -r "$CLANG_FORMAT" --dry-run -Werror "--style=file:$home/.clang-format"
}

# One process a file: clang-tidy 14 carries a false va_list report from one file to the next.
check_tidy() {
    files '*.c' | readable | xargs -r -P "$(nproc)" -n 1 "$home/scripts/lint/tidy.sh"
}

# Sources for one architecture are left to the machines that have it.
check_analyzer() {
    local others='_arm64\.c$'
    [ "$(uname -m)" = x86_64 ] || others='_x86\.c$'
    files 'pkg/*.c' 'cmd/*.c' 'builds/*.c' | { grep -v "$others" || true; } | readable |
        xargs -r -P "$(nproc)" -n 1 "$home/scripts/lint/analyze.sh"
}

check_cppcheck() {
    files '*.c' | xargs -r cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 \
        --enable=warning,performance,portability --suppressions-list="$home/scripts/lint/cppcheck.txt" \
        --template='{file}:{line}: {message} [{id}]' "--include=$home/scripts/lint/cppcheck.h" \
        -j "$(nproc)" -D_GNU_SOURCE -D__linux__ -D__x86_64__ -DVERSION='""' -DCOMPILER='""' \
        "-I$home/pkg" "-I$home/cmd" -Ibuilds/universal
}

check_shell() {
    shell_scripts | xargs -r shellcheck --severity=warning
}

check_includes() {
    files '*.c' '*.h' | python3 "$home/scripts/lint/includes.py"
}

check_functions() {
    local python
    python=$("$home/scripts/venv.sh")
    files '*.c' '*.h' '*.py' | "$python" "$home/scripts/lint/functions.py"
}

check_docs() {
    files '*.md' | python3 "$home/scripts/lint/docs.py"
}

check_text() {
    files | python3 "$home/scripts/lint/text.py"
}

all="format includes text docs shell functions cppcheck analyzer tidy"
failed=
# shellcheck disable=SC2086 # the names are words
[ $# -gt 0 ] || set -- $all
for check in "$@"; do
    case " $all " in
    *" $check "*) ;;
    *) echo "lint.sh: there is no check '$check', but: $all" >&2; exit 2 ;;
    esac
    started=$SECONDS
    if "check_$check"; then verdict=ok; else verdict=FAILED; failed="$failed $check"; fi
    echo "lint $check: $verdict ($((SECONDS - started)) s)"
done
[ -z "$failed" ] || { echo "lint failed:$failed" >&2; exit 1; }
