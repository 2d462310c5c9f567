"""Plain requests: whole in one read, without a body, and with nothing about them that needs a second look.

Most requests are. The parser checks every byte of one, as of any other, but its fields are not taken apart: the few
that matter are picked out, the rest stays as it came. Whatever is not plain is left to RequestParser, from which this
must not be told apart. Does not know connections.
"""

import re
from collections.abc import Iterable

import httptools

from crossgate.config.model import LimitsConfig
from crossgate.http.message import Fields, Request, first_of_lines, parse_lines
from crossgate.server.request_rules import is_host
from crossgate.transport.whole_message import WholeMessages

# Ordinary methods, origin-form without escapes or fragment, single blanks, and HTTP's own version: see request_rules.
_START = re.compile(rb"(DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) (/[^ %?#]*)(?:\?([^ %#]*))? HTTP/1\.1\r\n")
_NO_LIMIT = 1 << 62
# A request with one of these is not plain, nor is one with a Connection that says more than what browsers always say.
_FRAMING = frozenset((b"content-length", b"expect", b"transfer-encoding", b"upgrade"))
_STAYS = frozenset((b"keep-alive", b"Keep-Alive", None))
_CORS = (
    b"origin",
    b"access-control-request-method",
    b"access-control-request-headers",
    b"access-control-request-private-network",
)
_MEMO_SIZE = 64

Known = dict[bytes, bytes]
"""Values by lower-case name, of the fields that matter; each occurred once."""

PlainHead = tuple[bytes, bytes, bytes | None, Known]
"""Method, path, query (None where there is no `?`) and fields of a plain request."""


class PlainRequest(Request):
    """A request whose fields are taken apart when they are first asked for."""

    __slots__ = ("_data", "_fields")

    def __init__(self, head: PlainHead, data: bytes, peer_host: str) -> None:
        self.method, self.path, self.query, known = head
        self.body = b""
        self.has_body = False
        self.host = known[b"host"]
        self.peer_host = peer_host
        self.version = b"1.1"
        self._data = data
        self._fields: Fields | None = None

    @property
    def fields(self) -> Fields:
        """All field lines."""
        if self._fields is None:
            self._fields = parse_lines(self._data[self._data.find(b"\r\n") : -4])
        return self._fields

    @fields.setter
    def fields(self, fields: Fields) -> None:
        self._fields = fields

    def first(self, name: bytes) -> bytes | None:
        """See Request."""
        return first_of_lines(self._data, name) if self._fields is None else super().first(name)


class PlainRequests:
    """Reads plain requests, of any connection.

    `wanted` are lower-case names of fields to pick out, besides those that CORS is about and Host.
    """

    __slots__ = ("_hosts", "_max_bytes", "_max_headers", "_messages", "_notable")

    def __init__(self, limits: LimitsConfig, wanted: Iterable[bytes] = ()) -> None:
        self._max_bytes = min(limits.max_head_bytes or _NO_LIMIT, limits.max_target_bytes or _NO_LIMIT)
        self._max_headers = limits.max_headers or _NO_LIMIT
        names = dict.fromkeys((b"host", b"connection", *_CORS, *sorted(_FRAMING), *sorted(wanted)))
        self._notable = re.compile(rb"\n(%b):[ \t]*([^\r\n]*)" % b"|".join(map(re.escape, names)), re.IGNORECASE)
        self._hosts: set[bytes] = set()  # that passed; they are looked up instead of looked at
        self._messages = WholeMessages(httptools.HttpRequestParser)

    def read(self, data: bytes) -> PlainHead | None:
        """The one request that `data` is; None if it is anything else, and then nothing has been read."""
        size = len(data)
        if data.find(b"\r\n\r\n") != size - 4 or size > self._max_bytes:
            return None
        start = _START.match(data)
        if start is None or not self._messages.is_whole(data):
            return None
        found = self._notable.findall(data)
        known = {}
        for name, value in found:
            known[name.lower()] = value.rstrip(b" \t")
        host = known.get(b"host")
        if (
            len(known) != len(found)
            or not _FRAMING.isdisjoint(known)
            or known.get(b"connection") not in _STAYS
            or not (host in self._hosts or self._is_host(host))
            or (size > 4 * self._max_headers and data.count(b"\n") - 2 > self._max_headers)
        ):
            self._messages.start_anew()  # what was read may be the last of a connection
            return None
        method, path, query = start.groups()
        return method, path, query, known

    def _is_host(self, host: bytes | None) -> bool:
        if not host or not is_host(host):
            return False
        if len(self._hosts) >= _MEMO_SIZE:
            self._hosts.clear()
        self._hosts.add(host)
        return True
