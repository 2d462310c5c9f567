#!/bin/sh
# The two browsers that judge: installed where this may be done, named where not. Never fails: tests skip without them.
missing=""
for browser in chromium firefox-esr; do
    command -v "$browser" >/dev/null 2>&1 || missing="$missing $browser"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing$missing ..."
    # shellcheck disable=SC2086 # a list of package names
    if apt-get update -qq >/dev/null 2>&1 &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing openssl >/dev/null 2>&1; then
        exit 0
    fi
fi
echo "The browser tests need$missing: install them (on Debian: apt-get install$missing openssl); without them these tests are skipped."
