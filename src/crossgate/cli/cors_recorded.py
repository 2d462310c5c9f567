"""A request as a tool recorded it, reduced to what a page's script did.

Browsers add headers of their own, which must not be taken for the script's: they would ask for a preflight that never
was. Knows neither curl nor HAR.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from crossgate.cors.fetch.safelist import is_forbidden_header
from crossgate.cors.fetch.url import UrlError
from crossgate.probe.url_standard import parse_standard_origin


class UsageError(Exception):
    """What was asked for makes no sense; its message says why."""


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """What the script did; empty strings where the record does not say. A cookie means that credentials went along."""

    method: str = ""
    url: str = ""
    origin: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    has_body: bool = False
    cookie: str = ""
    notes: tuple[str, ...] = ()


_ADDED_BY_BROWSERS = frozenset({"user-agent", "priority", "upgrade-insecure-requests", "dnt", "save-data"})


def from_recorded(method: str, url: str, fields: Iterable[tuple[str, str]], *, has_body: bool) -> RecordedRequest:
    """The script's part of a recorded request. A recorded preflight becomes the request that it asked for."""
    fields = [(name, value) for name, value in fields if not name.startswith(":")]
    by_name: dict[str, str] = {}
    for name, value in fields:
        by_name.setdefault(name.lower(), value)
    origin = by_name.get("origin") or _origin_of(by_name.get("referer", ""))
    asked_method = by_name.get("access-control-request-method", "")
    if method.upper() == "OPTIONS" and asked_method:
        names = [name.strip() for name in by_name.get("access-control-request-headers", "").split(",") if name.strip()]
        headers = tuple((name, _UNSAFE_VALUES.get(name.lower(), "x")) for name in names)
        note = f"The record is of a preflight; judged is the {asked_method} request that it asks for."
        return RecordedRequest(asked_method, url, origin, headers, notes=(note,))
    reloaded = by_name.get("cache-control") == "no-cache" and by_name.get("pragma") == "no-cache"
    dropped = _ADDED_BY_BROWSERS | ({"cache-control", "pragma"} if reloaded else set())
    headers = tuple(
        (name, value)
        for name, value in fields
        if name.lower() not in dropped and not is_forbidden_header(name, value)
    )  # fmt: skip
    notes = ("Cache-Control and Pragma were left out: developer tools add them.",) if reloaded else ()
    has_body = has_body and method.upper() not in ("GET", "HEAD")
    return RecordedRequest(method, url, origin, headers, has_body, by_name.get("cookie", ""), notes)


# A preflight asks for these only if their value needs permission, so a value that does has to stand in.
_UNSAFE_VALUES = {
    "content-type": "application/json",
    "accept": "(",
    "accept-language": "(",
    "content-language": "(",
    "range": "bytes=-1",
}


def _origin_of(url: str) -> str:
    try:
        return parse_standard_origin(url)
    except UrlError:
        return ""
