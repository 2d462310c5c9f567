"""The express lane: plain requests answered without a fiber, a task or any object per stage.

What it answers are preflights, and requests whose route has an ExpressRoute while a connection to the backend is idle.
Everything else, and whatever turns out not to be plain on the way, takes the ordinary way, from which a client must not
be able to tell this one apart. Does not know sockets, routes' stages or how CORS decides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossgate.cors import CorsPolicy, Decision
from crossgate.flow.timers import Deadline, DeadlineExceededError, Timers
from crossgate.http.message import Request, Response, UpstreamResponse
from crossgate.pipeline.express import ExpressRoute
from crossgate.pipeline.gateway_pipe import GatewayPipe
from crossgate.server.exchange import JOINED_BYTES, Exchange
from crossgate.server.incoming import Incoming
from crossgate.server.response_head import STATUS_LINES
from crossgate.transport.client import Client
from crossgate.transport.connection import StaleConnectionError, UpstreamConnection

if TYPE_CHECKING:
    from crossgate.server.connection import Connection

_REDIRECTS = (301, 302, 303, 307, 308)
_BODILESS = (204, 304)
_PLAIN = {status: line for status, line in STATUS_LINES.items() if status >= 200 and status not in _REDIRECTS}
_STATUS_LINES = {status: line for status, line in _PLAIN.items() if status not in _BODILESS}
_REPLAYABLE = frozenset((b"GET", b"HEAD", b"OPTIONS", b"TRACE"))
# What is left of an endpoint's time is rounded up to this, so that lengths of time stay few.
_GRAIN_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Lane:
    """What the lane needs of the gateway. `policy` is the one that holds for all requests, None where CORS is off.

    `count` takes note of a decision, `is_logged` says that the application's `finish` does something.
    """

    pipe: GatewayPipe
    client: Client
    timers: Timers
    policy: CorsPolicy | None
    count: Callable[[Decision], None]
    is_logged: bool


class ExpressExchange(Exchange):
    """An exchange that tries the lane first.

    It is what its upstream connection calls back (PlainAnswer), and its own entry in the list of deadlines (Deadline).
    """

    at_seconds = 0.0
    _route: ExpressRoute | None = None
    _values: list[bytes]
    _upstream: UpstreamConnection | None = None
    _queue: dict[Deadline, None]

    def __init__(self, connection: "Connection", incoming: Incoming, lane: Lane) -> None:
        super().__init__(connection, incoming)
        self._lane = lane

    def begin_decided(self, decision: Decision | None, known: dict[bytes, bytes]) -> None:
        """Answer, send the call, or go the ordinary way. `known` are the request's fields by name."""
        self._decision = decision
        request = self._incoming.request
        lane = self._lane
        try:
            if decision is not None and decision.preflight_status is not None:
                self._respond(Response(decision.preflight_status))
                return
            match = lane.pipe.find(request)
            if match is None:
                response = self._step_once(lane.pipe.respond(request))
            else:
                route, values = match
                express = route.express
                if express is not None and request.method != b"HEAD" and self._send(express, request, known, values):
                    return
                response = self._step_once(route.handler(request, values))
            if response is not None:
                self._respond(response)
        except BaseException as error:  # noqa: BLE001 # whatever it is must not reach the client, nor stop the server
            self._broken(error)

    def _send(self, route: ExpressRoute, request: Request, known: dict[bytes, bytes], values: list[bytes]) -> bool:
        """Whether the call is on its way."""
        lane = self._lane
        pool = lane.client.pool(route.key)
        if pool is None:
            return False
        call = route.call(request, values)
        if call is None:
            return False
        head = route.head(call, request, known, pool.after_target)
        if head is None:
            return False
        upstream = pool.take()
        if upstream is None:
            return False
        self._route = route
        self._values = values
        self._upstream = upstream
        self.at_seconds = self._began_seconds + route.seconds
        queue = self._queue = lane.timers.queue(route.seconds)
        queue[self] = None
        upstream.call(head, call, self)
        return True

    # -- the answer, as upstream connections give it

    def take(self, status: int, lines: bytes, body: bytes, has_date: bool) -> None:
        """A whole and plain answer."""
        start = _STATUS_LINES.get(status)
        route = self._route
        if route is not None and route.finish is not None and (status == 200 or status == 201):
            upstream = UpstreamResponse(status, body=body, lines=lines)
            self._leave()
            self._answered(route.finish(self._incoming.request, upstream, body), None)
            return
        if start is None or route is None or route.finish is not None or len(body) > JOINED_BYTES:
            self.succeed(UpstreamResponse(status, body=body, lines=lines))
            return
        self._upstream = None
        del self._queue[self]
        self._status = status
        self._body_bytes = len(body)
        self._keep_alive = keep_alive = self._connection.may_keep_alive()
        self.head_sent = True
        decision = self._decision
        self._connection.write(
            b"".join(
                (
                    start,
                    route.heading_lines,
                    lines,
                    b"" if has_date else self._server.heads.date_line,
                    b"\r\nContent-Length: %d\r\n" % len(body)
                    if keep_alive
                    else b"\r\nContent-Length: %d\r\nConnection: close\r\n" % len(body),
                    b"" if decision is None else decision.edits.block,
                    b"\r\n",
                    body,
                )
            )
        )
        self.ended = True
        server = self._server
        now_seconds = server.now()
        if self._lane.is_logged:
            self._tell_finished(status, now_seconds)
        self._connection.exchange_ended(keep_alive, True, now_seconds)

    def succeed(self, upstream: UpstreamResponse) -> None:
        """Any other answer: the ordinary way goes on with it."""
        self._continue(upstream)

    def fail(self, error: BaseException) -> None:
        """No answer."""
        route = self._route
        if route is None or self.ended:
            return
        if isinstance(error, StaleConnectionError) and self._incoming.request.method in _REPLAYABLE:
            self._continue(None)
            return
        self._leave()
        self._answered(*_failure(route, error))

    def expire(self) -> None:
        """The endpoint's time is over."""
        if self._upstream is not None:
            self._upstream.abort()
        self.fail(DeadlineExceededError())

    def _continue(self, upstream: UpstreamResponse | None) -> None:
        route = self._route
        self._leave()
        if route is None or self.ended:
            return
        left = self.at_seconds - self._server.now()
        left_seconds = _GRAIN_SECONDS * max(1, -(-left // _GRAIN_SECONDS))
        try:
            response = self._step_once(
                route.continue_with(self._incoming.request, self._values, upstream, left_seconds)
            )
        except BaseException as error:  # noqa: BLE001 # see begin
            self._broken(error)
        else:
            if response is not None:
                self._answered(response, None)

    def _leave(self) -> None:
        """The lane is left: what follows is ordinary."""
        if self._upstream is not None:
            self._upstream = None
            self._queue.pop(self, None)

    def _drop_fiber(self) -> None:
        upstream = self._upstream
        self._leave()
        if upstream is not None:
            upstream.abort()
        super()._drop_fiber()


def begin_express(connection: "Connection", incoming: Incoming, known: dict[bytes, bytes], lane: Lane) -> None:
    """Begin with a request whose fields are `known`; a preflight is answered at once."""
    request = incoming.request
    decision = None
    policy = lane.policy
    if policy is not None:
        method = request.method
        if method == b"OPTIONS":
            decision = policy.decide_options(request.fields)
        else:
            decision = policy.decide_actual(method, known.get(b"origin"))
        lane.count(decision)
        status = decision.preflight_status
        if status is not None and not lane.is_logged and connection.may_keep_alive():
            server = connection.server
            start = STATUS_LINES.get(status)
            if start is not None:
                length = b"\r\n" if status in _BODILESS else b"\r\nContent-Length: 0\r\n"
                connection.write(b"".join((start, server.heads.date_line, length, decision.edits.block, b"\r\n")))
                connection.exchange_ended(True, True, server.now())
                return
    exchange = ExpressExchange(connection, incoming, lane)
    connection.exchange_begins(exchange)
    exchange.begin_decided(decision, known)


def _failure(route: ExpressRoute, error: BaseException) -> tuple[Response | None, BaseException | None]:
    return (route.failure(error), None) if isinstance(error, Exception) else (None, error)
