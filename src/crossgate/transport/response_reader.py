"""The bytes of one backend connection, read as HTTP/1.x responses.

Records what the parser reports and judges the head; whoever feeds it acts on the record afterwards (an exception inside
a parser callback would look like a fault of the peer). Does not know sockets or requests, but for HEAD.

The parser checks every byte, but field lines are not taken apart: the head is kept as it came, less what concerns the
connection and the framing, since most responses are passed on. That is half the cost of reading one.

Stricter than the parser: versions 1.0 and 1.1 only, no transfer coding but `chunked` and none in HTTP/1.0 (RFC 9112
section 6.1), a bounded head, few interim responses, and nothing behind the end of a response. A head that the parser
refuses may still be one that can be read for certain: see lenient_head.py. Its connection is not used again.
"""

import re

import httptools

from crossgate.http.chunk_lines import ChunkLineError, ChunkLines
from crossgate.http.hop_by_hop import names_to_drop
from crossgate.http.message import parse_lines
from crossgate.transport.lenient_head import HeadError, rewrite_head

MAX_HEAD_BYTES = 1 << 20
MAX_FIELDS = 2_000
MAX_INTERIM = 5  # as Go's transport has it
# What chunking may add to a body: generous for honest peers, since one byte per chunk costs five more.
_HEAD_END = b"\r\n\r\n"
_OVERHEAD_FACTOR = 8
_OVERHEAD_BYTES = 65_536
# Beginnings of lower-case names that never go on, or that decide about the body, Content-Length aside. One search for
# all of them costs what a search for one does.
_SPECIAL = re.compile(rb"\n(?:close:|connection:|transfer-encoding:|keep-alive:|proxy-|te:|trailer:|upgrade:)")


class MalformedResponseError(Exception):
    """The peer does not speak HTTP/1.x as it must. `str()` is the cause in Go's manner."""


