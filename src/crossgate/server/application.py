"""What the server asks of the gateway behind it: beside sockets and HTTP's framing, all that it knows."""

from typing import Literal, Protocol, TypeVar

from crossgate.cors import Decision
from crossgate.flow.fiber import Flow
from crossgate.http.message import Request, Response

CLIENT_GONE = 499
"""The status `finish` hears of where the client went away before a response began (nginx's number for it)."""


class Route(Protocol):
    """Where a request leads to, an answer of the gateway's own where there is no endpoint."""

    @property
    def upstream_mode(self) -> Literal["strip", "pass", "prefer"]:
        """What becomes of CORS fields that a backend's response has itself."""

    def respond(self, request: Request) -> Flow[Response]:
        """The response. The coroutine awaits flow signals only; it is cancelled when the client goes away.

        Whatever it raises is answered with a bare 500.
        """


R = TypeVar("R", bound=Route)


class Application(Protocol[R]):
    """A gateway, or whatever else answers requests. Asked in this order."""

    def route(self, request: Request) -> R:
        """Where the request leads to. Asked as soon as its head is read, and for requests that the server itself
        refuses, with what is known of them: their method, path and fields may be empty."""

    def decide(self, request: Request, route: R) -> Decision | None:
        """What CORS says about the request; None where CORS is off. Asked once for each request."""

    def finish(
        self,
        request: Request,
        route: R | None,
        decision: Decision | None,
        status: int,
        body_bytes: int,
        seconds: float,
        /,
    ) -> None:
        """A response was written, or given up (`CLIENT_GONE`). Called once for each request, refused ones included.

        `route` is None where finding it failed.

        `seconds` count from the end of the request's head.
        """
