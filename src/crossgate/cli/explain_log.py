"""The request of a line of the gateway's access log, in JSON: what it says of the request, and what became of it.

A log has no bodies and few fields: what it says about the outcome is worth more than what can be asked again. Knows the
log's form.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from crossgate.cli.cors_recorded import UsageError
from crossgate.explain.asked import AskedRequest, Logged

MAX_LINES_FOUND = 200
_ABOUT = "A log holds neither bodies nor most fields: tokens, keys and cookies of the request are missing here."


def read_log(path: str, request_id: str) -> list[AskedRequest]:
    """The requests with that id. Raises UsageError where there is none."""
    found: list[AskedRequest] = []
    lines = of_json = number = 0
    try:
        with Path(path).open("rb") as log:
            for number, line in enumerate(log, 1):
                lines += bool(line.strip())
                if not line.lstrip().startswith(b"{"):
                    continue
                of_json += 1
                if request_id.encode("utf-8", "surrogateescape") not in line and b"\\" not in line:
                    continue
                entry = _entry(line, path, number)
                if entry.get("request_id") == request_id:
                    found.append(_asked(entry, path, number))
                if len(found) >= MAX_LINES_FOUND:
                    break
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {path}: {(getattr(error, 'strerror', None) or str(error)).lower()}") from None
    if not found and lines and not of_json:
        raise UsageError(f'{path} is no access log in JSON: set "crossgate/log" to {{"access": "json"}}')
    if not found:
        raise UsageError(f"{path} has no request with the id {request_id[:100]} ({of_json} lines were looked at)")
    return found


def _entry(line: bytes, path: str, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise UsageError(f"{path}:{number} is cut off or no JSON") from None
    return entry if isinstance(entry, dict) else {}


def _asked(entry: dict[str, Any], path: str, number: int) -> AskedRequest:
    def text(name: str) -> str:
        value = entry.get(name, "")
        if not isinstance(value, str):
            raise UsageError(f"{path}:{number}: {name} is no text")
        return value

    method, target = text("method"), text("path")
    status = entry.get("status")
    if (
        not method
        or not (target.startswith("/") or target == "*")
        or isinstance(status, bool)
        or not isinstance(status, int)
    ):
        raise UsageError(f"{path}:{number} has no method, path and status")
    fields = [(name, text(member)) for name, member in (("User-Agent", "user_agent"), ("Origin", "origin"))]
    query = text("query")
    return AskedRequest(
        method,
        "http",
        text("host") or "localhost",
        target + (f"?{query}" if query else ""),
        tuple((name, value) for name, value in fields if value),
        client_host=text("client") or "127.0.0.1",
        at_seconds=_seconds(text("time")),
        logged=Logged(status, text("route"), text("reason"), "reason" in entry),
        notes=(_ABOUT,),
    )


def _seconds(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return None
