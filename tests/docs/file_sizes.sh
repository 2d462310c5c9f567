#!/bin/sh
# Modules past 400 lines do a second thing; name it and give it a file of its own.
awk 'FNR == 1 && name { report() } { name = FILENAME; lines = FNR } END { report(); exit bad }
     function report() { if (lines > 400) { print name ": " lines " lines, more than 400"; bad = 1 } }' \
    $(find src -name '*.py')
