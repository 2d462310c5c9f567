"""One request on its way from the parser to its exchange. Knows neither sockets nor how requests are parsed."""

from crossgate.flow.body import Body
from crossgate.http.message import Request
from crossgate.server.fault import Fault


class Incoming:
    """One request as it arrives. `fault` refuses it; `request` is then as complete as it could be read.

    `pieces` are the body's bytes nobody has taken yet, `whole` that no more will come. `length_bytes` is None for a
    chunked body. `known` are the fields by name where the request is plain: whole, without a body, each name
    once, none of them about framing or the connection.
    """

    __slots__ = (
        "body",
        "discard",
        "expects_continue",
        "fault",
        "keep_alive",
        "known",
        "length_bytes",
        "pieces",
        "request",
        "whole",
    )

    def __init__(self, request: Request, *, fault: Fault | None = None) -> None:
        self.request = request
        self.fault = fault
        self.keep_alive = False
        self.known: dict[bytes, bytes] | None = None
        self.expects_continue = False
        self.length_bytes: int | None = 0
        self.pieces: list[bytes] = []
        self.whole = False
        self.discard = False
        self.body: Body | None = None

    def take_body(self) -> bytes:
        """What arrived since this was last called."""
        pieces, self.pieces = self.pieces, []
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def deliver(self) -> None:
        """Hand what arrived to the body, once there is one."""
        body = self.body
        if body is None:
            if self.discard:
                self.pieces.clear()
        else:
            if self.pieces:
                body.feed(self.take_body())
            if self.whole:
                body.end()
