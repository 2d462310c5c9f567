"""What happens to a request, from its head to the last byte of its response: `Exchange.begin` is the way of every one.

1. The route: an endpoint's, or that of an answer where there is none.
2. The CORS decision. A refused request and a preflight are answered here.
3. The route's gates and its stages, as one coroutine. What never waits costs one step of it; what waits goes on inside
   the callback that brings what it waited for.
4. The response's head, written in one place with its CORS fields, and the body behind it, whole or piece by piece.

Decides nothing of this itself: asks the application, frames what it answers, and keeps the order of events right. Does
not know sockets; its connection does.
"""

import secrets
from typing import Any

from crossgate.flow.body import Body
from crossgate.flow.fiber import CallbackFiber, Flow, Signal
from crossgate.flow.timers import Deadline, DeadlineExceededError
from crossgate.http.message import Response
from crossgate.http.printable import printable
from crossgate.http.reason import BODY_BROKEN, FAILED, UPSTREAM_TIMEOUT
from crossgate.server.fault import Fault
from crossgate.server.incoming import Incoming
from crossgate.server.outgoing import Outgoing

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class ClientGoneError(Exception):
    """The client went away while its request's body was on the way. `str()` is Go's text."""

    def __init__(self) -> None:
        super().__init__("unexpected EOF")


class Exchange(Outgoing):
    """From a request's head to the last byte of its response.

    It is the fiber of what answers the request (flow/fiber.py), and its deadline, once that has set itself one.
    """

    _coroutine: Flow[Response] | None = None  # waits for that
    _waiting_for: Signal[Any] | None = None
    _deadlines: dict[Deadline, None] | None = None  # among them, while it is one
    at_seconds = 0.0

    # -- the request

    def begin(self) -> None:
        """Answer, or have the application answer."""
        request = self._incoming
        application = self._context.application
        try:
            route = self._route = application.route(request)
            decision = self._decision = application.decide(request, route)
            if request.fault is not None:
                self._respond(request.fault.response(), keep_alive=False)
                return
            if decision is not None and decision.preflight_status is not None:
                self._respond(Response(decision.preflight_status))
                return
            if not request.whole:
                self._receive_body(request)
            if request.path == b"*":
                self._respond(Response(200))  # OPTIONS * is about the server (Go's globalOptionsHandler)
                return
            request.limit = self.limit
            self._step(route.respond(request), None)
        except BaseException as error:  # noqa: BLE001 # whatever it is must not reach the client, nor stop the server
            self._broken(error)
        else:
            if request.stream is not None:
                request.deliver()

    # -- what answers it

    def _step(self, coroutine: Flow[Response], error: BaseException | None) -> None:
        """Have it run to its next wait, or answer what it came to. Raises what it raises."""
        try:
            signal = coroutine.send(None) if error is None else coroutine.throw(error)
            while signal.settled:
                signal = coroutine.send(None)
        except StopIteration as end:
            if self._deadlines is not None:
                self._deadlines.pop(self, None)
            self._respond(end.value)
        else:
            self._coroutine = coroutine
            self._waiting_for = signal
            signal.wait_with(self._resume)
            if self.ended:
                self._abandon_answering()  # the end came while it ran

    def _resume(self, error: BaseException | None = None) -> None:
        """What it waited for is there, or has failed with that."""
        coroutine, self._coroutine = self._coroutine, None
        if coroutine is not None:
            try:
                self._step(coroutine, error)
            except BaseException as failure:  # noqa: BLE001 # see `begin`
                self._broken(failure)

    def limit(self, seconds: float) -> None:
        """Have DeadlineExceededError raised where it waits once so many seconds are over, at once where there are none.

        Once for a request, by what is to be over then.
        """
        if seconds <= 0:
            raise DeadlineExceededError
        deadlines = self._deadlines = self._context.timers.queue(seconds)
        self.at_seconds = self._context.now() + seconds
        deadlines[self] = None

    def expire(self) -> None:
        """See Deadline."""
        if self._deadlines is not None and self._deadlines.pop(self, self) is None and self._waiting_for is not None:
            self._waiting_for.wait_with(None)
            self._resume(DeadlineExceededError())

    def _abandon_answering(self) -> None:
        if self._deadlines is not None:
            self._deadlines.pop(self, None)
        coroutine, self._coroutine = self._coroutine, None
        if coroutine is not None and self._waiting_for is not None:
            CallbackFiber(coroutine, self._waiting_for, _hears_nothing).abandon()

    # -- the request's body, and its end before its time

    def _receive_body(self, request: Incoming) -> None:
        connection = self._connection
        self._continue_due = request.expects_continue and not request.pieces
        request.body = request.stream = Body(
            length_bytes=request.length_bytes,
            on_pause=connection.pause_reading,
            on_resume=self._resume_request,
            on_abandon=self._abandon_request,
        )

    def _resume_request(self) -> None:
        if self._continue_due and not self.ended:
            self._continue_due = False
            self._connection.write(_CONTINUE)
        self._connection.resume_reading()

    def _abandon_request(self) -> None:
        self._incoming.discard = True
        self._incoming.pieces.clear()
        self._connection.resume_reading()

    def spoil(self, reason: Fault) -> None:
        """The request's body turned out to be bad, or what is under way did not go on in time."""
        if self.ended:
            return
        self._let_go()
        if self.head_sent:
            self._break_off(UPSTREAM_TIMEOUT if self._incoming.whole else reason.reason)
        else:
            self._respond(reason.response(), keep_alive=False)

    def cancel(self) -> None:
        """The client is gone: nobody wants the response."""
        if self.ended:
            return
        if not self._incoming.whole and not self.head_sent and not self._is_cut_off:
            self._incoming.reason = BODY_BROKEN
        self._let_go()
        if self.head_sent:
            self._connection.break_off()
        self._keep_alive = False
        self._end(gone=True)

    def _let_go(self) -> None:
        incoming = self._incoming
        stream, incoming.stream = incoming.stream, None
        self._abandon_answering()
        if stream is not None:
            stream.fail(ClientGoneError())
        response_body, self._body = self._body, None
        if response_body is not None:
            response_body.abandon()

    def _broken(self, error: BaseException) -> None:
        """A fault of ours: the client sees a bare 500 and an id, the log the rest."""
        error_id = secrets.token_hex(8)
        request = self._incoming
        self._context.log.error(
            "error %s: %s %s failed",
            error_id,
            printable(request.method),
            printable(request.path),
            exc_info=error,
        )
        self._let_go()
        if self.head_sent:
            self._break_off(FAILED)
        else:
            self._respond(Fault(500, FAILED, f"error id {error_id}").response())


def _hears_nothing(_response: Response | None, _error: BaseException | None) -> None:
    """Nobody waits for what is abandoned."""
