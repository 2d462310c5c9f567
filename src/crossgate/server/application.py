"""What the server asks of the gateway behind it: beside sockets and HTTP's framing, all that it knows."""

from typing import Literal, Protocol

from crossgate.cors import Decision
from crossgate.flow.fiber import Flow
from crossgate.http.message import Request, Response

CLIENT_GONE = 499
"""The status `finish` hears of where the client went away before a response began (nginx's number for it)."""


class Application(Protocol):
    """A gateway, or whatever else answers requests."""

    def decide(self, request: Request) -> Decision | None:
        """What CORS says about the request; None where CORS is off.

        Asked once for each request as soon as its head is read, and for requests that the server itself refuses, with
        what is known of them: their method, path and fields may be empty.
        """

    def upstream_mode(self, request: Request) -> Literal["strip", "pass", "prefer"]:
        """What becomes of a backend's own CORS fields. Asked for responses that are a backend's."""

    def respond(self, request: Request) -> Flow[Response]:
        """The response. The coroutine awaits flow signals only; it is cancelled when the client goes away.

        Whatever it raises is answered with a bare 500.
        """

    def finish(
        self, request: Request | None, decision: Decision | None, status: int, body_bytes: int, seconds: float
    ) -> None:
        """A response was written, or given up (`CLIENT_GONE`). Called once for each request, refused ones included.

        `seconds` count from the end of the request's head.
        """
