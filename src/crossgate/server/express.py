"""The express lane: plain requests answered without a fiber, a task or any object per stage.

What it answers are preflights, and requests whose route has an ExpressRoute while a connection to the backend is idle.
Everything else, and whatever turns out not to be plain on the way, takes the ordinary way, from which a client must not
be able to tell this one apart. Does not know sockets, routes' stages or how CORS decides.
"""

from typing import TYPE_CHECKING

from crossgate.cors import Decision
from crossgate.flow.fiber import Signal
from crossgate.flow.timers import DeadlineExceededError
from crossgate.http.message import Response, UpstreamResponse
from crossgate.pipeline.express import ExpressMerge, ExpressRoute
from crossgate.pipeline.gateway_pipe import Route
from crossgate.pipeline.router import Match
from crossgate.server.exchange import Exchange
from crossgate.server.incoming import WHOLE
from crossgate.server.lane import Lane
from crossgate.server.merge_calls import MergeCalls
from crossgate.server.plain_request import PlainHead, PlainRequest
from crossgate.server.response_head import BODILESS, STATUS_LINES
from crossgate.transport.connection import UpstreamConnection
from crossgate.transport.plain_response import without_length

if TYPE_CHECKING:
    from crossgate.server.connection import Connection

# What is left of an endpoint's time is rounded up to this, so that lengths of time stay few.
_GRAIN_SECONDS = 0.1


def begin_plain(connection: "Connection", head: PlainHead, data: bytes, lane: Lane) -> None:
    """Begin with a plain request, whose bytes are `data`; a preflight is answered at once."""
    method, path, _, known = head
    pipe = lane.pipe
    decision = None
    if method == b"OPTIONS":
        asked = known.get(b"access-control-request-method") if b"origin" in known else None
        policy = pipe.policy_of(method if asked is None else asked, path)
        if policy is not None:
            decision = policy.decide_options_by_name(known)
            lane.count(decision)
            status = decision.preflight_status
            if status is not None:
                server = connection.server
                began_seconds = server.now()
                length = b"\r\n" if status in BODILESS else b"\r\nContent-Length: 0\r\n"
                start = STATUS_LINES.get(status) or b"HTTP/1.1 %d " % status
                connection.write(b"".join((start, server.heads.date_line, length, decision.edits.block, b"\r\n")))
                if lane.is_logged:
                    request = PlainRequest(head, data, connection.peer_host)
                    server.tell_finished(request, decision, status, 0, server.now() - began_seconds)
                connection.plain_ended(began_seconds)
                return
    match = pipe.find(method, path)
    if method != b"OPTIONS":
        policy = pipe.policy_of(method, path) if match is None else match[0].policy or lane.policy
        if policy is not None:
            decision = policy.decide_actual(method, known.get(b"origin"))
            lane.count(decision)
    ExpressExchange(connection, head, data, decision, lane).begin_plain(match)