class ResponseReader:
    """Reads one response at a time; `expect` begins the next.

    After `feed`: `has_head` tells that status, lines and length are there, `pieces` holds the body's bytes that arrived
    since they were last taken, `complete` that the message is whole. `until_close` bodies never are: their end is the
    connection's. `clean` is false once another exchange on this connection would not be safe.
    """

    __slots__ = (
        "_chunks",
        "_head",
        "_interim_seen",
        "_is_head_request",
        "_overhead",
        "_parser",
        "_rewrites",
        "clean",
        "complete",
        "has_head",
        "length_bytes",
        "lines",
        "pieces",
        "started",
        "status",
        "until_close",
    )

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self.clean = True
        self.expect(is_head_request=False)

    def expect(self, *, is_head_request: bool) -> None:
        """A request was sent: what comes next is its response."""
        self._is_head_request = is_head_request
        self._interim_seen = self._overhead = 0
        self._head = self.lines = b""
        self._rewrites = False  # the parser has refused the head as it came
        self._chunks: ChunkLines | None = None
        self.started = self.has_head = self.complete = self.until_close = False
        self.pieces: list[bytes] = []
        self.length_bytes: int | None = None

    def feed(self, data: bytes) -> None:
        """Read on. Raises MalformedResponseError, but not for what follows a complete response: that only makes the
        connection unclean."""
        self.started = True
        if not self.has_head:
            data = self._feed_head(data)
        if data:
            self._feed_body(data)

    def _feed_head(self, data: bytes) -> bytes:
        """Read on to the end of the head, past interim ones. Gives what follows it."""
        while not self.has_head:
            if not self._head:
                data = data.lstrip(b"\r\n")  # empty lines in front are allowed (RFC 9112 section 2.2)
            if not data:
                return b""
            begin = len(self._head)
            head = self._head + data if begin else data
            end = 0
            if not self._rewrites:
                end = head.find(_HEAD_END, max(0, begin - 3)) + len(_HEAD_END)
                if end < len(_HEAD_END):
                    end = 0
                try:
                    self._parser.feed_data(head[begin:end] if end else data)
                except httptools.HttpParserUpgrade as error:
                    raise self._malformed(error) from None
                except httptools.HttpParserError as error:
                    if self.has_head:
                        raise self._malformed(error) from None
                    self._rewrites = True
                    begin = 0
            whole = head[:end]
            if self._rewrites:
                whole, end = self._rewrite(head, begin)
            if not end:
                self._head = head
                if len(head) > MAX_HEAD_BYTES:
                    raise _too_large()
                return b""
            self._head = b""
            self._rewrites = False
            data = head[end:]
            if self.has_head:
                self._read_head(whole)
            elif self._interim_seen > MAX_INTERIM:
                raise MalformedResponseError("too many 1xx informational responses")
        return data

    def _rewrite(self, head: bytes, searched: int) -> tuple[bytes, int]:
        """Have a head read that the parser refused, rewritten, and give that and where it ended; 0: not yet."""
        self.clean = False
        try:
            found = rewrite_head(head, searched)
            if found is None:
                return b"", 0
            self._parser = httptools.HttpResponseParser(self)
            self._parser.feed_data(found[0])
        except (HeadError, httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            raise self._malformed(error) from None
        return found

    def _feed_body(self, data: bytes) -> None:
        if self.complete:
            self._take_extra(data)
            return
        size = len(data)
        rest = b""
        chunks = self._chunks
        try:
            if chunks is not None:
                data, rest = chunks.read(data)
            self._parser.feed_data(data)
        except (ChunkLineError, httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.clean = False
            if not self.complete:
                raise self._malformed(error) from None
        if chunks is not None and chunks.ended != self.complete:
            raise MalformedResponseError("malformed chunked encoding")
        if not self.complete:
            self._count_overhead(size)
        if rest:
            self._take_extra(rest)

    def _take_extra(self, data: bytes) -> None:
        """Bytes behind a response. DEVIATION(DEV-HTTP-3): nobody asked for them, they must not become an answer."""
        if data.strip(b"\r\n"):
            self.clean = False

    def _malformed(self, error: Exception) -> MalformedResponseError:
        self.clean = False
        return MalformedResponseError(f"malformed HTTP response ({_reason(error)})")

    def _read_head(self, head: bytes) -> None:
        """What the head says about connection and body. `head` begins with the start line."""
        end = head.find(b"\r\n\r\n")
        lines = head[head.find(b"\r\n") : end]
        if end > MAX_HEAD_BYTES or lines.count(b"\n") > MAX_FIELDS:
            raise _too_large()
        lower = lines.lower()
        version = head[5:8]
        if self.status < 200 or version not in (b"1.1", b"1.0"):
            raise MalformedResponseError(f"malformed HTTP response (status {self.status})")
        begin = lower.find(b"\r\ncontent-length:")
        has_framing = begin >= 0
        if begin >= 0:
            stop = lower.find(b"\r\n", begin + 17)
            # Digits, and one such line: the parser saw to that.
            self.length_bytes = int(lines[begin + 17 : stop if stop >= 0 else None])
            lines = lines[:begin] + lines[stop:] if stop >= 0 else lines[:begin]
            lower = lower[:begin] + lower[stop:] if stop >= 0 else lower[:begin]
        begin = lower.find(b"\r\nconnection:")
        if begin >= 0:
            stop = lower.find(b"\r\n", begin + 13)
            value = lower[begin + 13 : stop if stop >= 0 else None].strip(b" \t")
            if value in (b"keep-alive", b"close"):
                lines = lines[:begin] + lines[stop:] if stop >= 0 else lines[:begin]
                lower = lower[:begin] + lower[stop:] if stop >= 0 else lower[:begin]
        if _SPECIAL.search(lower) is not None:
            has_framing = self._read_codings(lines, version) or has_framing
            lines = _end_to_end(lines)
        self.lines = lines
        if self._is_head_request:
            self._end_head_response()
        elif not has_framing and self.status not in (204, 304):
            self.until_close = True
            self.clean = False

    def _read_codings(self, lines: bytes, version: bytes) -> bool:
        codings = [value for name, value in parse_lines(lines) if name == b"transfer-encoding"]
        if codings and (len(codings) > 1 or codings[0].lower() != b"chunked" or version == b"1.0"):
            raise MalformedResponseError(f"unsupported transfer encoding: {codings[0].decode('latin-1')!r}")
        if codings and self.length_bytes is not None:
            raise MalformedResponseError("both Content-Length and Transfer-Encoding")
        if codings:
            self._chunks = ChunkLines(is_lenient=True)
        return bool(codings)

    def _end_head_response(self) -> None:
        """An answer to HEAD has no body whatever its fields say; the parser cannot be told and is replaced."""
        if self.pieces:
            self.clean = False
            self.pieces.clear()
        if not self.complete:
            self.complete = True
            self._parser = httptools.HttpResponseParser(self)

    def _count_overhead(self, data_bytes: int) -> None:
        body_bytes = sum(map(len, self.pieces))
        self._overhead += data_bytes - body_bytes * _OVERHEAD_FACTOR
        if self._overhead < 0:
            self._overhead = 0
        elif self._overhead > _OVERHEAD_BYTES:
            raise MalformedResponseError("chunked encoding contains too much non-data")

    def take_body(self) -> bytes:
        """What arrived of the body since this was last called."""
        pieces = self.pieces
        if len(pieces) == 1:
            return pieces.pop()
        if not pieces:
            return b""
        self.pieces = []
        return b"".join(pieces)

    # -- parser callbacks: record only

    def on_message_begin(self) -> None:
        """Called by the parser."""
        if self.complete:
            # DEVIATION(DEV-HTTP-3): bytes nobody asked for must not become somebody else's answer.
            self.clean = False

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        if self.complete:
            return
        parser = self._parser
        status = self.status = parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            self._interim_seen += 1
            return
        self.has_head = True
        if not parser.should_keep_alive():  # only here: at the end of the message it has forgotten
            self.clean = False

    def on_body(self, data: bytes) -> None:
        """Called by the parser."""
        if self.complete:
            self.clean = False
        else:
            self.pieces.append(data)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        if self.has_head:
            self.complete = True


def _end_to_end(lines: bytes) -> bytes:
    """The lines without those that concern one connection only."""
    fields = parse_lines(lines)
    drop = names_to_drop(fields)
    kept = [line for line, (name, _) in zip(lines.split(b"\r\n")[1:], fields, strict=True) if name not in drop]
    return b"".join([b"\r\n" + line for line in kept])


def _too_large() -> MalformedResponseError:
    return MalformedResponseError(f"net/http: server response headers exceeded {MAX_HEAD_BYTES} bytes; aborted")


def _reason(error: Exception) -> str:
    if isinstance(error, httptools.HttpParserUpgrade):
        return "unexpected upgrade"
    return str(error) or type(error).__name__
