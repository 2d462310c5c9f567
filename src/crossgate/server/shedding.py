"""Requests that wait, or are refused, before they are read: most of what comes while a server has too much to do.

To read a request, to find its route, to decide about CORS and to write a head costs a third of answering it. A server
that is offered twice what it can do would spend half its time on refusals. So, while `Load.is_busy`, a GET waits as the
bytes that it is. (What was read would fill the processor's caches with the objects of a thousand requests before the
turn of the first has come.) If it is refused in the end, an ordinary one is looked at only as far as it takes to know
where it ends, that it is one, and whose page it is from; its answer is at hand. Whatever is not as ordinary goes the
way of all requests.

Knows bytes of requests; does not know why there is too much to do.
"""

import re
from collections.abc import Callable
from typing import Any, Final, Protocol

from crossgate.cors import Decision
from crossgate.http.field_names import FieldNames
from crossgate.http.message import Request, Response
from crossgate.http.reason import Reason
from crossgate.http.track import Track
from crossgate.server.incoming import Incoming
from crossgate.server.response_head import HeadWriter
from crossgate.server.unread import MOST_BYTES, Place

_START: Final = re.compile(rb"GET /[^\x00-\x20#\x7f]*+ HTTP/1\.1\r\n")
_FIELDS: Final = re.compile(rb"\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]++:[^\r]*+\r\n)++\r\n")
"""A whole head of a GET, as RFC 9112 has it but for the bytes of values. Possessive: nothing is tried twice."""

_TEXT: Final = bytes(byte for byte in range(0x100) if (byte >= 0x20 and byte != 0x7F) or byte == 0x09)
"""What may be in a value. To find that nothing else is there takes a third of the time that a pattern would."""

_TELLING: Final = (b"connection", b"content-length", b"expect", b"origin", b"transfer-encoding", b"upgrade")
"""Names of fields that are looked at: by the others but Origin there may be more to a GET than its head."""

_MAX_BYTES: Final = 4096
_MAX_ORIGINS: Final = 256
_MAX_KNOWN: Final = 2048  # some 3 MB, 8 at most


class Load(Protocol):
    """How much there is to do."""

    @property
    def is_busy(self) -> bool:
        """Whether whoever comes now has to wait."""

    @property
    def is_full(self) -> bool:
        """Whether whoever comes now is refused at once."""

    def count_refused(self) -> None:
        """One was, without a place."""

    def place(self, call: Callable[[str], None]) -> Place:
        """Have one wait: `call` is called once, perhaps at once, with why it is refused; empty: its turn has come.

        What it reads inside that call is judged by it, and by nothing else.
        """

    def refuse(self) -> Response:
        """The answer to one that is refused."""


class Sheds(Protocol):
    """The gateway, as far as a request concerns it that is not read."""

    @property
    def exempt(self) -> frozenset[bytes]:
        """Paths that are always answered."""

    @property
    def refuses_unread(self) -> bool:
        """Whether that can be done: what CORS says of a request is known before its endpoint is."""

    @property
    def noted(self) -> frozenset[bytes]:
        """The fields, by lower-case name, that whoever is told of a request looks at."""

    @property
    def tells(self) -> bool:
        """Whether anybody is told of a request; if not, none has to be made for it."""

    @property
    def identify(self) -> Callable[[Request], Track] | None:
        """The notes of a request with its id; None where requests have none."""

    def decide_unread(self, origin: bytes | None) -> Decision | None:
        """What CORS says of a GET from a page of that origin."""

    def count_unread(self, decision: Decision) -> None:
        """One was answered with that."""


Tell = Callable[[Request, Any, Decision | None, int, int, float], object]
"""Is told what was answered: see Application.finish. It raises nothing."""


def shedder_of(application: object, heads: HeadWriter, tell: Tell) -> "Shedder | None":
    """That of an application which sheds; most have nothing of the kind."""
    load: Load | None = getattr(application, "load", None)
    if load is None:
        return None
    sheds: Sheds = application  # type: ignore[assignment] # who has a load has the rest
    return Shedder(load, sheds, heads, tell)


def _target(data: bytes) -> tuple[bytes, bytes, bytes]:
    """What a GET asks for: the path, a question mark where there is one, the query."""
    return data[4 : data.find(b" ", 4)].partition(b"?")


class _Answer:
    """To all requests of one origin, for a second."""

    __slots__ = ("body_bytes", "data", "decision", "reason", "status")

    def __init__(
        self, data: bytes, status: int, body_bytes: int, decision: Decision | None, reason: Reason | None
    ) -> None:
        self.data = data
        self.reason = reason
        self.status = status
        self.body_bytes = body_bytes
        self.decision = decision


class _Client:
    """What all that follows the request line says, once for all requests that have the same there."""

    __slots__ = ("host", "names", "origin", "values")

    def __init__(self, origin: bytes | None, names: FieldNames, values: list[bytes], host: bytes) -> None:
        self.origin = origin
        self.names = names
        self.values = values
        self.host = host


