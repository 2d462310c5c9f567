"""The bytes of one client connection, read as HTTP/1.x requests.

Records what the parser reports; whoever feeds it acts on the record afterwards (an exception inside a parser callback
would look like a fault of the client's). Counts bytes, fields and chunks against the limits. Does not know sockets.
"""

import re
from typing import cast

import httptools

from crossgate.config.model import LimitsConfig
from crossgate.http.chunk_lines import ChunkLineError, ChunkLines
from crossgate.http.message import Fields, Request
from crossgate.server import fault
from crossgate.server.fault import Fault
from crossgate.server.incoming import Incoming
from crossgate.server.request_rules import Judged, judge
from crossgate.server.unknown_method import may_have_method, replace_method

# What chunking may add to a body: generous for honest peers, since one byte per chunk costs five more.
_OVERHEAD_FACTOR = 8
_OVERHEAD_BYTES = 65_536
_LINE_BYTES = 65_536
_NO_LIMIT = 1 << 62
_HEAD_END = b"\r\n\r\n"
_ORIGIN_LINE = re.compile(rb"\n[Oo][Rr][Ii][Gg][Ii][Nn]:[ \t]*([^\r\n]*?)[ \t]*\r?\n")


class RequestParser:
    """Reads requests one after another.

    After `feed`: `arrived` are the requests whose heads were read since it was last emptied, the last perhaps with its
    body still to come; `receiving` is that one. `in_head` tells that a head has begun. Once `stopped`, nothing that
    follows means anything: the last request was refused, or is the last by its own word. `verdict` is what an
    unfinished head will be refused for.
    """

    __slots__ = (
        "_body_bytes",
        "_body_left",
        "_chunks",
        "_data_bytes",
        "_fields",
        "_head_bytes",
        "_held",
        "_limits",
        "_line",
        "_masked",
        "_max_head_bytes",
        "_max_headers",
        "_max_target_bytes",
        "_method",
        "_overhead",
        "_parser",
        "_peer_host",
        "_tail",
        "_target",
        "arrived",
        "in_head",
        "receiving",
        "stopped",
        "verdict",
    )

    def __init__(self, limits: LimitsConfig, peer_host: str) -> None:
        self._limits = limits
        self._max_head_bytes = limits.max_head_bytes or _NO_LIMIT
        self._max_headers = limits.max_headers or _NO_LIMIT
        self._max_target_bytes = limits.max_target_bytes or _NO_LIMIT
        self._peer_host = peer_host
        self._parser = httptools.HttpRequestParser(self)
        self._masked = False  # a parser is being brought back into step: what it reports is known
        self._line = b""  # a request line whose end has not come yet
        self._held = b""  # the beginning of a request line whose method the parser does not know
        self._method = b""  # of the request being read, where the parser does not know it
        self._target = b""
        self._fields: Fields = []
        self._tail = b""  # the last bytes of what was read of a head
        self._body_left: int | None = 0  # None: the body is chunked, and `_chunks` knows
        self._chunks: ChunkLines | None = None
        self._head_bytes = self._data_bytes = self._body_bytes = self._overhead = 0
        self.arrived: list[Incoming] = []
        self.receiving: Incoming | None = None
        self.in_head = False
        self.stopped = False
        self.verdict: Fault | None = None

    def close(self) -> None:
        """Let go of the parser, which holds on to this object."""
        self.stopped = True
        self._parser = cast("httptools.HttpRequestParser", None)

    @property
    def is_at_start(self) -> bool:
        """Whether nothing of a next request was read, and there may be one."""
        return not (self.in_head or self._line or self._held or self.stopped or self.receiving)

    def feed(self, data: bytes) -> None:
        """Read on."""
        if self._held:
            data, self._held, self._line, self._tail, self.in_head = self._held + data, b"", b"", b"", False
        while data and not self.stopped:
            data = self._feed_part(data)

    def _feed_part(self, data: bytes) -> bytes:
        """Read on to the end of a head or of a body, or to the end of the data. Gives what is left.

        So every request begins where a part does, and is judged alike whatever came in front of it.
        """
        receiving = self.receiving
        if receiving is None:
            part, rest = self._cut_head(data)
        elif self._body_left is not None:
            part, rest = data[: self._body_left], data[self._body_left :]
            self._body_left -= len(part)
        else:
            chunks = cast("ChunkLines", self._chunks)
            try:
                part, rest = chunks.read(data)
            except ChunkLineError:
                self.refuse(fault.BAD_REQUEST)
                return b""
        self._data_bytes = len(data) - len(rest)
        if part:
            self._feed_parser(part)
        if receiving is not None and not self.stopped and self._is_over() != (receiving is not self.receiving):
            self.refuse(fault.BAD_REQUEST)  # the body has ended for one of the two readers only
        return rest

    def _cut_head(self, data: bytes) -> tuple[bytes, bytes]:
        """What belongs to the head that begins or goes on here, and what follows. Empty lines in front of it go."""
        if not self.in_head and not self._line:
            data = data.lstrip(b"\r\n")
        before = len(self._tail)
        joined = self._tail + data if before else data
        end = joined.find(_HEAD_END)
        if end < 0:
            self._tail = joined[-3:]
            return data, b""
        self._tail = b""
        end += len(_HEAD_END) - before
        return data[:end], data[end:]

    def _is_over(self) -> bool:
        """Whether the framing says that the body has ended."""
        return self._chunks.ended if self._chunks is not None else self._body_left == 0

    def _feed_parser(self, data: bytes) -> None:
        line = self._line
        if self.receiving is None and not line and not self.in_head:
            self._target, self._fields = b"", []  # those of the request before are its own
        if self.receiving is None and (self._line or not self.in_head) and not self._begins_well(data):
            self.refuse(fault.MALFORMED_REQUEST_LINE, data)
            return
        receiving = self.receiving
        arrived = len(self.arrived)
        begins = receiving is None and (line != b"" or not self.in_head)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            retry = begins and len(self.arrived) == arrived
            if not (self._read_on(line + data, error) if retry else self._recover(data, error)):
                return
        if self.in_head:
            self._head_bytes += len(data)
            self._count_head(data)
        elif receiving is not None and receiving is self.receiving:
            self._count_overhead(receiving)

    def _recover(self, data: bytes, error: Exception) -> bool:
        """Go on behind a request that asks for an upgrade; refuse anything else the parser does not take."""
        rest = data
        while isinstance(error, httptools.HttpParserUpgrade):
            rest = rest[error.args[0] :]
            self._ignore_upgrade()
            try:
                self._parser.feed_data(rest)
            except (httptools.HttpParserError, httptools.HttpParserUpgrade) as next_error:
                error = next_error
            else:
                return True
        if not self.stopped:
            self.refuse(_fault_of(error), data)
        return False

    def _read_on(self, data: bytes, error: Exception) -> bool:
        """Read the first request of these bytes again if only its method was amiss; else see _recover."""
        if not (self._target or isinstance(error, httptools.HttpParserUpgrade)):
            replaced = replace_method(data)
            if replaced is not None or may_have_method(data):
                self._parser = httptools.HttpRequestParser(self)
                if replaced is None:
                    self._held = data
                    return False
                self._method, data = replaced
                try:
                    self._parser.feed_data(data)
                except (httptools.HttpParserError, httptools.HttpParserUpgrade) as next_error:
                    error = next_error
                else:
                    return True
        return self._recover(data, error)

    def _begins_well(self, data: bytes) -> bool:
        """Whether the first line, once it is complete, is a request line with single spaces and HTTP's own version.

        DEVIATION(DEV-HTTP-1): the parser also takes several spaces, and versions of RTSP and ICE.
        """
        data = self._line + data
        end = data.find(b"\r\n")
        if end < 0:
            self._line = data if len(data) <= _LINE_BYTES else b""
            return True
        self._line = b""
        blanks = data.count(b" ", 0, end)
        return blanks < 2 or (blanks == 2 and data.find(b" HTTP/", 0, end) > 0)

    # -- limits

    def _count_head(self, data: bytes) -> None:
        """A head that is not at its end yet.

        One that is over a limit is read on up to twice the limit: Origin may be still to come, and without it the page
        behind the request could not see why it was refused.
        """
        for reason, size, limit in (
            (fault.TARGET_TOO_LONG, len(self._target), self._max_target_bytes),
            (fault.HEAD_TOO_LARGE, self._head_bytes, self._max_head_bytes),
            (fault.HEAD_TOO_LARGE, len(self._fields), self._max_headers),
        ):
            if size > limit:
                self.verdict = reason
                if size > 2 * limit:
                    self.refuse(reason, data)
                return

    def _exceeds(self) -> Fault | None:
        """Whether a complete head is too large. DEVIATION(DEV-HTTP-2): the limits are lower than Go's."""
        if len(self._target) > self._max_target_bytes:
            return fault.TARGET_TOO_LONG
        if len(self._fields) > self._max_headers:
            return fault.HEAD_TOO_LARGE
        if self._head_bytes + self._data_bytes > self._max_head_bytes:
            size = len(self._target) + sum(len(name) + len(value) + 4 for name, value in self._fields)
            if max(size, self._head_bytes) > self._max_head_bytes:
                return fault.HEAD_TOO_LARGE
        return None

    def _count_overhead(self, receiving: Incoming) -> None:
        """A body's chunks must be worth their framing."""
        if receiving.length_bytes is None:
            self._overhead += self._data_bytes - _OVERHEAD_FACTOR * sum(map(len, receiving.pieces))
            if self._overhead < 0:
                self._overhead = 0
            elif self._overhead > _OVERHEAD_BYTES:
                self._spoil(receiving, fault.TOO_MUCH_CHUNKING)

    # -- refusals

    def refuse(self, reason: Fault, data: bytes = b"") -> None:
        """What is being read is no request that can be served: it arrives with that fault. `data` was read last."""
        self.stopped = True
        if self.receiving is not None:
            self._spoil(self.receiving, reason)
            return
        fields = self._fields
        if not any(name == b"origin" for name, _ in fields) and (line := _ORIGIN_LINE.search(data)):
            fields.append((b"origin", line[1]))  # the page behind the request should get to see the refusal
        method = self._method or (self._parser.get_method() if self._target else b"")
        self._arrive_refused(reason, method)

    def _arrive_refused(self, reason: Fault, method: bytes) -> None:
        self.stopped = True
        self.in_head = False
        path, mark, query = self._target.partition(b"?")
        request = Request(method, path, query if mark else None, self._fields, peer_host=self._peer_host)
        self.arrived.append(Incoming(request, fault=reason))

    def _spoil(self, receiving: Incoming, reason: Fault) -> None:
        """The body of a request under way turns out to be bad."""
        self.stopped = True
        receiving.fault = reason
        receiving.pieces.clear()

    def _ignore_upgrade(self) -> None:
        """Go on as if no upgrade had been asked for (RFC 9110 section 7.8 allows that).

        The parser skips the body of such a request, so that it would be read as the next request: a fresh one is told
        of the framing and continues.
        """
        receiving = self.receiving
        if receiving is None:
            return
        length = receiving.length_bytes
        line = b"Transfer-Encoding: chunked" if length is None else b"Content-Length: %d" % length
        self._masked = True
        self._parser = httptools.HttpRequestParser(self)
        self._parser.feed_data(b"POST / HTTP/1.1\r\nHost: masked\r\n" + line + b"\r\n\r\n")
        self._masked = False

    # -- parser callbacks: record only

    def on_message_begin(self) -> None:
        """Called by the parser."""
        self.in_head = True
        self._head_bytes = 0
        self._target = b""
        self._fields = []

    def on_url(self, target: bytes) -> None:
        """Called by the parser, once or in pieces."""
        self._target = self._target + target if self._target else target

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser, for trailers too, which nobody gets to see."""
        if self.in_head:
            self._fields.append((name.lower(), value.rstrip()))

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self.in_head = False
        if self._masked or self.stopped:
            return
        parser = self._parser
        method = parser.get_method()
        if self._method:
            method, self._method = self._method, b""
        judged = self._exceeds() or judge(method, self._target, parser.get_http_version(), self._fields)
        if isinstance(judged, Fault):
            self._arrive_refused(judged, method)
            return
        self._arrive(judged)

    def _arrive(self, judged: Judged) -> None:
        request = judged.request
        request.peer_host = self._peer_host
        incoming = Incoming(request)
        incoming.keep_alive = judged.keep_alive
        length = judged.length_bytes
        if length == 0:
            incoming.whole = True
        else:
            limit = self._limits.max_body_bytes
            if limit and length is not None and length > limit:
                incoming.fault = fault.BODY_TOO_LARGE
                self.stopped = True
            incoming.length_bytes = self._body_left = length
            self._chunks = ChunkLines() if length is None else None
            incoming.expects_continue = judged.expects_continue
            self._body_bytes = self._overhead = 0
            self.receiving = incoming
        self.arrived.append(incoming)

    def on_body(self, data: bytes) -> None:
        """Called by the parser."""
        receiving = self.receiving
        if receiving is None or self.stopped:
            return
        limit = self._limits.max_body_bytes
        if limit:
            self._body_bytes += len(data)
            if self._body_bytes > limit:
                self._spoil(receiving, fault.BODY_TOO_LARGE)
                return
        if not receiving.discard:
            receiving.pieces.append(data)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        if self.stopped:
            return
        receiving = self.receiving
        if receiving is not None:
            if self._parser.should_upgrade():
                return  # the parser skipped the body: see _ignore_upgrade
            receiving.whole = True
            self.receiving = None
        if not (receiving or self.arrived[-1]).keep_alive:
            self.stopped = True


def _fault_of(error: Exception) -> Fault:
    if isinstance(error, httptools.HttpParserInvalidMethodError):
        return fault.UNKNOWN_METHOD
    if "HTTP version" in str(error):
        return fault.UNKNOWN_VERSION
    return fault.BAD_REQUEST
