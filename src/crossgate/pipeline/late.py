"""Handlers that are built when they are first asked: for gateways that answer a few requests and end.

Does not know how endpoints are built.
"""

from collections.abc import Callable

from crossgate.flow.fiber import Flow
from crossgate.http.message import Request, Response
from crossgate.pipeline.respond import Handler, Params
from crossgate.plan import EndpointPlan


def is_looked_up(plan: EndpointPlan) -> bool:
    """Whether an endpoint has hosts that are looked up from the start, so that it cannot wait."""
    return any(backend.sd == "dns" for backend in plan.config.backends)


class LateHandlers:
    """Those of one gateway."""

    def __init__(self) -> None:
        self._all: list[_Late] = []

    def add(self, build: Callable[[], Handler]) -> Handler:
        """A handler that `build` gives when it is needed."""
        handler = _Late(build)
        self._all.append(handler)
        return handler

    def telling_all(self, why_not_ready: Callable[[], str]) -> Callable[[], str]:
        """The same once everything is there that it may tell of."""

        def why() -> str:
            for handler in self._all:
                handler.build()
            return why_not_ready()

        return why if self._all else why_not_ready


class _Late:
    __slots__ = ("_build", "_built")

    def __init__(self, build: Callable[[], Handler]) -> None:
        self._build = build
        self._built: Handler | None = None

    def build(self) -> Handler:
        if self._built is None:
            self._built = self._build()
        return self._built

    def __call__(self, request: Request, values: Params) -> Flow[Response]:
        return self.build()(request, values)
