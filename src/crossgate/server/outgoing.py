"""One response on its way to the client: its head, how its body is framed, and its end.

Writes what it is given; does not know how a response comes about, sockets, or what a head consists of.
"""

from typing import Protocol

from crossgate.cors import Decision
from crossgate.flow.body import Body
from crossgate.http.failure import reason_of_break
from crossgate.http.message import Response
from crossgate.http.printable import printable
from crossgate.http.reason import CLOSED, UPSTREAM_MALFORMED, Reason
from crossgate.server.application import CLIENT_GONE, Route
from crossgate.server.context import ServerContext
from crossgate.server.incoming import Incoming
from crossgate.server.response_head import BODILESS, id_line

# Bodies up to this many bytes go out in one write with their head; copying larger ones costs more than it saves.
_JOINED_BYTES = 65_536
# What is left of a request's body is read and dropped for the sake of the connection if it is no more than this.
_DRAIN_BYTES = 65_536


class Downstream(Protocol):
    """The client's connection, as an exchange sees it."""

    def write(self, data: bytes, /) -> None:
        """Bytes of the response. Dropped once the connection is closing."""

    def write_piece(self, data: bytes, /) -> None:
        """The same for a response in pieces: the next has to come in time."""

    def pause_reading(self) -> None:
        """Take no more of the request for now."""

    def resume_reading(self) -> None:
        """Go on reading."""

    def may_keep_alive(self) -> bool:
        """Whether another request may follow this one."""

    def break_off(self) -> None:
        """End the connection so that the client cannot take it for a proper end."""

    def exchange_ended(self, keep_alive: bool, request_whole: bool, now_seconds: float, /) -> None:
        """The exchange is over, at that time: whether another may follow, and whether the request was read."""


class Outgoing:
    """The side of an exchange that faces the client. Ends by calling its connection's `exchange_ended`."""

    # No slots: what most exchanges never change stays with the class, which makes them cheaper to begin.
    _decision: Decision | None = None
    _route: Route | None = None
    _body: Body | None = None
    _body_bytes = 0
    _chunked = False
    _continue_due = False
    _left: int | None = None
    _keep_alive = False
    _is_cut_off = False
    _status = 0
    head_sent = False
    ended = False

    def __init__(self, connection: Downstream, incoming: Incoming, context: ServerContext) -> None:
        self._connection = connection
        self._incoming = incoming
        self._context = context
        self._began_seconds = incoming.came_seconds or context.now()

    def _respond(self, response: Response, *, keep_alive: bool | None = None) -> None:
        """Write the head, and the body or the beginning of its stream."""
        request = self._incoming
        status = self._status = response.status
        if not 200 <= status <= 999:
            raise ValueError(f"{status} is no final status")
        self._keep_alive = keeps = self._may_keep_alive() if keep_alive is None else keep_alive
        body = response.body
        if isinstance(body, bytes):
            size = len(body)
            if size == response.framed_bytes and status not in BODILESS:
                framing = b""  # its backend's Content-Length is among its lines, and right
            else:
                response.unframe()
                framing = b"" if status in BODILESS else b"\r\nContent-Length: %d" % size
        else:
            if response.framed_bytes != body.length_bytes or status in BODILESS:
                response.unframe()
            framing = self._frame_stream(body, is_framed=response.framed_bytes is not None)
            keeps = self._keep_alive
        if not keeps:
            framing += b"\r\nConnection: close"
        elif request.version == b"1.0":
            framing += b"\r\nConnection: keep-alive"
        route = self._route
        upstream = route.upstream_mode if route is not None and response.from_backend else "strip"
        if request.track is not None:
            framing += id_line(request.track, response)
        if response.reason is not None:
            request.reason = response.reason
        elif status >= 400 and not response.from_backend:
            self._context.tell_unexplained(request, status)
        if request.reason is not None:
            framing += self._context.reason_line(request, request.reason)
        head = self._context.heads.render(response, framing, self._decision, upstream)
        self.head_sent = True
        connection = self._connection
        if status in BODILESS or request.method == b"HEAD":
            if isinstance(body, Body):
                body.abandon()
            connection.write(head)
        elif isinstance(body, Body):
            self._body = body
            connection.write(head)
            body.stream_to(self)
            return
        else:
            self._body_bytes = len(body)
            if len(body) <= _JOINED_BYTES:
                connection.write(head + body)
            else:
                connection.write(head)
                connection.write(body)
        self._end()

    def _frame_stream(self, body: Body, *, is_framed: bool) -> bytes:
        """How a body that comes in pieces is framed (RFC 9112 section 6.3), if its length is not said already."""
        if self._status in BODILESS:
            return b""
        request = self._incoming
        self._left = body.length_bytes
        if body.length_bytes is not None:
            return b"" if is_framed else b"\r\nContent-Length: %d" % body.length_bytes
        if request.method == b"HEAD":
            return b""
        if request.version == b"1.1":
            self._chunked = True
            return b"\r\nTransfer-Encoding: chunked"
        self._keep_alive = False
        return b""

    def _may_keep_alive(self) -> bool:
        incoming = self._incoming
        if not (incoming.keep_alive and self._connection.may_keep_alive()):
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
                self._break_off(UPSTREAM_MALFORMED)
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
            self._break_off(CLOSED)
            return
        if self._chunked:
            self._connection.write(b"0\r\n\r\n")
        self._body = None
        self._end()

    def fail(self, error: Exception) -> None:
        """The response breaks off: the client must not take it for whole."""
        if not self.ended:
            self._context.log.warning("response to %s broke off: %s", printable(self._incoming.path), error)
            self._break_off(reason_of_break(error))

    def pause(self) -> None:
        """The client is slower than the response."""
        if self._body is not None:
            self._body.pause()

    def resume(self) -> None:
        """The client has caught up."""
        if self._body is not None:
            self._body.resume()

    # -- the end

    def is_cut_off_for(self, reason: Reason) -> None:
        """The connection is about to be ended by us, whatever is under way."""
        if not self.ended:
            self._is_cut_off = True
            self._incoming.reason = reason

    def _break_off(self, reason: Reason) -> None:
        self._incoming.reason = reason
        body, self._body = self._body, None
        if body is not None:
            body.abandon()
        self._connection.break_off()
        self._keep_alive = False
        self._end()

    def _end(self, *, gone: bool = False) -> None:
        if self.ended:
            return
        self.ended = True
        incoming = self._incoming
        incoming.limit = None
        if not incoming.whole or incoming.stream is not None:
            incoming.let_go()
        now_seconds = self._context.now()
        status = CLIENT_GONE if gone and not self.head_sent else self._status
        self._context.tell_finished(
            incoming, self._route, self._decision, status, self._body_bytes, now_seconds - self._began_seconds
        )
        self._connection.exchange_ended(self._keep_alive, incoming.whole, now_seconds)
