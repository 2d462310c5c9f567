#!/bin/sh
# What some live tests run beside the gateway: haproxy (draining) and redis-server (what gateways share). Installed where
# this may be done, named where not. Never fails.
missing=""
command -v haproxy >/dev/null 2>&1 || missing="haproxy"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing $missing ..."
    if apt-get update -qq >/dev/null 2>&1 &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1; then
        exit 0
    fi
fi
echo "Some tests need $missing: install it (on Debian: apt-get install $missing); without it they are skipped."
