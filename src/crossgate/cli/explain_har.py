"""The requests of a HAR file (HTTP Archive 1.2), whole and at their times, as browsers' developer tools save it.

A browser that keeps a request back has recorded it before it had an Origin: that is found elsewhere in the file. Knows
the file's form.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from crossgate.cli.cors_har import MAX_REQUESTS, read_entries
from crossgate.cli.cors_recorded import UsageError
from crossgate.cli.explain_url import NOT_SENT, at_url
from crossgate.cors.fetch import UrlError
from crossgate.explain.asked import AskedRequest
from crossgate.probe.url_standard import parse_standard_url

_NO_FORM = "The HAR file has no body for this form: it was explained without one."
_KEPT_BACK = "The browser did not send this request, so the file has no Origin for it: that of {} was used."
_MOST_NAMES = 3
_SCRIPTS = ("fetch", "xhr")
_Preflights = dict[tuple[str, str], list[tuple[int, str]]]


def read_requests_of_har(path: str, begins_with: str) -> list[AskedRequest]:
    """Its requests of http and https, as they were sent and when: all of them. Raises UsageError."""
    found = []
    entries = read_entries(path)
    preflights: _Preflights | None = None
    for number, entry in enumerate(entries, 1):
        request = entry.get("request") if isinstance(entry, dict) else None
        url = request.get("url") if isinstance(request, dict) else None
        method = request.get("method") if isinstance(request, dict) else None
        if not isinstance(request, dict) or not isinstance(url, str) or not isinstance(method, str):
            raise UsageError(f"{path}: entry {number} has no request with a method and a URL")
        if not url.lower().startswith(("http://", "https://")) or not url.startswith(begins_with):
            continue
        try:
            body = _har_body(request)
            notes = (_NO_FORM,) if body is None and _has_form(request) else ()
            fields = _har_fields(request)
            if _is_kept_back(entry, method, fields):
                if preflights is None:
                    preflights = _preflights_of(entries)
                origin, whose = _origin_of(preflights, number, method, url, fields)
                fields = (*fields, ("Origin", origin)) if origin else fields
                notes = (*notes, _KEPT_BACK.format(whose)) if origin else notes
            asked = AskedRequest(method, "http", "localhost", "/", fields, body, notes=notes)
            found.append(replace(at_url(asked, url, ""), at_seconds=_har_time(entry), answered=_status(entry)))
        except (UsageError, ValueError) as error:
            raise UsageError(f"{path}: entry {number}: {error}") from None
    if not found:
        about = f" whose URL begins with {begins_with}" if begins_with else " of http or https"
        raise UsageError(f"{path} has no request{about}")
    return found


def of_the_gateway(found: Sequence[AskedRequest], takes: Callable[[AskedRequest], bool]) -> list[AskedRequest]:
    """Those that are worth explaining, the first 200; what was left out is in their notes.

    A page's own host has no endpoint of the file (`takes`), the gateway has some: where one has, others are not meant.
    """
    by_place: dict[str, list[AskedRequest]] = {}
    for one in found:
        by_place.setdefault(f"{one.scheme}://{one.host}", []).append(one)
    others = {place for place, asked in by_place.items() if not any(map(takes, asked))}
    notes: list[str] = []
    if others and len(others) < len(by_place):
        names = ", ".join(sorted(others)[:_MOST_NAMES]) + (" and more" if len(others) > _MOST_NAMES else "")
        count = sum(len(by_place[place]) for place in others)
        which = f"{count} request{'s' if count > 1 else ''} to {names}"
        notes.append(f"Left out: {which}, because the file has no endpoint for any of them. Use --url to see them.")
        found = [one for one in found if f"{one.scheme}://{one.host}" not in others]
    if len(found) > MAX_REQUESTS:
        notes.append(
            f"Only the first {MAX_REQUESTS} of {len(found)} requests are explained. Use --url to select others."
        )
    kept = list(found[:MAX_REQUESTS])
    return [*kept[:-1], replace(kept[-1], notes=(*kept[-1].notes, *notes))]


def _status(entry: Any) -> int:
    """What it was answered when it was recorded; 0 where it was not, or the browser shows nobody."""
    response = entry.get("response")
    status = response.get("status") if isinstance(response, dict) else None
    return status if isinstance(status, int) and not isinstance(status, bool) and status > 0 else 0


def _is_kept_back(entry: Any, method: str, fields: Sequence[tuple[str, str]]) -> bool:
    """Whether a browser has refused to send what a script asked for, as where its preflight fails.

    Then it has none of the fields that are added last. Chromium alone records it so, with a type of its own.
    """
    names = {name.lower() for name, _ in fields}
    return (
        entry.get("_resourceType") in _SCRIPTS
        and _status(entry) == 0
        and method != "OPTIONS"
        and not names & {"origin", "sec-fetch-mode", "host"}
    )


def _preflights_of(entries: Sequence[Any]) -> _Preflights:
    """By what they ask for, URL and method: where each stands, and its Origin."""
    found: _Preflights = {}
    for position, entry in enumerate(entries):
        request = entry.get("request") if isinstance(entry, dict) else None
        url = request.get("url") if isinstance(request, dict) else None
        if not isinstance(request, dict) or not isinstance(url, str) or request.get("method") != "OPTIONS":
            continue
        values = {name.lower(): value for name, value in _har_fields(request)}
        method, origin = values.get("access-control-request-method"), values.get("origin")
        if method and origin:
            found.setdefault((url, method), []).append((position, origin))
    return found


def _origin_of(
    preflights: _Preflights, position: int, method: str, url: str, fields: Sequence[tuple[str, str]]
) -> tuple[str, str]:
    """The Origin of the nearest preflight for it, or that of its Referer, and which it is. Empty: there is neither."""
    known = preflights.get((url, method))
    if known:
        return min(known, key=lambda one: abs(one[0] - position))[1], "its preflight"
    return page_of_referer(fields, url), "the Referer"


def page_of_referer(fields: Sequence[tuple[str, str]], url: str) -> str:
    """The origin of the page that a request was sent from, where its Referer says so and it is not the URL's own."""
    referer = next((value for name, value in fields if name.lower() == "referer"), "")
    try:
        page, target = parse_standard_url(referer), parse_standard_url(url)
    except UrlError:
        return ""
    return "" if page.origin == target.origin else page.origin


