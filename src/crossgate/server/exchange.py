"""One request and its response on a client connection.

Decides nothing about either: asks the application, frames what it answers, and keeps the order of events right. Does
not know sockets; its connection does.
"""

import secrets
from typing import TYPE_CHECKING

from crossgate.cors import Decision
from crossgate.flow.body import Body
from crossgate.flow.fiber import Fiber
from crossgate.http.message import Response
from crossgate.server.application import CLIENT_GONE
from crossgate.server.fault import Fault
from crossgate.server.request_parser import Incoming

if TYPE_CHECKING:
    from crossgate.server.connection import Connection

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
# Bodies up to this many bytes go out in one write with their head; copying larger ones costs more than it saves.
_JOINED_BYTES = 65_536
# What is left of a request's body is read and dropped for the sake of the connection if it is no more than this.
_DRAIN_BYTES = 65_536
_BODILESS = (204, 304)


class ClientGoneError(Exception):
    """The client went away while its request's body was on the way. `str()` is Go's text."""

    def __init__(self) -> None:
        super().__init__("unexpected EOF")


class Exchange:
    """From a request's head to the last byte of its response. Ends by calling its connection's `exchange_ended`."""

    __slots__ = (
        "_began_seconds",
        "_body",
        "_body_bytes",
        "_chunked",
        "_connection",
        "_continue_due",
        "_decision",
        "_fiber",
        "_incoming",
        "_keep_alive",
        "_left",
        "_status",
        "ended",
        "head_sent",
    )

    def __init__(self, connection: "Connection", incoming: Incoming) -> None:
        self._connection = connection
        self._incoming = incoming
        self._began_seconds = connection.server.now()
        self._decision: Decision | None = None
        self._fiber: Fiber[Response] | None = None
        self._body: Body | None = None
        self._body_bytes = 0
        self._chunked = False
        self._continue_due = False
        self._left: int | None = None
        self._keep_alive = False
        self._status = 0
        self.head_sent = False
        self.ended = False

    # -- the request

    def begin(self) -> None:
        """Answer, or have the application answer."""
        incoming = self._incoming
        request = incoming.request
        application = self._connection.server.application
        try:
            decision = self._decision = application.decide(request)
            if incoming.fault is not None:
                self._refuse(incoming.fault)
                return
            if decision is not None and decision.preflight_status is not None:
                self._respond(Response(decision.preflight_status))
                return
            if incoming.whole:
                if incoming.pieces:
                    request.body = incoming.take_body()
            else:
                request.body = self._receive_body()
            if request.path == b"*":
                self._respond(Response(200))  # OPTIONS * is about the server (Go's globalOptionsHandler)
                return
            fiber = self._fiber = Fiber(application.respond(request)).start()
        except Exception as error:  # noqa: BLE001 # whatever it is must not reach the client, nor stop the server
            self._broken(error)
            return
        fiber.done.wait_with(self._answered)
        if incoming.pieces:
            incoming.deliver()

    def _receive_body(self) -> Body:
        incoming = self._incoming
        connection = self._connection
        self._continue_due = incoming.expects_continue and not incoming.pieces
        body = incoming.body = Body(
            length_bytes=incoming.length_bytes,
            on_pause=connection.pause_reading,
            on_resume=self._resume_request,
            on_abandon=self._abandon_request,
        )
        return body

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
            self._refuse(reason)

    def cancel(self) -> None:
        """The client is gone: nobody wants the response."""
        if self.ended:
            return
        self._drop_fiber()
        if self.head_sent:
            self._connection.break_off()
        self._end(keep_alive=False, gone=True)

    def _drop_fiber(self) -> None:
        body = self._incoming.body
        fiber, self._fiber = self._fiber, None
        if fiber is not None:
            fiber.done.wait_with(None)
            fiber.cancel()
        if body is not None:
            self._incoming.body = None
            body.fail(ClientGoneError())
        response_body, self._body = self._body, None
        if response_body is not None:
            response_body.abandon()

    # -- the response

    def _answered(self) -> None:
        fiber, self._fiber = self._fiber, None
        if fiber is None:
            return
        try:
            response = fiber.done.result()
        except BaseException as error:  # noqa: BLE001 # a fiber cancelled from within is no reason to leave a client waiting
            self._broken(error)
            return
        try:
            self._respond(response)
        except Exception as error:  # noqa: BLE001 # a response that cannot be written is a fault of ours
            self._broken(error)

    def _broken(self, error: BaseException) -> None:
        """A fault of ours: the client sees a bare 500 and an id, the log the rest."""
        error_id = secrets.token_hex(8)
        request = self._incoming.request
        self._connection.server.log.error(
            "error %s: %s %s failed",
            error_id,
            request.method.decode("latin-1"),
            request.path.decode("latin-1"),
            exc_info=error,
        )
        self._drop_fiber()
        if self.head_sent:
            self._break_off()
        else:
            self._refuse(Fault(500, f"error id {error_id}"), keep_alive=self._may_keep_alive())

    def _refuse(self, reason: Fault, *, keep_alive: bool = False) -> None:
        self._respond(reason.response(), keep_alive=keep_alive)

    def _respond(self, response: Response, *, keep_alive: bool | None = None) -> None:
        connection = self._connection
        request = self._incoming.request
        status = response.status
        if not 200 <= status <= 999:
            raise ValueError(f"{status} is no final status")
        keep = self._keep_alive = self._may_keep_alive() if keep_alive is None else keep_alive
        body = response.body
        sent: bytes | Body = body
        if status in _BODILESS:
            framing, sent = b"", b""
        elif isinstance(body, bytes):
            framing = b"\r\nContent-Length: %d" % len(body)
        elif body.length_bytes is not None:
            self._left = body.length_bytes
            framing = b"\r\nContent-Length: %d" % body.length_bytes
        elif request.version == b"1.1":
            self._chunked = True
            framing = b"\r\nTransfer-Encoding: chunked"
        else:
            keep = self._keep_alive = False
            framing = b""
        if request.method == b"HEAD":
            sent = b""
            if isinstance(body, Body) and body.length_bytes is None:
                framing = b""
        if not keep:
            framing += b"\r\nConnection: close"
        elif request.version == b"1.0":
            framing += b"\r\nConnection: keep-alive"
        server = connection.server
        upstream = server.application.upstream_mode(request) if response.from_backend else "strip"
        head = server.heads.render(response, framing, self._decision, upstream)
        self.head_sent = True
        self._status = status
        if isinstance(sent, Body):
            connection.write(head)
            self._body = sent
            sent.stream_to(self)
            return
        if isinstance(body, Body):
            body.abandon()
        self._body_bytes = len(sent)
        if len(sent) <= _JOINED_BYTES:
            connection.write(head + sent if sent else head)
        else:
            connection.write(head)
            connection.write(sent)
        self._end(keep_alive=keep)

    def _may_keep_alive(self) -> bool:
        incoming = self._incoming
        if not incoming.keep_alive or not self._connection.may_keep_alive():
            return False
        if incoming.whole:
            return True
        # The rest of the body has to be read before the next request: only if it is short, and certain to come.
        return incoming.length_bytes is not None and incoming.length_bytes <= _DRAIN_BYTES and not self._continue_due

    # -- the response's body, as its sink

    def feed(self, data: bytes) -> None:
        """One piece."""
        if self.ended or not data:
            return
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                self._break_off()
                return
        self._body_bytes += len(data)
        if self._chunked:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        self._connection.write_piece(data)

    def end(self) -> None:
        """The response is whole."""
        if self.ended:
            return
        if self._left:
            self._break_off()
            return
        if self._chunked:
            self._connection.write(b"0\r\n\r\n")
        self._body = None
        self._end(keep_alive=self._keep_alive)

    def fail(self, error: Exception) -> None:
        """The response breaks off: the client must not take it for whole."""
        if not self.ended:
            self._connection.server.log.warning("response to %r broke off: %s", self._incoming.request.path, error)
            self._break_off()

    def pause(self) -> None:
        """The client is slower than the response."""
        if self._body is not None:
            self._body.pause()

    def resume(self) -> None:
        """The client has caught up."""
        if self._body is not None:
            self._body.resume()

    # -- the end

    def _break_off(self) -> None:
        body, self._body = self._body, None
        if body is not None:
            body.abandon()
        self._connection.break_off()
        self._end(keep_alive=False)

    def _end(self, *, keep_alive: bool, gone: bool = False) -> None:
        if self.ended:
            return
        self.ended = True
        incoming = self._incoming
        request_body, incoming.body = incoming.body, None
        incoming.discard = True
        if request_body is not None:
            request_body.abandon()
        incoming.pieces.clear()
        server = self._connection.server
        status = CLIENT_GONE if gone and not self.head_sent else self._status
        try:
            server.application.finish(
                incoming.request, self._decision, status, self._body_bytes, server.now() - self._began_seconds
            )
        except Exception:  # an access log that fails must not take the connection with it
            server.log.exception("finishing a request failed")
        self._connection.exchange_ended(keep_alive=keep_alive, request_whole=incoming.whole)
