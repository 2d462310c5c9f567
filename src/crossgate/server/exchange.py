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

from crossgate.flow.body import Body
from crossgate.flow.fiber import CallbackFiber
from crossgate.http.message import Response
from crossgate.http.printable import printable
from crossgate.server.fault import Fault
from crossgate.server.incoming import Incoming
from crossgate.server.outgoing import Outgoing

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class ClientGoneError(Exception):
    """The client went away while its request's body was on the way. `str()` is Go's text."""

    def __init__(self) -> None:
        super().__init__("unexpected EOF")


class Exchange(Outgoing):
    """From a request's head to the last byte of its response."""

    _fiber: CallbackFiber[Response] | None = None

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
            coroutine = route.respond(request)
            try:
                signal = coroutine.send(None)
            except StopIteration as end:
                self._respond(end.value)
            else:
                self._fiber = CallbackFiber(coroutine, signal, self._answered)
        except BaseException as error:  # noqa: BLE001 # whatever it is must not reach the client, nor stop the server
            self._broken(error)
        else:
            if request.stream is not None:
                request.deliver()

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
        """The request's body turned out to be bad, or did not come in time."""
        if self.ended:
            return
        self._drop_fiber()
        if self.head_sent:
            self._break_off()
        else:
            self._respond(reason.response(), keep_alive=False)

    def cancel(self) -> None:
        """The client is gone: nobody wants the response."""
        if self.ended:
            return
        self._drop_fiber()
        if self.head_sent:
            self._connection.break_off()
        self._keep_alive = False
        self._end(gone=True)

    def _drop_fiber(self) -> None:
        incoming = self._incoming
        stream, incoming.stream = incoming.stream, None
        fiber, self._fiber = self._fiber, None
        if fiber is not None:
            fiber.abandon()
        if stream is not None:
            stream.fail(ClientGoneError())
        response_body, self._body = self._body, None
        if response_body is not None:
            response_body.abandon()

    # -- the response

    def _answered(self, response: Response | None, error: BaseException | None) -> None:
        self._fiber = None
        if error is None:
            try:
                self._respond(response)  # type: ignore[arg-type] # there is one where there is no error
            except Exception as fault_of_ours:  # noqa: BLE001 # a response that cannot be written
                self._broken(fault_of_ours)
        else:
            self._broken(error)

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
        self._drop_fiber()
        if self.head_sent:
            self._break_off()
        else:
            self._respond(Fault(500, f"error id {error_id}").response())
