"""What the processes that answer the demo's page about pasted texts have in common. Knows no question.

One JSON object comes in on standard input, one goes out on standard output. All is done behind closed doors, for the
text may be anybody's.
"""

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

from crossgate.cli.closed_doors import close_doors
from crossgate.diagnostics import WORST_FIRST, Diagnostic

MAX_DIAGNOSTICS = 200


def answer_one(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Read, answer, end."""
    close_doors()
    json.dump(answer(json.loads(sys.stdin.buffer.read())), sys.stdout)


def told(diagnostic: Diagnostic) -> dict[str, Any]:
    """One, without its place."""
    return {
        "severity": str(diagnostic.severity),
        "code": diagnostic.code,
        "message": diagnostic.message,
        "path": diagnostic.path,
        "hint": diagnostic.hint,
        "krakend": diagnostic.krakend,
    }


def worst_first(diagnostics: Iterable[Diagnostic], tell: Callable[[Diagnostic], dict[str, Any]]) -> dict[str, Any]:
    """The worst of them as an answer has them, and how many more there are."""
    found = sorted(diagnostics, key=lambda one: WORST_FIRST[one.severity])
    return {
        "diagnostics": [tell(one) for one in found[:MAX_DIAGNOSTICS]],
        "more_diagnostics": max(0, len(found) - MAX_DIAGNOSTICS),
    }
