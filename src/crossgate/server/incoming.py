"""One request on its way from the parser to its exchange. Knows neither sockets nor how requests are parsed."""

from crossgate.flow.body import Body
from crossgate.http.message import Request
from crossgate.server.fault import Fault


class Incoming:
    """One request as it arrives. `fault` refuses it; `request` is then as complete as it could be read.

    `pieces` are the body's bytes nobody has taken yet, `whole` that no more will come. `length_bytes` is None for a
    chunked body.
    """

    # No slots: what most requests never change stays with the class, which makes them cheaper to begin.
    fault: Fault | None = None
    keep_alive = False
    expects_continue = False
    length_bytes: int | None = 0
    whole = False
    discard = False
    body: Body | None = None

    def __init__(self, request: Request, *, fault: Fault | None = None) -> None:
        self.request = request
        self.pieces: list[bytes] = []
        if fault is not None:
            self.fault = fault

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


WHOLE = Incoming(Request(b"", b"", None, []))
"""Of any request that is whole when it begins and after which the connection stays: nothing about it ever changes."""
WHOLE.keep_alive = WHOLE.whole = True
