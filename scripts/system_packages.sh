#!/bin/sh
# Sees to what the Python wheels need from the system. Usage: system_packages.sh run|test
# As root on Debian or Ubuntu it installs what is missing; otherwise it says in one sentence what to install.
set -eu

missing=""

need_library() { # library package: whether the dynamic linker finds it says more than what dpkg has on record
    "${PYTHON:-python3}" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null || missing="$missing $2"
}

need_browser() {
    for name in chromium chromium-browser google-chrome; do
        if command -v "$name" >/dev/null; then return; fi
    done
    missing="$missing chromium"
}

# The embedded mongod wants libcurl; with a mongod on PATH, or a server of one's own, nothing is embedded.
if [ "$1" = test ] || [ -z "${MONGODB_URI:-}" ]; then
    command -v mongod >/dev/null || need_library libcurl.so.4 libcurl4
fi
if [ "$1" = test ]; then
    need_library libatomic.so.1 libatomic1 # the browser driver
    need_browser
    command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing="$missing nginx-light" # the proxy example
    command -v openssl >/dev/null || missing="$missing openssl" # its certificate
fi

[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "กำลังติดตั้งชุดโปรแกรมของระบบ / Installing system packages:$missing"
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    # shellcheck disable=SC2086  # the list is meant to split
    if { apt-get update && apt-get install --yes --no-install-recommends $missing; } >"$log" 2>&1; then
        rm -f "$log"
        exit 0
    fi
    tail -n 5 "$log" >&2
    rm -f "$log"
fi
echo "ต้องติดตั้งชุดโปรแกรมของระบบก่อน: sudo apt-get install --no-install-recommends$missing" >&2
echo "Some system packages are missing; install them first: sudo apt-get install --no-install-recommends$missing" >&2
exit 1
