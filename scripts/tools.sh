#!/bin/sh
# Installs tools that are not here yet, and is quick when they are.
#
#   scripts/tools.sh rust       a Rust toolchain and a C linker
#   scripts/tools.sh clients    the phones, callers, attackers and Prometheus that the live tests drive
#   scripts/tools.sh deny fuzz  cargo-deny, cargo-fuzz
#
# Works as root and with sudo, on Debian and its kin; elsewhere it says what is missing.
set -eu

# Debian's packages start their services when they are installed; nobody asked for that here.
policy=/usr/sbin/policy-rc.d

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "$0: need root or sudo for: $*" >&2
        exit 77
    fi
}

# packages PROGRAM=PACKAGE... : installs the packages of those programs that are not here.
packages() {
    missing=
    for pair in "$@"; do
        command -v "${pair%%=*}" >/dev/null || missing="$missing ${pair#*=}"
    done
    [ -n "$missing" ] || return 0
    if ! command -v apt-get >/dev/null; then
        echo "$0: please install what Debian calls$missing, then try again" >&2
        exit 1
    fi
    echo "installing$missing"
    made=
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod +x "$policy"
        made=yes
    fi
    status=0
    # shellcheck disable=SC2086  # One word a package.
    { as_root apt-get update -qq &&
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -qq -y --no-install-recommends $missing >/dev/null; } || status=$?
    [ -z "$made" ] || as_root rm -f "$policy"
    [ "$status" = 0 ] || { echo "$0: could not install$missing" >&2; exit "$status"; }
}

rust() {
    PATH="$PATH:$HOME/.cargo/bin"
    if ! command -v cargo >/dev/null; then
        packages curl=curl
        echo "installing Rust by rustup, for this user"
        curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
            sh -s -- -q -y --profile minimal --component clippy --component rustfmt || true
        if ! command -v cargo >/dev/null; then
            echo "$0: no Rust here, and rustup could not be had: see https://rustup.rs" >&2
            exit 1
        fi
    fi
    packages cc=build-essential
}

clients() {
    packages baresip=baresip-core sipp=sip-tester promtool=prometheus python3=python3 \
        node=nodejs npm=npm twinkle-console=twinkle-console
    attackers
    web_phones
}

# Phones of browsers, from npm, in a folder of their own.
web_phones() {
    into=$(dirname "$0")/../target/web-phones
    [ ! -d "$into/node_modules/sip.js" ] || return 0
    echo "installing jssip and sip.js"
    mkdir -p "$into"
    npm install --prefix "$into" --no-audit --no-fund --silent jssip@3.13.8 sip.js@0.21.2 ws@8
}

# What attacks SIP servers, from PyPI, in a folder of its own.
attackers() {
    into=$(dirname "$0")/../target/attackers
    [ ! -x "$into/bin/sipvicious_svcrack" ] || return 0
    echo "installing sipvicious"
    python3 -m ensurepip --version >/dev/null 2>&1 || packages no-pip-for-venv=python3-venv
    python3 -m venv --clear "$into"
    "$into/bin/pip" install --quiet --disable-pip-version-check sipvicious==0.3.8
}

# cargo_tool NAME : a cargo subcommand, built if it is not here.
cargo_tool() {
    rust
    command -v "$1" >/dev/null && return 0
    echo "building $1: this takes some minutes, once"
    cargo install --quiet --locked "$1"
}

[ $# -gt 0 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2; }
for what in "$@"; do
    case $what in
        rust) rust ;;
        clients) clients ;;
        deny) cargo_tool cargo-deny ;;
        fuzz) cargo_tool cargo-fuzz ;;
        *) echo "$0: do not know '$what'" >&2; exit 2 ;;
    esac
done
