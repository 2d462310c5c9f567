"""A generation at work on a test stand, and what is noted there of the request that it answers.

Does not know how generations are built, or when they are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crossgate.cors import Decision
from crossgate.flow.timers import Timers
from crossgate.gateway.generation import Generation
from crossgate.http.message import Request
from crossgate.http.reason import Reason
from crossgate.pipeline.gateway_pipe import Route
from crossgate.server.connection import Connection
from crossgate.server.context import ServerContext
from crossgate.server.fault import Fault


class WatchedApplication:
    """The application, noting where the last request went."""

    explains_refusals = True

    def __init__(self, generation: Generation) -> None:
        self._application = generation.application
        self.forget()

    @property
    def may_see_reasons(self) -> Callable[[Request], bool] | None:
        """See ServerContext."""
        return self._application.may_see_reasons

    def forget(self) -> None:
        """A new request."""
        self.route_path = ""
        self.decision: Decision | None = None
        self.reason: Reason | None = None

    def route(self, request: Request) -> Route:
        route = self._application.route(request)
        self.route_path = route.endpoint
        return route

    def decide(self, request: Request, route: Route) -> Decision | None:
        self.decision = self._application.decide(request, route)
        return self.decision

    def finish(
        self,
        request: Request,
        route: Route | None,
        decision: Decision | None,
        status: int,
        body_bytes: int,
        seconds: float,
        /,
    ) -> None:
        self.reason = request.reason
        self._application.finish(request, route, decision, status, body_bytes, seconds)


class Anybody:
    """Connections are not counted."""

    def admit(self, _connection: Connection, /) -> Fault | None:
        return None

    def forget(self, _connection: Connection, /) -> None:
        """Nothing was kept."""


@dataclass(slots=True)
class Standing:
    """A generation at work: of the whole configuration, or of what these `paths` need of it.

    `touched`: it has been asked something that it remembers. What it chooses at random follows from `seed`.
    """

    paths: frozenset[str]
    generation: Generation
    timers: Timers
    shared: Mapping[str, Any]
    application: WatchedApplication
    context: ServerContext
    seed: int = 0
    touched: bool = False
