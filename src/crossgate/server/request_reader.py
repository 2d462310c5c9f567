"""The bytes of one client connection, cut into requests: a head at its blank line, a body as its head frames it.

Counts bytes, fields and chunks against the limits. What a head says is request_heads' business; how chunks are read,
chunked_body's. Does not know sockets.
"""

import re
from typing import Final

from crossgate.config.model import LimitsConfig
from crossgate.http.chunked_body import ChunkedBody, ChunkedBodyError
from crossgate.server import fault
from crossgate.server.fault import Fault
from crossgate.server.incoming import Incoming
from crossgate.server.request_heads import READ_AS_THEY_ARE, START_LINE, RequestHeads, fault_of_start, with_ascii_target
from crossgate.transport.whole_message import HeadCheck

# What a request line may be as long as it has no end.
_BEGINNING: Final = re.compile(
    rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:\Z| (?:[^ \r\n]+(?:\Z| (?:H?\Z|HT{1,2}\Z|HTTP\Z|HTTP/[0-9.]{0,3}\r?\Z))|\Z))"
)
_NO_LIMIT = 1 << 62


class RequestReader:
    """Reads requests one after another.

    After `feed`: `arrived` are the requests whose heads were read since it was last emptied, the last perhaps with its
    body still to come; `receiving` is that one. `in_head` tells that a head has begun. Once `stopped`, nothing that
    follows means anything: the last request was refused, or is the last by its own word. `verdict` is what an
    unfinished head will be refused for.
    """

    __slots__ = (
        "_check",
        "_chunks",
        "_head",
        "_heads",
        "_left",
        "_max_body_bytes",
        "arrived",
        "in_head",
        "receiving",
        "stopped",
        "verdict",
    )

    def __init__(self, heads: RequestHeads, limits: LimitsConfig) -> None:
        self._heads = heads
        self._max_body_bytes = limits.max_body_bytes or _NO_LIMIT
        self._head = bytearray()  # of a head that is not whole yet
        self._check: HeadCheck | None = None  # of the same
        self._left = 0  # of a body with a length; of one in chunks, how much more it may have
        self._chunks: ChunkedBody | None = None
        self.arrived: list[Incoming] = []
        self.receiving: Incoming | None = None
        self.in_head = False
        self.stopped = False
        self.verdict: Fault | None = None

    def adopt(self, heads: RequestHeads, limits: LimitsConfig) -> None:
        """Read what comes from now on within other limits."""
        self._heads = heads
        self._max_body_bytes = limits.max_body_bytes or _NO_LIMIT

    @property
    def is_at_start(self) -> bool:
        """Whether nothing of a next request was read, and there may be one."""
        return not (self.in_head or self.stopped or self.receiving)

    def feed(self, data: bytes) -> None:
        """Read on."""
        while data and not self.stopped:
            receiving = self.receiving
            if receiving is None:
                data = self._read_head(data)
            elif self._chunks is None:
                data = self._read_length(receiving, data)
            else:
                data = self._read_chunks(receiving, self._chunks, data)

    # -- heads

    def _read_head(self, data: bytes) -> bytes:
        """Read a head, or as much of it as there is; gives what follows it."""
        if self.in_head:
            head = self._head
            behind = max(0, len(head) - 3)
            head += data
            end = head.find(b"\r\n\r\n", behind) + 4
            if end < 4:
                self._wait_for_more(data)
                return b""
            data = bytes(head)
            self._forget_head()
        else:
            if data[0] < 0x20:
                data = data.lstrip(b"\r\n")  # RFC 9112 section 2.2
            end = data.find(b"\r\n\r\n") + 4
            if end < 4:
                if data:
                    self.in_head = True
                    self._head += data
                    self._wait_for_more(data)
                return b""
        incoming = self._heads.read(data, end)
        self.arrived.append(incoming)
        if not incoming.whole and incoming.fault is None:
            self._receive(incoming)
            return data[end:]
        if not incoming.keep_alive:
            self.stopped = True
            return b""
        end += incoming.length_bytes or 0
        return data[end:] if end < len(data) else b""

    def _forget_head(self) -> None:
        self.in_head = False
        self.verdict = self._check = None
        self._head.clear()

    def _wait_for_more(self, data: bytes) -> None:
        """`data` came, and with it a head is not at its end yet.

        One that is over a limit is read on up to twice the limit: Origin may be still to come, and without it the page
        behind the request could not see why it was refused.
        """
        head, heads = self._head, self._heads
        if self._check is None:
            start = START_LINE.match(head)
            if start is None:
                if b"\r\n" in head:
                    self.refuse(fault_of_start(bytes(head)))
                    return
                if len(head) < heads.max_target_bytes and _BEGINNING.match(head) is None:
                    self.refuse(fault.MALFORMED_REQUEST_LINE)
                    return
                target_bytes = len(head)
            else:
                target_bytes = len(start[2])
                self._check = heads.check()
                data = bytes(head)
                if not start[2].isascii():
                    data = with_ascii_target(data, start)
                if start[1] not in READ_AS_THEY_ARE:
                    data = b"POST" + data[start.end(1) :]
        else:
            target_bytes = 0
        if self._check is not None and not self._check.feed(data):
            self.refuse(fault.BAD_REQUEST)
            return
        for reason, size, limit in (
            (fault.TARGET_TOO_LONG, target_bytes, heads.max_target_bytes),
            (fault.HEAD_TOO_LARGE, len(head), heads.max_bytes),
            (fault.HEAD_TOO_LARGE, head.count(b"\n"), heads.max_fields),
        ):
            if size > limit:
                self.verdict = self.verdict or reason
                if size > 2 * limit:
                    self.refuse(self.verdict)
                return

    def refuse(self, reason: Fault) -> None:
        """What is being read is no request that can be served: it arrives with that fault."""
        self.stopped = True
        if self.receiving is not None:
            self._spoil(self.receiving, reason)
            return
        self.arrived.append(self._heads.refused(reason, bytes(self._head), len(self._head)))
        self._forget_head()

    # -- bodies

    def _receive(self, incoming: Incoming) -> None:
        self.receiving = incoming
        length = incoming.length_bytes
        if length is None:
            self._chunks = ChunkedBody()
            self._left = self._max_body_bytes
        else:
            self._left = length

    def _read_length(self, receiving: Incoming, data: bytes) -> bytes:
        left = self._left
        rest = data[left:]
        receiving.receive(data[:left] if rest else data)
        self._left = left - len(data) + len(rest)
        if not self._left:
            self._end_body(receiving)
        return rest

    def _read_chunks(self, receiving: Incoming, chunks: ChunkedBody, data: bytes) -> bytes:
        try:
            rest = chunks.feed(data)
        except ChunkedBodyError as error:
            self.stopped = True
            self._spoil(receiving, fault.TOO_MUCH_CHUNKING if error.is_wasteful else fault.BAD_REQUEST)
            return b""
        for piece in chunks.take():
            self._left -= len(piece)
            receiving.receive(piece)
        if self._left < 0:
            self.stopped = True
            self._spoil(receiving, fault.BODY_TOO_LARGE)
            return b""
        if chunks.ended:
            self._chunks = None
            self._end_body(receiving)
        return rest

    def _end_body(self, receiving: Incoming) -> None:
        receiving.whole = True
        if receiving.stream is None and not receiving.discard:
            receiving.body = receiving.take_body()
        self.receiving = None
        if not receiving.keep_alive:
            self.stopped = True

    def _spoil(self, receiving: Incoming, reason: Fault) -> None:
        """The body of a request under way turns out to be bad."""
        receiving.fault = reason
        receiving.pieces.clear()
