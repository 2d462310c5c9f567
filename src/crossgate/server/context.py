"""What all connections of a server share, and what they may ask of it. Knows no connection."""

import logging
import math
from collections.abc import Callable
from typing import Any

from crossgate.config.model import LimitsConfig
from crossgate.cors import Decision
from crossgate.flow.timers import Timers
from crossgate.http.message import Request
from crossgate.http.printable import printable
from crossgate.http.reason import Reason
from crossgate.server.application import Application, Route
from crossgate.server.request_heads import RequestHeads
from crossgate.server.response_head import HeadWriter
from crossgate.server.shedding import Shedder, shedder_of

WITHOUT_REASON = "%s %s was refused with %d without a reason code: this is a bug of the component that did so"


class ServerContext:
    """What holds for requests that begin now. One under way keeps the context it began with.

    `now` is the server's clock, in monotonic seconds. `draining` says that connections are to end when they can.

    `idle_seconds` is infinite where idle connections may stay for ever. `shedder` is None where all requests are read.
    `may_see_reasons` says of a request whether its client may be told why it was refused; None: nobody may.
    `explains` says that whatever the application refuses is to have a reason.
    """

    __slots__ = (
        "application",
        "draining",
        "explains",
        "heads",
        "idle_seconds",
        "limits",
        "log",
        "may_see_reasons",
        "now",
        "request_heads",
        "shedder",
        "timers",
    )

    def __init__(
        self, application: Application[Any], limits: LimitsConfig, timers: Timers, log: logging.Logger
    ) -> None:
        self.application = application
        self.limits = limits
        self.timers = timers
        self.now = timers.now
        self.log = log
        self.draining = False
        self.idle_seconds = limits.idle_timeout_seconds if limits.idle_timeout_seconds > 0 else math.inf
        self.heads = HeadWriter(self._tell_removed)
        self.request_heads = RequestHeads(limits)
        self.may_see_reasons: Callable[[Request], bool] | None = getattr(application, "may_see_reasons", None)
        self.explains: bool = getattr(application, "explains_refusals", False)
        self.shedder: Shedder | None = shedder_of(application, self.heads, self.tell_finished)

    def succeeded_by(self, application: Application[Any], limits: LimitsConfig) -> "ServerContext":
        """What holds once another application answers, within other limits."""
        successor = ServerContext(application, limits, self.timers, self.log)
        successor.draining = self.draining
        successor.heads = self.heads
        successor.shedder = shedder_of(application, self.heads, successor.tell_finished)
        if limits == self.limits:
            successor.request_heads = self.request_heads
        return successor

    def tell_finished(
        self,
        request: Request,
        route: Route | None,
        decision: Decision | None,
        status: int,
        body_bytes: int,
        seconds: float,
    ) -> None:
        """A response was written, or given up: see Application.finish."""
        try:
            self.application.finish(request, route, decision, status, body_bytes, seconds)
        except Exception:  # an access log that fails must not take the connection with it
            self.log.exception("finishing a request failed")

    def refusal(self, data: bytes, peer_host: str, since_seconds: float) -> bytes | None:
        """The whole answer to a request that came then (0: now) and is not read; None: its endpoint has to refuse it.

        So it is where an answer may be the last on its connection, and has to say so.
        """
        if self.shedder is None or self.draining or self.limits.max_requests_per_connection:
            return None
        return self.shedder.refusal(data, peer_host, self.now() - since_seconds if since_seconds else 0.0)

    def reason_line(self, request: Request, reason: Reason) -> bytes:
        """The field that says why a request was refused, with its CRLF in front; empty for who may not know.

        No cache may keep that response: it would show the reason to others.
        """
        if self.may_see_reasons is None or not self.may_see_reasons(request):
            return b""
        return b"\r\nX-Crossgate-Reason: " + reason.code.encode() + b"\r\nCache-Control: no-store"

    def tell_unexplained(self, request: Request, status: int) -> None:
        """A refusal has no reason: components of others may forget it."""
        if self.explains:
            self.log.error(WITHOUT_REASON, printable(request.method), printable(request.path), status)

    def _tell_removed(self, backend: str) -> None:
        self.log.warning("backend %s sends CORS headers of its own: the gateway's replace them", backend)