class Shedder:
    """Refuses.

    Clients send the same fields with all that they ask for, on whatever connection: those of the last thousands are
    known by their bytes.
    """

    __slots__ = (
        "_answers",
        "_clients",
        "_date_line",
        "_exempt",
        "_gateway",
        "_heads",
        "_identify",
        "_noted",
        "_refuses",
        "_tell",
        "_telling",
        "_tells",
        "load",
    )

    def __init__(self, load: Load, gateway: Sheds, heads: HeadWriter, tell: Tell) -> None:
        self.load = load
        self._gateway = gateway
        self._heads = heads
        self._tell = tell
        self._exempt = gateway.exempt
        self._noted = gateway.noted
        self._refuses = gateway.refuses_unread
        self._identify = gateway.identify
        self._tells = gateway.tells or gateway.identify is not None
        self._clients: dict[bytes, _Client] = {}
        names = b"|".join(re.escape(name) for name in sorted(self._noted.union(_TELLING)))
        self._telling = re.compile(rb"\n(%b):[ \t]*([^\r]*)" % names)
        self._answers: dict[bytes | None, _Answer] = {}
        self._date_line = b""

    def may_wait(self, data: bytes) -> bool:
        """Whether `data` is the head of a GET, to its end, that need not be answered in any case."""
        if not data.startswith(b"GET ") or not data.endswith(b"\r\n\r\n") or len(data) > MOST_BYTES:
            return False
        return _target(data)[0] not in self._exempt

    def refusal(self, data: bytes, peer_host: str, seconds: float = 0.0) -> bytes | None:
        """The whole answer to a request that is all of `data`, and came so long ago; None: read it."""
        client = self._recognize(data) if self._refuses else None
        if client is None:
            return None
        origin = client.origin
        if self._date_line is not self._heads.date_line:
            self._answers.clear()
            self._date_line = self._heads.date_line
        answer = self._answers.get(origin)
        if answer is None:
            answer = self._make(origin)
            if len(self._answers) < _MAX_ORIGINS:
                self._answers[origin] = answer
        if answer.decision is not None:
            self._gateway.count_unread(answer.decision)
        if not self._tells:
            return answer.data
        path, mark, query = _target(data)
        request = Incoming(b"GET", path, query if mark else None, client.names, client.values, b"1.1")
        if not client.names.are_lone:
            request.have_repeated(list(zip(client.names.names, client.values, strict=True)))
        request.host = client.host
        request.peer_host = peer_host
        return self._told(request, answer, seconds)

    def _recognize(self, data: bytes) -> _Client | None:
        """Who asks, where `data` is the whole of an ordinary request; None: read it."""
        if len(data) > _MAX_BYTES:
            return None
        start = _START.match(data)
        if start is None or _target(data)[0] in self._exempt:
            return None
        fields = data[start.end() - 1 :]
        client = self._clients.get(fields)
        if client is None:
            client = self._read(fields)
            if client is None:
                return None
            if len(self._clients) >= _MAX_KNOWN:
                self._clients.clear()
            self._clients[fields] = client
        return client

    def _told(self, request: Incoming, answer: _Answer, seconds: float) -> bytes:
        """The answer, with the request's id where requests have one, once all who hear of requests were told."""
        data = answer.data
        if self._identify is not None:
            request.track = track = self._identify(request)
            status_end = data.find(b"\r\n")
            data = data[:status_end] + track.id_line + data[status_end:]
        request.reason = answer.reason
        self._tell(request, None, answer.decision, answer.status, answer.body_bytes, seconds)
        return data

    def _read(self, fields: bytes) -> _Client | None:
        """What follows the request line, from its LF on; None: that is not ordinary."""
        if _FIELDS.fullmatch(fields) is None:
            return None
        # Each CR is followed by LF, says the pattern: with as many of either, there is no other LF.
        ends = fields.translate(None, _TEXT)
        if ends != b"\n" + b"\r\n" * (len(ends) >> 1):
            return None
        origin: bytes | None = None
        names: list[bytes] = []
        values: list[bytes] = []
        for found in self._telling.finditer(fields.lower()):
            name = found[1]
            value = fields[found.start(2) : found.end()].rstrip(b" \t")
            if name == b"origin":
                if origin is not None:
                    return None
                origin = value
            elif name == b"connection":
                if value.lower() != b"keep-alive":
                    return None
            elif name in _TELLING:
                return None
            if name in self._noted:
                names.append(name)
                values.append(value)
        host = values[names.index(b"host")] if b"host" in names else b""
        return _Client(origin, FieldNames(names), values, host)

    def _make(self, origin: bytes | None) -> _Answer:
        response = self.load.refuse()
        body = response.body
        assert isinstance(body, bytes)  # noqa: S101 - refusals are whole
        framing = b"\r\nContent-Length: %d" % len(body)
        decision = self._gateway.decide_unread(origin)
        data = self._heads.render(response, framing, decision) + body
        return _Answer(data, response.status, len(body), decision, response.reason)
