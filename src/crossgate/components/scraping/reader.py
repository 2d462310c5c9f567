"""What answers those who read metrics: an Application of the gateway's own server. Does not know who counts.

GET /metrics in Prometheus' form, or GET /__stats in whatever form is shown there, whichever the place is for.
"""

from collections.abc import Awaitable, Callable
from typing import Literal

from crossgate.cors import Decision
from crossgate.http.message import Request, Response
from crossgate.metrics.prometheus_text import CONTENT_TYPE, prometheus_text
from crossgate.metrics.registry import Snapshot

_PATHS = {"prometheus": b"/metrics", "stats": b"/__stats"}

Shown = Callable[[Snapshot], tuple[bytes, bytes]]
"""From the numbers to a Content-Type and a body."""


def show_for_prometheus(snapshot: Snapshot) -> tuple[bytes, bytes]:
    """See Shown."""
    return CONTENT_TYPE, prometheus_text(snapshot).encode()


class MetricsReader:
    """Answers on one socket. `collect` gives the numbers of all processes."""

    upstream_mode: Literal["strip", "pass", "prefer"] = "strip"

    def __init__(
        self,
        form: Literal["prometheus", "stats"],
        show: Shown,
        collect: Callable[[], Awaitable[Snapshot]],
    ) -> None:
        self._path = _PATHS[form]
        self._show = show
        self._collect = collect

    def route(self, request: Request) -> "MetricsReader":  # noqa: ARG002
        """There is one."""
        return self

    def decide(self, request: Request, route: "MetricsReader") -> Decision | None:  # noqa: ARG002
        """No CORS: this is not for pages."""
        return None

    def finish(
        self,
        request: Request,
        route: "MetricsReader | None",
        decision: Decision | None,
        status: int,
        body_bytes: int,
        seconds: float,
        /,
    ) -> None:
        """Those who read are not counted."""

    async def respond(self, request: Request) -> Response:
        """The numbers."""
        if request.path not in (self._path, self._path + b"/"):
            return Response(404)
        if request.method not in (b"GET", b"HEAD"):
            return Response(405, [(b"allow", b"GET, HEAD")])
        content_type, body = self._show(await self._collect())
        return Response(200, [(b"content-type", content_type)], body)
