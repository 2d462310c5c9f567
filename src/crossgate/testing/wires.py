"""The two ends that take the place of sockets: a client's connection, and a backend's with a mock behind it.

Knows bytes and the event loop's protocols; does not know what is asked, nor who chooses an answer.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Literal

import httptools

from crossgate.testing.mocks import Received
from crossgate.transport.connection import UpstreamConnection

_WAY_TURNS = 4
"""Turns of the loop that an answer takes: calls that are made at once, on connections that are there or not, all arrive
before the first is answered."""


class _Wire(asyncio.Transport):
    """What a transport does that leads nowhere. Reading and writing never pause."""

    def __init__(self, extra: dict[str, Any]) -> None:
        super().__init__(extra)
        self._is_closing = False

    def is_closing(self) -> bool:
        return self._is_closing

    def pause_reading(self) -> None:
        """Whoever feeds this end looks at it (`ClientWire.takes_more`)."""

    def resume_reading(self) -> None:
        """See above."""

    def get_write_buffer_size(self) -> int:
        return 0

    def write_eof(self) -> None:
        """Nobody reads on."""


class ClientWire(_Wire):
    """The client's end: collects what is written to it. `cut_off` says that the connection was broken off."""

    def __init__(self, host: str) -> None:
        super().__init__({"peername": (host, 40_000)})
        self.written = bytearray()
        self.cut_off = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def close(self) -> None:
        self._is_closing = True

    def abort(self) -> None:
        self._is_closing = self.cut_off = True


class BackendWire(_Wire):
    """A backend's end: reads requests, and says what it is told to. `on_request` gets each with this wire."""

    def __init__(
        self,
        scheme: str,
        connection: UpstreamConnection,
        on_request: Callable[[Received, "BackendWire"], None],
        host: str,
    ) -> None:
        """`host` is who was called, whatever requests say of that."""
        super().__init__({"peername": ("backend", 80)})
        self._scheme = scheme
        self._host = host
        self._connection = connection
        self._on_request = on_request
        self._loop = asyncio.get_running_loop()
        self._begin()

    # -- the gateway writes

    def write(self, data: bytes | bytearray | memoryview) -> None:
        try:
            self._parser.feed_data(bytes(data))
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.end()

    def close(self) -> None:
        self.end()

    def abort(self) -> None:
        self.end()

    # -- the backend answers

    def say(self, data: bytes) -> None:
        """Bytes for the gateway, in a turn of the loop of their own."""
        self._later(lambda: self._say(data))

    def end(self) -> None:
        """The connection ends, in a turn of its own behind what was said."""
        self._later(self._end)

    def _later(self, run: Callable[[], None], turns: int = _WAY_TURNS) -> None:
        if turns > 1:
            self._loop.call_soon(self._later, run, turns - 1)
        else:
            self._loop.call_soon(run)

    def _say(self, data: bytes) -> None:
        if not self._is_closing:
            self._connection.data_received(data)

    def _end(self) -> None:
        if not self._is_closing:
            self._is_closing = True
            self._connection.connection_lost(None)

    # -- reading requests, as the parser's callbacks

    def _begin(self) -> None:
        self._target = b""
        self._fields: list[tuple[str, str]] = []
        self._body: list[bytes] = []
        self._parser = httptools.HttpRequestParser(self)

    def on_url(self, url: bytes) -> None:
        """Part of the target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One field."""
        self._fields.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_body(self, body: bytes) -> None:
        """Part of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """A request is whole."""
        fields = tuple(self._fields)
        names = {name.lower(): value for name, value in fields}
        framing: Literal["none", "length", "chunked"] = "length" if "content-length" in names else "none"
        if "transfer-encoding" in names:
            framing = "chunked"
        request = Received(
            self._parser.get_method().decode("latin-1"),
            self._scheme,
            names.get("host", ""),
            self._target.decode("latin-1"),
            fields,
            framing,
            b"".join(self._body),
            called=self._host,
        )
        self._loop.call_soon(self._begin)
        self._on_request(request, self)
