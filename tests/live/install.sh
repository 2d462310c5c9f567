#!/bin/sh
# The load balancer that the tests of draining run behind: installed where this may be done, named where not. Never fails.
command -v haproxy >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing haproxy ..."
    if apt-get update -qq >/dev/null 2>&1 &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends haproxy >/dev/null 2>&1; then
        exit 0
    fi
fi
echo "A test of draining needs haproxy: install it (on Debian: apt-get install haproxy); without it that test is skipped."
