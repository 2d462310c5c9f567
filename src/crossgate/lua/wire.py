"""What a worker and a Lua host say to each other: frames on a stream, each a length and a message.

The host is taken to be no friend: what it says is checked against these types.
"""

import socket
from typing import Final

import msgspec

MAX_FRAME_BYTES: Final = 64 * 1024 * 1024
LENGTH_BYTES: Final = 4

Lines = list[tuple[bytes, bytes]]
"""Field lines, names canonical."""


class Script(msgspec.Struct, frozen=True, array_like=True):
    """A script as it is configured. `sources` are names and texts; with `live` the host reads the texts itself.

    `opens_libs`: all libraries are there, else base, table and package.
    """

    sources: tuple[tuple[str, bytes], ...]
    pre: bytes
    post: bytes
    live: bool
    opens_libs: bool

    def __repr__(self) -> str:
        """What a plan prints: texts may be long, and hold secrets."""
        names = ", ".join(name for name, _ in self.sources)
        return f"Script({names}; pre {len(self.pre)} bytes; post {len(self.post)} bytes)"


class RequestParts(msgspec.Struct, array_like=True):
    """A request before a script. `query` is as it stands in the URL where `is_ctx`, else by name."""

    is_ctx: bool
    method: bytes
    path: bytes
    url: bytes
    host: bytes
    query: dict[bytes, list[bytes]]
    params: dict[bytes, bytes]
    headers: Lines


class ResponseParts(msgspec.Struct, array_like=True):
    """A response before a script. `data` is JSON, empty where it is to be asked for."""

    is_complete: bool
    status: int
    headers: Lines
    data: bytes


class Run(msgspec.Struct, array_like=True, tag="run"):
    """Run sources and `pre` in a new state (`is_first`), or go on in that of before; then `post` if there is a
    response. `script` is left out where the host has been given it under that key.

    Other than the first one, runs carry no request."""

    key: int
    script: Script | None
    is_first: bool
    request: RequestParts | None
    response: ResponseParts | None


class Drop(msgspec.Struct, array_like=True, tag="drop"):
    """The request is over: throw its state away, and say when that is done."""


class Ready(msgspec.Struct, array_like=True, tag="ready"):
    """It is done: nothing of the last request is left, the next one may come."""


class Answer(msgspec.Struct, array_like=True, tag="answer"):
    """What was asked for. `fault` is the text of a Lua error in its place, empty where there is none."""

    body: bytes
    status: int = 0
    headers: Lines = []
    fault: str = ""


class Ask(msgspec.Struct, array_like=True, tag="ask"):
    """A script needs something: `what` is request-body, response-body, data or http."""

    what: str
    url: bytes = b""
    method: bytes = b""
    headers: Lines = []
    body: bytes = b""


class Changes(msgspec.Struct, array_like=True, tag="changes"):
    """What a script did; None is what it left alone. `data` is JSON."""

    method: bytes | None = None
    url: bytes | None = None
    host: bytes | None = None
    query: dict[bytes, list[bytes]] | None = None
    params: dict[bytes, bytes] | None = None
    headers: Lines | None = None
    body: bytes | None = None
    is_complete: bool | None = None
    status: int | None = None
    response_headers: Lines | None = None
    response_body: bytes | None = None
    data: bytes | None = None
    printed: list[bytes] = []


class Failed(msgspec.Struct, array_like=True, tag="failed"):
    """A script ended in an error. `status` is 0 where it named none."""

    text: str
    status: int
    content_type: str
    printed: list[bytes] = []


ToHost = Run | Answer | Drop
FromHost = Ask | Changes | Failed | Ready

_encoder = msgspec.msgpack.Encoder()
_from_host: "msgspec.msgpack.Decoder[FromHost]" = msgspec.msgpack.Decoder(FromHost)
_to_host: "msgspec.msgpack.Decoder[ToHost]" = msgspec.msgpack.Decoder(ToHost)


class BrokenChannelError(Exception):
    """The other side is gone, or says what nobody can understand."""


def frame(message: ToHost | FromHost) -> bytes:
    """A message as it goes over the stream. Raises BrokenChannelError where it is too large."""
    body = _encoder.encode(message)
    if len(body) > MAX_FRAME_BYTES:
        raise BrokenChannelError(f"more than {MAX_FRAME_BYTES} bytes")
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def from_host(body: bytes) -> FromHost:
    """The message of a host. Raises BrokenChannelError."""
    try:
        return _from_host.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise BrokenChannelError(str(error)) from None


class HostChannel:
    """The host's end, which waits."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def send(self, message: FromHost) -> None:
        """Say something."""
        self._connection.sendall(frame(message))

    def receive(self) -> ToHost:
        """What the worker says next. Raises BrokenChannelError once it is gone."""
        length = int.from_bytes(self._exactly(LENGTH_BYTES), "big")
        return _to_host.decode(self._exactly(length))

    def _exactly(self, count: int) -> bytes:
        first = self._connection.recv(count)
        if len(first) == count:
            return first
        parts = bytearray(first)
        while first and len(parts) < count:
            first = self._connection.recv(count - len(parts))
            parts += first
        if len(parts) < count:
            raise BrokenChannelError("the worker is gone")
        return bytes(parts)
