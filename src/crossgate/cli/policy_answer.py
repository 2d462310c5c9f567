"""Reads one policy that was pasted into the demo's page: the process in which that is done.

One JSON object comes in on standard input, one goes out on standard output, plain data all of it. All is done behind
closed doors, for the text may be anybody's.
"""

import json
import sys
from typing import Any

import msgspec

from crossgate.cli.closed_doors import close_doors
from crossgate.demo.pasted import read_pasted
from crossgate.diagnostics import Severity

MAX_DIAGNOSTICS = 200
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def main() -> None:
    """Read, answer, end."""
    close_doors()
    json.dump(answer(json.loads(sys.stdin.buffer.read())), sys.stdout)


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """What a text is taken for: see `crossgate.demo.playground`. `config` is the policy's, None where CORS is off."""
    pasted = read_pasted(question["policy"], question["version"])
    found = sorted(pasted.diagnostics, key=lambda one: _ORDER[one.severity])
    return {
        "starts": pasted.starts,
        "config": None if pasted.policy is None else msgspec.to_builtins(pasted.policy.config),
        "diagnostics": [
            {
                "severity": str(one.severity),
                "code": one.code,
                "message": one.message,
                "path": one.path,
                "hint": one.hint,
                "krakend": one.krakend,
            }
            for one in found[:MAX_DIAGNOSTICS]
        ],
        "more_diagnostics": max(0, len(found) - MAX_DIAGNOSTICS),
        "note": pasted.note,
        "version": pasted.version,
        "block": pasted.block,
    }


if __name__ == "__main__":
    main()
