"""Requests of the past: an access log in gin's form or as JSON lines, or a HAR file."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crossgate.cli.cors_recorded import UsageError
from crossgate.compare.replay import Recorded

_MAX_BYTES = 256 * 1024 * 1024  # of a HAR file, which is read as a whole
_GIN = re.compile(r'\[GIN\].*?\|\s*([!#$%&\'*+\-.^_`|~0-9A-Za-z]+)\s+"([^"]*)"')
_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})|\\(.)")


def read_records(path: str) -> Iterator[Recorded]:
    """The requests of a file. Raises UsageError where it cannot be read, or has none."""
    try:
        is_har = path.lower().endswith(".har") or _begins_as_har(path)
        requests = _of_har(path) if is_har else _of_log(path)
        first = next(requests, None)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None
    if first is None:
        raise UsageError(f"{path} has no request: it is neither a HAR file nor an access log in gin's or in JSON form")
    return _with_first(first, requests)


def _with_first(first: Recorded, rest: Iterator[Recorded]) -> Iterator[Recorded]:
    yield first
    yield from rest


def _begins_as_har(path: str) -> bool:
    with Path(path).open("rb") as file:
        head = file.read(4096).lstrip()
    return head.startswith(b"{") and re.match(rb'\{\s*"log"\s*:\s*\{', head) is not None


def _of_har(path: str) -> Iterator[Recorded]:
    file = Path(path)
    if file.stat().st_size > _MAX_BYTES:
        raise UsageError(f"{path} is larger than {_MAX_BYTES >> 20} MiB")
    try:
        entries = json.loads(file.read_bytes())["log"]["entries"]
    except (ValueError, RecursionError, TypeError, KeyError):
        raise UsageError(f"{path} is no HAR file") from None
    if not isinstance(entries, list):
        raise UsageError(f"{path} is no HAR file")
    for entry in entries:
        request = entry.get("request") if isinstance(entry, dict) else None
        if not isinstance(request, dict):
            continue
        method, url, headers = request.get("method"), request.get("url"), request.get("headers", [])
        if not isinstance(method, str) or not isinstance(url, str) or not isinstance(headers, list):
            continue
        fields = {
            header["name"].lower(): str(header.get("value", ""))
            for header in headers
            if isinstance(header, dict) and isinstance(header.get("name"), str)
        }
        try:
            parts = urlsplit(url)
        except ValueError:
            continue
        yield Recorded(method, parts.path or "/", parts.query, fields.get("origin", ""), frozenset(fields))


def _of_log(path: str) -> Iterator[Recorded]:
    with Path(path).open(encoding="utf-8", errors="replace") as file:
        for line in file:
            found = _of_json(line) if line.lstrip().startswith("{") else _of_gin(line)
            if found is not None:
                yield found


def _of_gin(line: str) -> Recorded | None:
    match = _GIN.search(line)
    if match is None:
        return None
    target = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], match[2])
    path, _, query = target.partition("?")
    return Recorded(match[1], path or "/", query)


def _of_json(line: str) -> Recorded | None:
    try:
        entry: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict):
        return None
    method, path = entry.get("method"), entry.get("path")
    if not isinstance(method, str) or not isinstance(path, str):
        return None
    query, origin = entry.get("query", ""), entry.get("origin")
    return Recorded(method, path, query if isinstance(query, str) else "", origin if isinstance(origin, str) else None)
