"""Modifiers of cookies, and filters by them.

Source: google/martian v2.1 `cookie/`; Go 1.22 `net/http/cookie.go`.
"""

import contextlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

from crossgate.components.martian.exchange import Incoming, Outgoing
from crossgate.components.martian.kinds import FILTER, Kind, Reading, Shape
from crossgate.components.martian.modifier import Modifier, either

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_IN_VALUE = re.compile(rb"[^\x20-\x7e]|[\";\\]")
_NOT_IN_PATH = re.compile(rb"[^\x20-\x7e]|;")
_DOMAIN = re.compile(r"\.?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


def _modifier(reading: Reading) -> Modifier:
    name = reading.text("name")
    if not _TOKEN.fullmatch(name):
        raise reading.fail("name", f'"{name[:40]}" is not the name of a cookie')
    pair = name.encode() + b"=" + _value(reading.field_value("value"))
    line = b"; ".join([pair, *_attributes(reading)])

    def on_request(outgoing: Outgoing) -> None:
        before = outgoing.get(b"cookie")
        outgoing.set(b"cookie", before + b"; " + pair if before else pair)

    def on_response(incoming: Incoming) -> None:
        incoming.add(b"set-cookie", line)

    return Modifier(on_request, on_response)


def _attributes(reading: Reading) -> list[bytes]:
    found = []
    path = _NOT_IN_PATH.sub(b"", reading.field_value("path"))
    if path:
        found.append(b"Path=" + path)
    domain = reading.text("domain")
    if domain and _DOMAIN.fullmatch(domain):
        found.append(b"Domain=" + domain.removeprefix(".").encode())
    elif domain:
        raise reading.fail("domain", f'"{domain[:40]}" is not the domain of a cookie')
    if reading.text("expires"):
        found.append(b"Expires=" + _moment(reading))
    age = reading.get("maxAge", 0)
    if age:
        found.append(b"Max-Age=%d" % max(age, 0))
    if reading.get("httpOnly", False):
        found.append(b"HttpOnly")
    if reading.get("secure", False):
        found.append(b"Secure")
    return found


def _moment(reading: Reading) -> bytes:
    text = reading.text("expires")
    if _MOMENT.fullmatch(text):
        with contextlib.suppress(ValueError, OverflowError):
            return format_datetime(datetime.fromisoformat(text).astimezone(UTC), usegmt=True).encode()
    raise reading.fail("expires", "this is not a time", 'write it as "2030-01-31T12:00:00Z"')


def _value(value: bytes) -> bytes:
    value = _NOT_IN_VALUE.sub(b"", value)
    return b'"' + value + b'"' if b" " in value or b"," in value else value


def _filter(reading: Reading) -> Modifier:
    name, value = reading.text("name").encode(), reading.text("value").encode()

    def has(pairs: list[tuple[bytes, bytes]]) -> bool:
        return any(known == name and value in (b"", held) for known, held in pairs)

    def matches_request(outgoing: Outgoing) -> bool:
        return has([_pair(part) for line in outgoing.all(b"cookie") for part in line.split(b";")])

    def matches_response(incoming: Incoming) -> bool:
        return has([_pair(line.split(b";")[0]) for line in incoming.all(b"set-cookie")])

    return either(matches_request, matches_response, reading.modifier("modifier"), reading.otherwise())


def _pair(text: bytes) -> tuple[bytes, bytes]:
    name, equals, value = text.strip(b" \t").partition(b"=")
    if len(value) > 1 and value[:1] == value[-1:] == b'"':
        value = value[1:-1]
    return name if equals else b"", value


_NAMED: Mapping[str, Kind] = {"name": Kind.TEXT, "value": Kind.TEXT}
COOKIES: Mapping[str, Shape] = {
    "cookie.Modifier": Shape(
        {
            **_NAMED,
            "path": Kind.TEXT,
            "domain": Kind.TEXT,
            "expires": Kind.TEXT,
            "secure": Kind.BOOLEAN,
            "httpOnly": Kind.BOOLEAN,
            "maxAge": Kind.INTEGER,
        },
        _modifier,
    ),
    "cookie.Filter": Shape({**_NAMED, **FILTER}, _filter),
}
