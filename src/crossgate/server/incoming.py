"""One request as it arrives: its head, and how far its body is. Knows neither sockets nor how requests are read."""

from crossgate.flow.body import Body
from crossgate.http.field_names import FieldNames
from crossgate.http.message import Fields, Request
from crossgate.server.fault import Fault


class Incoming(Request):
    """A request with what its framing says. `fault` refuses it; the request is then as complete as could be read.

    `keep_alive` is the client's wish. `came_seconds` is when it came, if that was before it was read; else 0.
    `length_bytes` is None for a chunked body. `whole` says that no more of the body will come; until then `pieces` are
    those of its bytes that nobody has taken yet, and `stream` is where they go.
    """

    # Most requests change nothing of this: it stays with the class, which makes them cheaper to make.
    fault: Fault | None = None
    keep_alive = True
    came_seconds = 0.0
    expects_continue = False
    length_bytes: int | None = 0
    whole = True
    discard = False
    stream: Body | None = None
    pieces: list[bytes]

    def __init__(
        self,
        method: bytes,
        path: bytes,
        query: bytes | None,
        names: FieldNames | None,
        values: list[bytes],
        version: bytes,
    ) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.names = names
        self.field_values = values
        self.version = version

    def have_repeated(self, fields: Fields) -> None:
        """Names repeat: these are the lines."""
        self._fields = fields
        self.names = None

    def receive(self, data: bytes) -> None:
        """More of the body."""
        if not self.discard:
            self.pieces.append(data)

    def take_body(self) -> bytes:
        """What arrived since this was last called."""
        pieces, self.pieces = self.pieces, []
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def deliver(self) -> None:
        """Hand what arrived to the body's stream, once there is one."""
        stream = self.stream
        if stream is None:
            if self.discard:
                self.pieces.clear()
        else:
            if self.pieces:
                stream.feed(self.take_body())
            if self.whole:
                stream.end()

    def let_go(self) -> None:
        """Nobody wants the rest of the body."""
        stream, self.stream = self.stream, None
        self.discard = True
        self.pieces.clear()
        if stream is not None:
            stream.abandon()
