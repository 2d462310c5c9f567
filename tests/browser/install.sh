#!/bin/sh
# The two browsers that judge, and promtool, which reads metrics: installed where this may be done, named where not.
# Never fails: tests skip without them.
missing=""
for browser in chromium firefox-esr; do
    command -v "$browser" >/dev/null 2>&1 || missing="$missing $browser"
done
command -v promtool >/dev/null 2>&1 || missing="$missing prometheus"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing$missing ..."
    # shellcheck disable=SC2086 # a list of package names
    if apt-get update -qq >/dev/null 2>&1 &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing openssl >/dev/null 2>&1; then
        exit 0
    fi
fi
echo "Some tests need$missing: install them (on Debian: apt-get install$missing openssl); without them those tests are skipped."
