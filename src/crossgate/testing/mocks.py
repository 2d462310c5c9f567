"""What mocked backends answer, as values: which requests a mock is for, and what it says.

Knows bytes of HTTP/1.1; does not know connections, nor where mocks were written.
"""

import gzip
import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any, Literal

_PHRASES = {int(one): one.phrase for one in HTTPStatus}
_BODILESS = (204, 304)


@dataclass(frozen=True)
class Received:
    """A request as a backend got it: names as they came, `framing` of its body. `called` is the host that was called,
    where a test looks at it: `authority` is what the request says."""

    method: str
    scheme: str
    authority: str
    target: str
    fields: tuple[tuple[str, str], ...]
    framing: Literal["none", "length", "chunked"]
    body: bytes = b""
    called: str = field(default="", compare=False)

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @cached_property
    def seen(self) -> dict[str, Any]:
        """What tests compare, and what an echo answers."""
        headers: dict[str, list[str]] = {}
        for name, value in self.fields:
            headers.setdefault(name, []).append(value)
        return {
            "method": self.method,
            "host": self.authority,
            "target": self.target,
            "path": self.path,
            "query": self.target.partition("?")[2],
            "headers": headers,
            "framing": self.framing,
            "body": self.body.decode("utf-8", "replace"),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `body` None: an echo, JSON of what was received.

    `framing` is how the body ends; `claimed_bytes` another Content-Length than its own; after `sent_bytes` of it the
    connection ends. `delay_seconds` pass before it begins. `fault`: it is no answer at all. `raw` are bytes to send
    instead, the connection closed behind them.
    """

    status: int = 200
    reason: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    gzip: bool = False
    framing: Literal["length", "chunked", "close"] = "length"
    claimed_bytes: int | None = None
    sent_bytes: int | None = None
    delay_seconds: float = 0.0
    fault: Literal["", "refused", "closed", "silent"] = ""
    raw: bytes | None = None

    def render(self, request: Received, date: str) -> tuple[bytes, bool]:
        """The answer as bytes, and whether the connection ends behind it. `date` is told where the test tells none."""
        if self.raw is not None:
            return self.raw, True
        body = self._body(request)
        reason = _PHRASES.get(self.status, "") if self.reason is None else self.reason
        lines = [f"HTTP/1.1 {self.status} {reason}", *[f"{name}: {value}" for name, value in self.headers]]
        if self.body is None and not any(name.lower() == "content-type" for name, _ in self.headers):
            lines.append("Content-Type: application/json")
        if not any(name.lower() == "date" for name, _ in self.headers):
            lines.append(f"Date: {date}")
        if self.gzip:
            body = gzip.compress(body, mtime=0)
            lines.append("Content-Encoding: gzip")
        if self.framing == "chunked":
            lines.append("Transfer-Encoding: chunked")
            pieces = [piece for piece in (body[:3], body[3:]) if piece]
            body = b"".join([b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces]) + b"0\r\n\r\n"
        elif self.framing == "length" and self.status not in _BODILESS:
            lines.append(f"Content-Length: {len(body) if self.claimed_bytes is None else self.claimed_bytes}")
        if self.status in _BODILESS or request.method == "HEAD":
            body = b""
        head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
        ends = self.framing == "close" or self.sent_bytes is not None
        return head + (body if self.sent_bytes is None else body[: self.sent_bytes]), ends

    def _body(self, request: Received) -> bytes:
        return json.dumps(request.seen, ensure_ascii=False).encode() if self.body is None else self.body


ECHO = Answer()
REFUSED = Answer(fault="refused")


@dataclass(frozen=True)
class Mock:
    """Answers for the requests that it matches, one after the other, the last one again and again.

    Each of `host`, `method` and `path` is empty where any will do; `host` and `path` may hold `*` for any characters.
    `name` says where it was written.
    """

    answers: tuple[Answer, ...]
    host: str = ""
    method: str = ""
    path: str = ""
    name: str = ""

    @cached_property
    def _host(self) -> re.Pattern[str]:
        return _pattern(self.host.lower())

    @cached_property
    def _path(self) -> re.Pattern[str]:
        return _pattern(self.path)

    def is_at(self, scheme: str, authority: str) -> bool:
        """Whether it may answer for that host, written `host:port`, or with its scheme in front."""
        if not self.host:
            return True
        authority = authority.lower()
        names = (authority, f"{scheme}://{authority}", authority.rpartition(":")[0] or authority)
        return any(self._host.fullmatch(name) for name in names)

    def matches(self, request: Received) -> bool:
        """Whether that request is its own."""
        if self.method and self.method != request.method:
            return False
        if self.path:
            aim = request.target if "?" in self.path else request.path
            if self._path.fullmatch(aim) is None:
                return False
        return self.is_at(request.scheme, request.authority)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)