def _har_fields(request: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    headers = request.get("headers")
    if not isinstance(headers, list):
        return ()
    fields = []
    for header in headers:
        name, value = (header.get("name"), header.get("value")) if isinstance(header, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(value, str):
            raise UsageError("a header has no name or no value")
        if not name.startswith(":") and name.lower() not in NOT_SENT:
            fields.append((name, value.strip()))
    return tuple(fields)


def _har_body(request: dict[str, Any]) -> bytes | None:
    data = request.get("postData")
    if not isinstance(data, dict):
        return None
    text = data.get("text")
    if isinstance(text, str):
        return (
            base64.b64decode(text, validate=True)
            if data.get("encoding") == "base64"
            else text.encode("utf-8", "surrogatepass")
        )
    params = data.get("params")
    if not isinstance(params, list) or not params or _has_form(request):
        return None
    pairs = [(one.get("name"), one.get("value")) for one in params if isinstance(one, dict)]
    return "&".join(f"{quote_plus(str(name))}={quote_plus(str(value or ''))}" for name, value in pairs).encode()


def _has_form(request: dict[str, Any]) -> bool:
    """Whether its body is a form of several parts, which a HAR may have without the parts' contents."""
    data = request.get("postData")
    return isinstance(data, dict) and str(data.get("mimeType", "")).lower().startswith("multipart/")


def _har_time(entry: dict[str, Any]) -> float | None:
    text = entry.get("startedDateTime")
    try:
        return datetime.fromisoformat(text).timestamp() if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None
