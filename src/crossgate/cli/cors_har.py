"""The cross-origin requests of a HAR file (HTTP Archive 1.2), as browsers' developer tools save it."""

import json
from pathlib import Path
from typing import Any

from crossgate.cli.cors_recorded import RecordedRequest, UsageError, from_recorded
from crossgate.cors.fetch import UrlError
from crossgate.cors.fetch.url import same_origin
from crossgate.probe.url_standard import parse_standard_url

MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_REQUESTS = 200


def read_har(path: str) -> list[RecordedRequest]:
    """The requests that are CORS requests: http or https, with an origin other than their URL's.

    Recorded preflights are left out where their request is there too. At most 200 requests, in the file's order. Raises
    UsageError where the file cannot be read, is no HAR, or has none.
    """
    found = [request for request in map(_request, read_entries(path)) if request is not None]
    found = [request for request in found if _is_cross_origin(request)]
    found = [request for request in found if not _is_repeated_preflight(request, found)]
    if not found:
        raise UsageError(f"{path} has no cross-origin request: none has an Origin other than its URL's")
    return found[:MAX_REQUESTS]


def read_entries(path: str) -> list[Any]:
    """What the file has recorded, whatever it is. Raises UsageError where it cannot be read or is no HAR."""
    file = Path(path)
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise UsageError(f"{path} is larger than {MAX_FILE_BYTES >> 20} MiB")
        document = json.loads(file.read_bytes())
        entries = document["log"]["entries"]
    except OSError as error:
        raise UsageError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None
    except (ValueError, RecursionError, TypeError, KeyError):
        raise UsageError(f"{path} is no HAR file") from None
    if not isinstance(entries, list):
        raise UsageError(f"{path} is no HAR file")
    return entries


def _request(entry: Any) -> RecordedRequest | None:
    request = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(request, dict):
        return None
    method, url, headers = request.get("method"), request.get("url"), request.get("headers", [])
    if not isinstance(method, str) or not isinstance(url, str) or not isinstance(headers, list):
        return None
    fields = [
        (header["name"], header["value"])
        for header in headers
        if isinstance(header, dict) and isinstance(header.get("name"), str) and isinstance(header.get("value"), str)
    ]
    return from_recorded(method, url, fields, has_body=bool(request.get("postData")))


def _is_cross_origin(request: RecordedRequest) -> bool:
    try:
        return bool(request.origin) and not same_origin(request.origin, parse_standard_url(request.url))
    except UrlError:
        return False


def _is_repeated_preflight(request: RecordedRequest, found: list[RecordedRequest]) -> bool:
    """Whether this is a preflight whose request is recorded too."""
    if not request.notes or not request.notes[0].startswith("The record is of a preflight"):
        return False
    return any(other is not request and (other.method, other.url) == (request.method, request.url) for other in found)