class ExpressExchange(Exchange):
    """An exchange that tries the lane first.

    It is what its upstream connection calls back (Call), and its own entry in the list of deadlines (Deadline).
    """

    _incoming = WHOLE
    _request: PlainRequest | None = None
    _route: ExpressRoute | None = None
    _upstream: UpstreamConnection | None = None
    _merge: MergeCalls | None = None
    _values: list[bytes]
    at_seconds: float

    def __init__(
        self, connection: "Connection", head: PlainHead, data: bytes, decision: Decision | None, lane: Lane
    ) -> None:
        self._connection = connection
        self._head = head
        self._data = data
        self._decision = decision
        self._lane = lane
        self._server = server = connection.server
        self._began_seconds = server.now()
        self.plain = lane.responses
        connection.exchange = self

    @property
    def request(self) -> PlainRequest:
        """The request, made when it is first asked for: most are answered without."""
        if self._request is None:
            self._request = PlainRequest(self._head, self._data, self._connection.peer_host)
        return self._request

    def begin_plain(self, match: Match[Route] | None) -> None:
        """Send the calls of the route, or go the ordinary way."""
        try:
            if match is None:
                response = self._step_once(self._lane.pipe.respond(self.request))
            else:
                route, values = match
                express = route.express
                if express is not None and self._head[0] != b"HEAD" and self._send(express, values):
                    return
                response = self._step_once(route.handler(self.request, values))
            if response is not None:
                self._respond(response)
        except BaseException as error:  # noqa: BLE001 # whatever it is must not reach the client, nor stop the server
            self._broken(error)

    def _send(self, route: ExpressRoute | ExpressMerge, values: list[bytes]) -> bool:
        """Whether the calls are on their way."""
        lane = self._lane
        _, _, query, known = self._head
        asked = query, known, self._connection.peer_host
        if isinstance(route, ExpressMerge):
            merge = MergeCalls(self, route, values, lane)
            if not merge.send(asked, self._began_seconds):
                return False
            self._merge = merge
            return True
        prepared = lane.prepare(route.call, asked, values)
        if prepared is None:
            return False
        upstream, head, call = prepared
        self._route = route
        self._values = values
        self._upstream = upstream
        self.at_seconds = self._began_seconds + route.seconds
        route.deadlines[self] = None
        upstream.call(head, call, self)
        return True

    # -- the answer, as upstream connections give it

    def take(self, status: int, lines: bytes, body: bytes, has_date: bool) -> None:
        """A plain answer."""
        route = self._route
        if route is None:
            return
        if route.finish is None:
            self._upstream = None
            del route.deadlines[self]
            self._write(status, route.heading_lines + lines, body, has_date)
        elif status != 200 and status != 201:
            self._continue(UpstreamResponse(status, body=body, lines=without_length(lines)))
        else:
            self._leave()
            try:
                accept = self.request.first(b"accept") if route.negotiates else None
                rendered = route.finish(accept, lines, body)
            except Exception as error:  # noqa: BLE001 # every failure has an answer
                self._answered(route.failure(error), None)
            else:
                self.write_rendered(*rendered)

    def write_rendered(self, lines: bytes, body: bytes) -> None:
        """A response that was made of data."""
        self._merge = None
        self._write(200, b"%b\r\nContent-Length: %d" % (lines, len(body)), body, False)

    def write_failure(self, response: Response) -> None:
        """A response that says what failed."""
        self._merge = None
        self._answered(response, None)

    def _write(self, status: int, lines: bytes, body: bytes, has_date: bool) -> None:
        """A response whose lines have nothing to do with CORS, and are complete but perhaps for Date."""
        server = self._server
        if server.draining:
            self._answered(Response(status, [], body, lines=without_length(lines)), None)
            return
        decision = self._decision
        self.ended = True
        self._connection.write(
            b"".join(
                (
                    STATUS_LINES[status],
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
            server.tell_finished(self.request, decision, status, len(body), now_seconds - self._began_seconds)
        self._connection.plain_ended(now_seconds)

    def take_settled(self, answer: Signal[UpstreamResponse]) -> None:
        """Any other answer, with which the ordinary way goes on, or none."""
        route = self._route
        if route is None or self.ended:
            return
        try:
            upstream = answer.result()
        except Exception as error:  # noqa: BLE001 # every failure has an answer
            if self._lane.calls_again(route.call, error):
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
            response = self._step_once(route.continue_with(self.request, self._values, upstream, left_seconds))
        except BaseException as error:  # noqa: BLE001 # see begin
            self._broken(error)
        else:
            if response is not None:
                self._answered(response, None)

    def _leave(self) -> None:
        """The lane is left: what follows is ordinary."""
        if self._upstream is not None and self._route is not None:
            self._upstream = None
            self._route.deadlines.pop(self, None)

    def _drop_fiber(self) -> None:
        merge, self._merge = self._merge, None
        if merge is not None:
            merge.abort()
        upstream = self._upstream
        self._leave()
        if upstream is not None:
            upstream.abort()
        super()._drop_fiber()
