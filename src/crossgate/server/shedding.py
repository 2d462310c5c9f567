"""Refusing a request before it is read: what a server does with most of what comes while it has too much to do.

To read a request, to find its route, to decide about CORS and to write a head costs a third of answering it. A server
that is offered twice what it can do would spend half its time on refusals. So, while `Load.sheds`, an ordinary GET is
looked at only as far as it takes to know where it ends, that it is one, and whose page it is from; its answer is at
hand. Whatever is not as ordinary goes the way of all requests.

Knows bytes of requests; does not know why there is too much to do.
"""

import re
from typing import Final, Protocol

from crossgate.cors import Decision
from crossgate.http.message import Response
from crossgate.server.response_head import HeadWriter

_ORDINARY: Final = re.compile(
    rb"GET (/[^\x00-\x20#\x7f]*+) HTTP/1\.1\r\n"
    rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]++:[^\x00-\x08\x0a-\x1f\x7f]*+\r\n)++\r\n"
)
"""A whole head of a GET, every byte of it as RFC 9112 has it. Possessive: nothing is tried twice."""

_NOT_ORDINARY: Final = (
    b"\ncontent-length:",
    b"\ntransfer-encoding:",
    b"\nupgrade:",
    b"\nexpect:",
)
"""Fields by which there may be more to a GET than its head."""

_MAX_BYTES: Final = 8192
_MAX_ORIGINS: Final = 256


class Load(Protocol):
    """How much there is to do."""

    @property
    def sheds(self) -> bool:
        """Whether whoever comes now is refused."""

    def refuse(self) -> Response:
        """The answer to one that is."""

    def shed(self) -> None:
        """One was refused before it was read."""


class Sheds(Protocol):
    """The gateway, as far as a request concerns it that is not read."""

    @property
    def exempt(self) -> frozenset[bytes]:
        """Paths that are always answered."""

    def decide_unread(self, origin: bytes | None) -> Decision | None:
        """What CORS says of a GET from a page of that origin."""

    def finish_unread(self, status: int) -> None:
        """One was answered."""


def shedder_of(application: object, heads: HeadWriter) -> "Shedder | None":
    """That of an application which sheds; most have nothing of the kind."""
    load: Load | None = getattr(application, "load", None)
    if load is None:
        return None
    sheds: Sheds = application  # type: ignore[assignment] # who has a load has the rest
    return Shedder(load, sheds, heads, sheds.exempt)


class Shedder:
    """Refuses. `exempt` are paths that are always answered."""

    __slots__ = ("_answers", "_date_line", "_exempt", "_gateway", "_heads", "load")

    def __init__(self, load: Load, gateway: Sheds, heads: HeadWriter, exempt: frozenset[bytes]) -> None:
        self.load = load
        self._gateway = gateway
        self._heads = heads
        self._exempt = exempt
        self._answers: dict[bytes | None, tuple[int, bytes]] = {}
        self._date_line = b""

    def refusal(self, data: bytes) -> bytes | None:
        """The whole answer to a request that is all of `data`; None: read it."""
        if len(data) > _MAX_BYTES:
            return None
        match = _ORDINARY.fullmatch(data)
        if match is None or match[1].partition(b"?")[0] in self._exempt:
            return None
        lower = data.lower()
        for name in _NOT_ORDINARY:
            if name in lower:
                return None
        at = lower.find(b"\nconnection:")
        if at >= 0 and (b"\nconnection:" in lower[at + 1 :] or not lower.startswith(b" keep-alive\r", at + 12)):
            return None
        origin: bytes | None = None
        at = lower.find(b"\norigin:")
        if at >= 0:
            origin = data[at + 8 : data.index(b"\r", at)].strip(b" \t")
            if lower.find(b"\norigin:", at + 1) >= 0:
                return None
        if self._date_line is not self._heads.date_line:
            self._answers.clear()
            self._date_line = self._heads.date_line
        known = self._answers.get(origin)
        if known is None:
            known = self._make(origin)
            if len(self._answers) < _MAX_ORIGINS:
                self._answers[origin] = known
        self.load.shed()
        self._gateway.finish_unread(known[0])
        return known[1]

    def _make(self, origin: bytes | None) -> tuple[int, bytes]:
        response = self.load.refuse()
        body = response.body
        assert isinstance(body, bytes)  # noqa: S101 - refusals are whole
        framing = b"\r\nContent-Length: %d" % len(body)
        return response.status, self._heads.render(response, framing, self._gateway.decide_unread(origin)) + body
