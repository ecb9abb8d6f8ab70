# shellcheck shell=bash
# Sourced: the tools that the checks use, each unless its variable names another. Layout and findings differ from
# version to version; the code is held to those of one wherever it can be had.
tool() {
    if command -v "$1-$2" >/dev/null; then echo "$1-$2"; else echo "$1"; fi
}
export CLANG=${CLANG:-$(tool clang 14)}
export CLANG_TIDY=${CLANG_TIDY:-$(tool clang-tidy 14)}
export CLANG_FORMAT=${CLANG_FORMAT:-$(tool clang-format 14)}
export GCC=${GCC:-$(tool gcc 12)}
