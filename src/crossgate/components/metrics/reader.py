"""What answers those who read metrics: an Application of the gateway's own server. Does not know who counts.

GET /metrics for Prometheus, or GET /__stats as KrakenD has it, whichever the place is for.
"""

from collections.abc import Awaitable, Callable
from typing import Literal

from crossgate.components.metrics.krakend_stats import krakend_stats
from crossgate.cors import Decision
from crossgate.golang.json_text import encode_json
from crossgate.http.message import Request, Response
from crossgate.metrics.prometheus_text import CONTENT_TYPE, prometheus_text
from crossgate.metrics.registry import Snapshot

_PATHS = {"prometheus": b"/metrics", "stats": b"/__stats"}


class MetricsReader:
    """Answers on one socket. `collect` gives the numbers of all processes."""

    upstream_mode: Literal["strip", "pass", "prefer"] = "strip"

    def __init__(
        self,
        form: Literal["prometheus", "stats"],
        left_out: frozenset[str],
        collect: Callable[[], Awaitable[Snapshot]],
        wall_clock: Callable[[], float],
    ) -> None:
        self._form = form
        self._left_out = left_out
        self._collect = collect
        self._wall_clock = wall_clock

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
        if request.path not in (_PATHS[self._form], _PATHS[self._form] + b"/"):
            return Response(404)
        if request.method not in (b"GET", b"HEAD"):
            return Response(405, [(b"allow", b"GET, HEAD")])
        snapshot = await self._collect()
        if self._form == "prometheus":
            return Response(200, [(b"content-type", CONTENT_TYPE)], prometheus_text(snapshot).encode())
        body = encode_json(krakend_stats(snapshot, int(self._wall_clock() * 1e9), self._left_out))
        return Response(200, [(b"content-type", b"application/json; charset=utf-8")], body)
