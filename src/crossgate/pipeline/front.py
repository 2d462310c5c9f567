"""What may stand before the router: it sees every request that is not answered by CORS, and every response.

This is the whole contract between whoever stands there and the router. Neither knows the other.
"""

from collections.abc import Callable
from typing import Protocol

from crossgate.flow.fiber import Flow
from crossgate.http.message import Request, Response

Behind = Callable[[Request, bool], Flow[Response]]
"""The router and all that it leads to, and whether the request is certainly what `routed` said."""


class Front(Protocol):
    """Stands before the router of one worker. `leads`: it may have the router look at another path."""

    leads: bool

    def routed(self, request: Request) -> Request:
        """The request as the router is to look at it: this one, or one with another path. Asked, where it `leads`, for
        every request, preflights included, before CORS decides. Raises nothing and changes nothing."""

    def respond(self, request: Request, behind: Behind) -> Flow[Response]:
        """The response. What is handed on to `behind` need not be what `routed` said, but it is then refused where
        another CORS policy would hold for it."""
