"""Which request headers a script may set at all, and which it may set without asking the server first.

Fetch, sections 2.2.2 "Headers" and 2.2.1 "Methods". Names are compared without regard to ASCII case, values byte by
byte; both are text whose characters stand for bytes (ISO-8859-1), as in the Fetch API. Knows no response.
"""

import re
from collections.abc import Iterable

from crossgate.cors.fetch.browsers import STANDARD, Browser

Headers = tuple[tuple[str, str], ...]
"""(name, value) in the order in which the script appended them."""

MAX_VALUE_BYTES = 128
MAX_TOTAL_BYTES = 1024

SAFELISTED_METHODS = frozenset({"GET", "HEAD", "POST"})
FORBIDDEN_METHODS = frozenset({"CONNECT", "TRACE", "TRACK"})
_NORMALIZED_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"})

_FORBIDDEN_NAME_LIST = """
    accept-charset accept-encoding access-control-request-headers access-control-request-method
    access-control-request-private-network connection content-length cookie cookie2 date dnt expect host
    keep-alive origin referer set-cookie te trailer transfer-encoding upgrade via
"""
_FORBIDDEN_NAMES = frozenset(_FORBIDDEN_NAME_LIST.split())
_METHOD_OVERRIDES = frozenset({"x-http-method", "x-http-method-override", "x-method-override"})

REQUEST_BODY_NAMES = frozenset({"content-encoding", "content-language", "content-location", "content-type"})
"""Fetch, "request-body-header name": dropped when a redirect turns the request into a GET."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_UNSAFE_BYTE = re.compile(r'[\x00-\x08\x0a-\x1f"():<>?@\[\\\]{}\x7f]')
_LANGUAGE_VALUE = re.compile(r"[0-9A-Za-z *,.;=-]*\Z")
_RANGE_VALUE = re.compile(r"bytes=([0-9]+)-([0-9]*)\Z")
_SAFELISTED_ESSENCES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})

# What Chromium takes for safelisted besides, by the form of its value (services/network/public/cpp/cors/cors.cc).
_DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]+)?\Z")
_INTEGER = re.compile(r"[0-9]+\Z")
_CLIENT_HINTS = {
    "device-memory": _DECIMAL,
    "dpr": _DECIMAL,
    "downlink": _DECIMAL,
    "width": _INTEGER,
    "viewport-width": _INTEGER,
    "rtt": _INTEGER,
    "ect": re.compile(r"(?:slow-2g|2g|3g|4g)\Z"),
    "save-data": re.compile(r"on\Z", re.IGNORECASE),
}


def is_token(text: str) -> bool:
    """RFC 9110, section 5.6.2: the form of methods and field names."""
    return _TOKEN.match(text) is not None


def normalize_method(method: str) -> str:
    """Fetch, "normalize": six methods are upper-cased, all others (`patch`!) stay as the script wrote them."""
    upper = method.upper() if method.isascii() else method
    return upper if upper in _NORMALIZED_METHODS else method


def is_forbidden_method(method: str) -> bool:
    """Fetch, "forbidden method": a script that asks for one gets a TypeError."""
    return method.isascii() and method.upper() in FORBIDDEN_METHODS


def normalize_value(value: str) -> str:
    """Fetch, "normalize a header value": blanks, tabs and line ends around it go."""
    return value.strip("\t\n\r ")


def is_valid_value(value: str) -> bool:
    """Fetch, "header value": bytes only, no NUL, no line end, no blank around it."""
    return value == normalize_value(value) and not re.search("[\x00\r\n]|[^\x00-\xff]", value)


def is_forbidden_header(name: str, value: str) -> bool:
    """Fetch, "forbidden request-header": the browser ignores what a script sets there."""
    name = name.lower()
    if name in _FORBIDDEN_NAMES or name.startswith(("proxy-", "sec-")):
        return True
    if name in _METHOD_OVERRIDES:
        return any(is_forbidden_method(method.strip("\t ")) for method in value.split(","))
    return False


def is_safelisted(name: str, value: str, browser: Browser = STANDARD) -> bool:
    """Fetch, "CORS-safelisted request-header": name and value together."""
    if len(value) > MAX_VALUE_BYTES:
        return False
    name = name.lower()
    if name == "accept":
        return not _UNSAFE_BYTE.search(value)
    if name in ("accept-language", "content-language"):
        return _LANGUAGE_VALUE.match(value) is not None
    if name == "content-type":
        return not _UNSAFE_BYTE.search(value) and mime_essence(value) in _SAFELISTED_ESSENCES
    if name == "range":
        return _is_simple_range(value)
    hint = _CLIENT_HINTS.get(name) if browser.client_hints_safelisted else None
    return hint is not None and hint.match(value) is not None


def mime_essence(value: str) -> str | None:
    """MIME Sniffing, "parse a MIME type", as far as type and subtype: lower-case, or None on failure.

    Parameters cannot make that parser fail, so they are not looked at.
    """
    essence = value.strip("\t\n\r ").split(";", 1)[0].rstrip("\t\n\r ")
    kind, slash, subtype = essence.partition("/")
    if not slash or not is_token(kind) or not is_token(subtype):
        return None
    return essence.lower()


def _is_simple_range(value: str) -> bool:
    """Fetch, "simple range header value": one range that has a first byte, no blanks."""
    found = _RANGE_VALUE.match(value)
    return found is not None and (not found[2] or int(found[1]) <= int(found[2]))


def why_unsafe(name: str, value: str) -> str:
    """Why a header is not safelisted, as the end of a sentence that begins with its name."""
    lower = name.lower()
    if lower not in ("accept", "accept-language", "content-language", "content-type", "range"):
        return "is not among the few names that every page may send"
    if len(value) > MAX_VALUE_BYTES:
        return f"has {len(value)} bytes, more than the {MAX_VALUE_BYTES} that need no permission"
    if lower == "content-type" and not _UNSAFE_BYTE.search(value):
        return f"has the value {value}, which no HTML form can send"
    if lower == "range":
        return "is not one simple range like bytes=0-499"
    return "has a byte in its value that needs permission"


def unsafe_names(headers: Iterable[tuple[str, str]], browser: Browser = STANDARD) -> tuple[str, ...]:
    """Fetch, "CORS-unsafe request-header names": lower-case, sorted, unique, unless the browser repeats them."""
    pairs = [(name.lower(), value) for name, value in headers]
    if browser.joins_values_before_check:
        pairs = _joined(pairs)
    unsafe: list[str] = []
    safe: list[str] = []
    safe_bytes = 0
    for name, value in pairs:
        if is_safelisted(name, value, browser):
            safe.append(name)
            safe_bytes += len(value)
        else:
            unsafe.append(name)
    if safe_bytes > MAX_TOTAL_BYTES and not browser.no_total_value_limit:
        unsafe += safe
    return tuple(sorted(unsafe if browser.repeats_unsafe_names else set(unsafe)))


def _joined(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return [(name, ", ".join(listed)) for name, listed in values.items()]
