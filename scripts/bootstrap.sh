#!/usr/bin/env bash
# bootstrap.sh [build|image|test|lint|fuzz|peers|all …]: installs the packages that a part of the work needs (build).
#
# On Debian and Ubuntu it installs them, as root or through sudo, and does nothing when they are there. On Fedora and
# Amazon Linux it names them. Services that a package brings along (sshd, docker) are neither started nor enabled.
set -euo pipefail

readonly groups=(build image test lint fuzz peers)

fail() {
    echo "bootstrap: $1" >&2
    exit 1
}

usage() {
    sed -n '2,5s/^# \{0,1\}//p' "$0"
    exit "$1"
}

has() {
    command -v "$1" >/dev/null
}

# The architecture that images are built for besides this machine's, as gcc's packages name it.
cross_architecture() {
    if [ "$(uname -m)" = aarch64 ]; then echo x86-64; else echo aarch64; fi
}

cross_libc() {
    if [ "$(uname -m)" = aarch64 ]; then echo amd64; else echo arm64; fi
}

# --- what each group needs -------------------------------------------------------------------------------------------

debian_packages() {
    case $1 in
        build) echo gcc libc6-dev make pkg-config libssh2-1-dev libcurl4-openssl-dev libcjson-dev libssl-dev \
            libexpat1-dev zlib1g-dev ca-certificates ;;
        image) echo gcc libc6-dev make python3 "gcc-$(cross_architecture)-linux-gnu" "libc6-dev-$(cross_libc)-cross" ;;
        test)
            echo libcmocka-dev python3 python3-venv qemu-user-static openssh-server openssh-client nftables iproute2 \
                sudo procps systemd curl
            has dockerd || echo docker.io
            ! known_to_apt docker-cli || has docker || echo docker-cli
            has node || echo nodejs
            has tsc || echo node-typescript
            ;;
        lint)
            echo git cppcheck shellcheck python3 python3-venv libcmocka-dev "libc6-dev-$(cross_libc)-cross"
            ! known_to_apt gcc-12 || echo gcc-12
            if known_to_apt clang-tidy-14; then
                echo clang-14 clang-tidy-14 clang-format-14
            else
                echo clang clang-tidy clang-format
            fi
            ;;
        fuzz)
            if known_to_apt clang-14; then
                echo clang-14
                ! known_to_apt libclang-rt-14-dev || echo libclang-rt-14-dev
            else
                echo clang
                ! known_to_apt libclang-rt-dev || echo libclang-rt-dev
            fi
            ;;
        peers) # of the benchmark program; likwid is there for x86 alone
            echo hpcc libopenblas-pthread-dev pkg-config
            ! known_to_apt likwid || echo likwid
            ;;
    esac
}

fedora_packages() {
    case $1 in
        build) echo gcc make pkgconf-pkg-config libssh2-devel libcurl-devel cjson-devel openssl-devel expat-devel \
            zlib-devel ;;
        image) echo gcc make python3 glibc-static "gcc-$(cross_architecture | tr - _)-linux-gnu" \
            "and a static glibc for that" ;;
        test) echo libcmocka-devel python3 qemu-user-static openssh-server openssh-clients nftables iproute sudo \
            procps-ng curl moby-engine nodejs "and TypeScript's compiler" ;;
        lint) echo git clang clang-tools-extra cppcheck ShellCheck python3 libcmocka-devel ;;
        fuzz) echo clang compiler-rt ;;
        peers) echo openblas-devel pkgconf-pkg-config "and what there is of likwid and hpcc" ;;
    esac
}

amazon_packages() {
    fedora_packages "$1" | sed -e 's/moby-engine/docker/'
}

# --- Debian and Ubuntu -----------------------------------------------------------------------------------------------

known_to_apt() {
    apt-cache show "$1" >/dev/null 2>&1
}

installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing_packages() {
    local group package
    for group; do
        for package in $(debian_packages "$group"); do
            installed "$package" || echo "$package"
        done
    done | sort -u
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        has sudo || fail "run this as root, or install sudo"
        sudo "$@"
    fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends \
        -o Dpkg::Use-Pty=0 "$@" >&2
}

# A package that brings a daemon must not start it on somebody's machine, now or at the next boot.
install_quietly() {
    local policy=/usr/sbin/policy-rc.d held=no failed=no package
    if [ ! -e "$policy" ]; then
        held=yes
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    apt_install "$@" || failed=yes
    [ "$held" = no ] || as_root rm -f "$policy"
    [ "$failed" = no ] || fail "apt could not install: $*"
    for package; do
        case $package in
            openssh-server) disable ssh.service ssh.socket ;;
            docker.io) disable docker.service docker.socket containerd.service ;;
        esac
    done
}

disable() {
    ! has systemctl || as_root systemctl disable "$@" >/dev/null 2>&1 || true
}

bootstrap_debian() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "Installing: ${missing[*]}" >&2
    as_root apt-get update --quiet=2 >&2
    mapfile -t missing < <(missing_packages "$@") # the fresh lists may know more names
    install_quietly "${missing[@]}"
}

# --- which system, which groups --------------------------------------------------------------------------------------

name_packages() {
    local names=$1 group
    shift
    echo "bootstrap: this system is not Debian or Ubuntu. Install these packages, then go on:" >&2
    for group; do
        echo "  $group: $("$names" "$group")" >&2
    done
    exit 1
}

main() {
    local wanted=() argument id="" like=""
    for argument; do
        case " ${groups[*]} " in
            *" $argument "*) wanted+=("$argument") ;;
            *)
                case $argument in
                    all) wanted=("${groups[@]}") ;;
                    -h | --help) usage 0 ;;
                    *) usage 2 >&2 ;;
                esac
                ;;
        esac
    done
    [ ${#wanted[@]} -gt 0 ] || wanted=(build)

    # shellcheck source=/dev/null
    [ ! -r /etc/os-release ] || read -r id like < <(. /etc/os-release && echo "${ID:-none}" "${ID_LIKE:-}")
    case " $id $like " in
        *" debian "* | *" ubuntu "*) bootstrap_debian "${wanted[@]}" ;;
        *" amzn "*)
            echo "bootstrap: what Amazon Linux 2023 itself lacks is in its supplementary packages (SPAL)." >&2
            name_packages amazon_packages "${wanted[@]}"
            ;;
        *" fedora "* | *" rhel "*) name_packages fedora_packages "${wanted[@]}" ;;
        *) name_packages fedora_packages "${wanted[@]}" ;;
    esac
}

main "$@"
