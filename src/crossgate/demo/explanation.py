"""A call of the demo page, made once more without a browser, so that the page can show what travels.

Does not know HTTP servers or the page; what it returns is plain data for the page's script.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from crossgate.demo.raw_exchange import ExchangeError, exchange, render_request_line
from crossgate.http.message import Fields

_MAX_HEADERS = 64
_CREDENTIALS_MODES = ("omit", "same-origin", "include")


class CallError(Exception):
    """What the page sent describes no call that may be made."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that a script on `origin` makes: what it passes to fetch()."""

    origin: str
    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    credentials: str = "same-origin"
    body: bytes = b""


def decode_call(data: Any, allowed_origin: str) -> Call:
    """The call that a JSON object describes. Raises CallError; calls may go to `allowed_origin` only."""
    if not isinstance(data, dict):
        raise CallError("A call is an object.")
    texts = {key: data.get(key, "") for key in ("origin", "method", "url", "credentials", "body")}
    if not all(isinstance(value, str) for value in texts.values()):
        raise CallError("A part of the call is no text.")
    headers = data.get("headers", [])
    if not isinstance(headers, list) or len(headers) > _MAX_HEADERS:
        raise CallError("The headers are no list, or too many.")
    pairs = []
    for item in headers:
        if not (isinstance(item, list) and len(item) == 2 and all(isinstance(part, str) for part in item)):
            raise CallError("A header is a name and a value.")
        pairs.append((item[0], item[1]))
    if not texts["method"].isascii() or not texts["method"].isalpha():
        raise CallError("The method is no word.")
    if texts["credentials"] not in _CREDENTIALS_MODES:
        raise CallError("There is no such credentials mode.")
    if not texts["url"].isascii() or not texts["url"].startswith(allowed_origin + "/") or " " in texts["url"]:
        raise CallError("Calls go to the demo's own gateway only.")
    return Call(
        texts["origin"], texts["method"], texts["url"], tuple(pairs), texts["credentials"], texts["body"].encode()
    )


async def explain_call(call: Call) -> dict[str, Any]:
    """What travels when the call is made: `exchanges`, each with the heads of its request and its response."""
    fields: Fields = [
        (b"Host", urlsplit(call.url).netloc.encode()),
        (b"Origin", call.origin.encode("ascii", "replace")),
    ]
    fields += [(name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in call.headers]
    return {"exchanges": [await _replay("The request itself", call, call.method, fields, call.body)]}


async def _replay(title: str, call: Call, method: str, fields: Fields, body: bytes) -> dict[str, Any]:
    parts = urlsplit(call.url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    shown: dict[str, Any] = {
        "title": title,
        "request": {"line": render_request_line(method, target), "fields": _readable(fields)},
    }
    try:
        response = await exchange(parts.hostname or "", parts.port or 80, method, target, fields, body)
    except ExchangeError as error:
        shown["missing"] = str(error)
    else:
        shown["response"] = {"line": response.line, "fields": _readable(response.fields)}
    return shown


def _readable(fields: Fields) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in fields]
