"""The express lane: plain requests answered without a fiber, a task or any object per stage.

What it answers are preflights, and requests whose route has an ExpressRoute while a connection to the backend is idle.
Everything else, and whatever turns out not to be plain on the way, takes the ordinary way, from which a client must not
be able to tell this one apart. Does not know sockets, routes' stages or how CORS decides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossgate.cors import CorsPolicy, Decision
from crossgate.flow.fiber import Signal
from crossgate.flow.timers import Deadline, DeadlineExceededError, Timers
from crossgate.http.message import Response, UpstreamResponse
from crossgate.pipeline.express import ExpressRoute
from crossgate.pipeline.gateway_pipe import GatewayPipe
from crossgate.server.exchange import Exchange
from crossgate.server.incoming import WHOLE
from crossgate.server.plain_request import Known, PlainHead, PlainRequest, PlainRequests
from crossgate.server.response_head import STATUS_LINES
from crossgate.transport.client import Client
from crossgate.transport.connection import StaleConnectionError, UpstreamConnection
from crossgate.transport.plain_response import PlainResponses, without_length

if TYPE_CHECKING:
    from crossgate.server.connection import Connection

_BODILESS = (204, 304)
_REDIRECTS = (301, 302, 303, 307, 308)
# What a plain answer may have: a body is allowed, and it does not lead elsewhere.
PLAIN_STATUSES = frozenset(STATUS_LINES) - set(range(200)) - {*_BODILESS, *_REDIRECTS}
_REPLAYABLE = frozenset((b"GET", b"HEAD", b"OPTIONS", b"TRACE"))
# What is left of an endpoint's time is rounded up to this, so that lengths of time stay few.
_GRAIN_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Lane:
    """What the lane needs of the gateway. `policy` is the one that holds for all requests, None where CORS is off.

    `count` takes note of a decision, `is_logged` says that the application's `finish` does something. `requests` and
    `responses` read what is plain.
    """

    pipe: GatewayPipe
    client: Client
    timers: Timers
    policy: CorsPolicy | None
    count: Callable[[Decision], None]
    is_logged: bool
    requests: PlainRequests
    responses: PlainResponses


def begin_plain(connection: "Connection", head: PlainHead, data: bytes, lane: Lane) -> None:
    """Begin with a plain request, whose bytes are `data`; a preflight is answered at once."""
    method = head[0]
    known = head[3]
    policy = lane.policy
    decision = None
    if policy is not None:
        if method == b"OPTIONS":
            decision = policy.decide_options(list(known.items()))
        else:
            decision = policy.decide_actual(method, known.get(b"origin"))
        lane.count(decision)
        status = decision.preflight_status
        if status is not None and not lane.is_logged:
            server = connection.server
            length = b"\r\n" if status in _BODILESS else b"\r\nContent-Length: 0\r\n"
            start = STATUS_LINES.get(status) or b"HTTP/1.1 %d " % status
            connection.write(b"".join((start, server.heads.date_line, length, decision.edits.block, b"\r\n")))
            connection.plain_ended(server.now())
            return
    exchange = ExpressExchange(connection, PlainRequest(head, data, connection.peer_host), decision, lane)
    connection.exchange_begins(exchange)
    exchange.begin_decided(known)


class ExpressExchange(Exchange):
    """An exchange that tries the lane first.

    It is what its upstream connection calls back (Call), and its own entry in the list of deadlines (Deadline).
    """

    _incoming = WHOLE
    _route: ExpressRoute | None = None
    _upstream: UpstreamConnection | None = None
    _values: list[bytes]
    _queue: dict[Deadline, None]
    at_seconds: float

    def __init__(self, connection: "Connection", request: PlainRequest, decision: Decision | None, lane: Lane) -> None:
        self._connection = connection
        self._request = request
        self._decision = decision
        self._lane = lane
        self._server = server = connection.server
        self._began_seconds = server.now()
        self.plain = lane.responses

    def begin_decided(self, known: Known) -> None:
        """Send the call, or go the ordinary way. `known` are the fields that matter."""
        request = self._request
        decision = self._decision
        pipe = self._lane.pipe
        try:
            if decision is not None and decision.preflight_status is not None:
                self._respond(Response(decision.preflight_status))
                return
            match = pipe.find(request)
            if match is None:
                response = self._step_once(pipe.respond(request))
            else:
                route, values = match
                express = route.express
                if express is not None and request.method != b"HEAD" and self._send(express, known, values):
                    return
                response = self._step_once(route.handler(request, values))
            if response is not None:
                self._respond(response)
        except BaseException as error:  # noqa: BLE001 # whatever it is must not reach the client, nor stop the server
            self._broken(error)

    def _send(self, route: ExpressRoute, known: Known, values: list[bytes]) -> bool:
        """Whether the call is on its way."""
        lane = self._lane
        request = self._request
        pool = lane.client.pool(route.key)
        if pool is None:
            return False
        call = route.call(request, values)
        if call is None:
            return False
        head = route.head(call, request, known, pool.after_target)
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
        """A plain answer."""
        route = self._route
        server = self._server
        if route is None or server.draining or (route.finish is not None and status not in (200, 201)):
            self._continue(UpstreamResponse(status, body=body, lines=without_length(lines)))
            return
        self._upstream = None
        del self._queue[self]
        if route.finish is not None:
            upstream = UpstreamResponse(status, body=body, lines=lines)
            self._answered(route.finish(self._request, upstream, body), None)
            return
        decision = self._decision
        self.ended = True
        self._connection.write(
            b"".join(
                (
                    STATUS_LINES[status],
                    route.heading_lines,
                    lines,
                    b"\r\n" if has_date else server.heads.date_line + b"\r\n",
                    b"" if decision is None else decision.edits.block,
                    b"\r\n",
                    body,
                )
            )
        )
        now_seconds = server.now()
        if self._lane.is_logged:
            self._tell_finished(status, now_seconds)
        self._connection.plain_ended(now_seconds)

    def take_settled(self, answer: Signal[UpstreamResponse]) -> None:
        """Any other answer, with which the ordinary way goes on, or none."""
        route = self._route
        if route is None or self.ended:
            return
        try:
            upstream = answer.result()
        except Exception as error:  # noqa: BLE001 # every failure has an answer
            if isinstance(error, StaleConnectionError) and self._request.method in _REPLAYABLE:
                self._continue(None)
            else:
                self._give_up(route, error)
        else:
            self._continue(upstream)

    def expire(self) -> None:
        """The endpoint's time is over."""
        if self._upstream is not None:
            self._upstream.abort()
        if self._route is not None and not self.ended:
            self._give_up(self._route, DeadlineExceededError())

    def _give_up(self, route: ExpressRoute, error: Exception) -> None:
        self._leave()
        self._answered(route.failure(error), None)

    def _continue(self, upstream: UpstreamResponse | None) -> None:
        route = self._route
        self._leave()
        if route is None or self.ended:
            return
        left = self.at_seconds - self._server.now()
        left_seconds = _GRAIN_SECONDS * max(1, -(-left // _GRAIN_SECONDS))
        try:
            response = self._step_once(route.continue_with(self._request, self._values, upstream, left_seconds))
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
