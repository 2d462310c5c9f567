"""One connection to a backend: sends one request at a time and reads its response.

Knows sockets, framing and back-pressure. Does not know which requests there are, when to give up waiting, or who uses
the connection next: `on_idle` and `on_lost` tell its owner.
"""

import asyncio
from collections.abc import Callable, Generator
from typing import Any, cast

from crossgate.flow.body import Body
from crossgate.flow.fiber import Flow, Signal
from crossgate.http.failure import FailureKind, UpstreamError, failed_call
from crossgate.http.message import UpstreamRequest, UpstreamResponse
from crossgate.transport.request_body import RequestBodyWriter
from crossgate.transport.request_head import url_of
from crossgate.transport.response_head import MalformedResponseError, ResponseHead
from crossgate.transport.response_reader import ResponseReader
from crossgate.transport.whole_message import WholeMessages

SendAgain = Callable[[bytes, UpstreamRequest], Flow[UpstreamResponse]]
"""Sends a request whose head is rendered, on a new connection."""


class StaleConnectionError(UpstreamError):
    """A connection that had been idle ended before any byte of the answer came: the request may not have been seen."""


class Answer(Signal[UpstreamResponse]):
    """The answer of one exchange. Whoever stops waiting for it ends the exchange and its connection.

    `again` makes the call once more where it met a connection that had ended, None where it must not. `on_over` is told
    of its request when it is there, or nobody waits for it any more.
    """

    __slots__ = ("_again", "_head", "_request", "connection", "on_over")

    def __init__(
        self, connection: "UpstreamConnection", head: bytes, request: UpstreamRequest, again: SendAgain | None
    ) -> None:
        self.settled = False
        self._value = self._error = self._waiter = None
        self.connection = connection
        self._head = head
        self._request = request
        self._again = again
        self.on_over: Callable[[UpstreamRequest], object] | None = None

    def __await__(self) -> Generator[Signal[Any], None, UpstreamResponse]:
        if not self.settled:
            try:
                yield self
            except BaseException:
                self.connection.abort()
                if self.on_over is not None:
                    self.on_over(self._request)
                raise
        error = self._error
        if isinstance(error, StaleConnectionError) and self._again is not None:
            try:
                return (yield from self._again(self._head, self._request).__await__())
            finally:
                if self.on_over is not None:
                    self.on_over(self._request)
        if self.on_over is not None:
            self.on_over(self._request)
        if error is None:
            return self._value  # type: ignore[return-value] # settled without an error means the value is there
        raise error


class UpstreamConnection:
    """A connection to one backend host.

    `send` begins an exchange and returns the signal of its answer. The exchange is over, and the connection free for
    the next one, when both the request was sent and the response was read to its end.
    """

    __slots__ = (
        "_answer",
        "_body",
        "_on_idle",
        "_on_lost",
        "_reader",
        "_reading_paused",
        "_request",
        "_reused",
        "_transport",
        "_upload",
        "idle_since_seconds",
        "lost",
    )

    def __init__(
        self,
        messages: WholeMessages,
        on_idle: Callable[["UpstreamConnection"], None],
        on_lost: Callable[["UpstreamConnection"], None],
    ) -> None:
        """`messages` is shared by all connections: see `whole_responses`."""
        self._on_idle = on_idle
        self._on_lost = on_lost
        self._reader = ResponseReader(messages)
        self._transport: asyncio.Transport | None = None
        self._request: UpstreamRequest | None = None
        self._answer: Answer | None = None
        self._body: Body | None = None
        self._upload: RequestBodyWriter | None = None
        self._reused = False
        self._reading_paused = False
        self.idle_since_seconds = 0.0
        self.lost = False

    # -- for who has a request

    def send(self, head: bytes, request: UpstreamRequest, again: SendAgain | None = None) -> Answer:
        """Write a request whose head is rendered. The answer fails with UpstreamError."""
        answer = self._answer = Answer(self, head, request, again)
        self._request = request
        self._reader.expect(is_head_request=request.method == b"HEAD")
        transport: asyncio.Transport = self._transport  # type: ignore[assignment] # an idle connection has one
        body = request.body
        if not body:
            transport.write(head)
        elif isinstance(body, bytes):
            fixed = request.content_length is not None
            transport.write(head + body if fixed else b"%b%x\r\n%b\r\n0\r\n\r\n" % (head, len(body), body))
        else:
            transport.write(head)
            self._upload = RequestBodyWriter(self, body, request.content_length)
            body.stream_to(self._upload)
        return answer

    def abort(self) -> None:
        """Drop the exchange and the connection. The body of the response, if one is on its way, breaks off."""
        self._end_exchange()
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """End an idle connection."""
        self.lost = True
        if self._transport is not None:
            self._transport.close()

    # -- for the request's body

    def write(self, data: bytes) -> None:
        """More of the request."""
        transport = self._transport
        if transport is not None and not transport.is_closing():
            transport.write(data)

    def upload_ended(self) -> None:
        """The request is sent. The response may have been read before."""
        self._upload = None
        if self._request is not None and self._reader.complete:
            self._finish()

    def upload_failed(self, error: Exception) -> None:
        """The request's body broke off: what was sent of it is no request."""
        self._upload = None
        self._fail(error)

    # -- events of the socket

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Bytes of a response, or bytes that nobody asked for."""
        if self._request is None:
            self.close()
            return
        reader = self._reader
        try:
            reader.feed(data)
        except MalformedResponseError as error:
            self._fail(self._failure(FailureKind.MALFORMED, f"net/http: HTTP/1.x transport connection broken: {error}"))
            return
        if self._answer is not None and reader.head is not None:
            self._deliver_head(self._answer, reader.head)
        elif self._body is not None:
            self._deliver_body(self._body)

    def eof_received(self) -> bool:
        """The backend sends no more; `connection_lost` follows."""
        self.lost = True
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended, here or there."""
        self.lost = True
        self._transport = None
        if self._request is not None:
            reader = self._reader
            if exc is None and reader.until_close and self._body is not None:
                self._end_exchange(complete=True)
            elif self._body is not None:
                self._fail(self._failure(FailureKind.CLOSED, "unexpected EOF"))
            elif self._reused and not reader.started:
                self._fail(StaleConnectionError(FailureKind.CLOSED, str(self._closed_failure(exc))))
            else:
                self._fail(self._closed_failure(exc))
        self._on_lost(self)

    def pause_writing(self) -> None:
        """The backend takes the request slower than it comes."""
        if self._upload is not None:
            self._upload.pause()

    def resume_writing(self) -> None:
        """The backend has caught up."""
        if self._upload is not None:
            self._upload.resume()

    # -- the response

    def _deliver_head(self, answer: Answer, head: ResponseHead) -> None:
        reader = self._reader
        self._answer = None
        if reader.complete:
            if reader.pieces:
                head.body = reader.take_body()
            if head.length_bytes and not head.body:
                head.body = _announced(head.length_bytes)  # an answer to HEAD
            self._finish()
            answer.succeed(head)
            return
        body = self._body = Body(
            length_bytes=head.length_bytes, on_pause=self._pause, on_resume=self._resume, on_abandon=self.abort
        )
        head.body = body
        answer.succeed(head)
        if self._body is body:
            self._deliver_body(body)

    def _deliver_body(self, body: Body) -> None:
        reader = self._reader
        data = reader.take_body()
        if reader.complete:
            self._body = None
            if data:
                body.feed(data)
            self._finish()  # after the last piece: a slow taker holds reading, which the next exchange needs
            body.end()
        elif data:
            body.feed(data)

    def _finish(self) -> None:
        """The response is whole. A request still on its way is not awaited: its connection is of no more use."""
        if self._upload is not None or self._body is not None:
            self._reader.clean = self._reader.clean and self._upload is None
            self._end_exchange(complete=True)
        self._request = None
        if self._reader.clean and self._transport is not None and not self._transport.is_closing():
            if self._reading_paused:
                self._resume()
            self._reused = True
            self._on_idle(self)
        elif self._transport is not None:
            self._transport.close()

    def _fail(self, error: Exception) -> None:
        answer = self._answer
        self._end_exchange(error=error)
        if self._transport is not None:
            self._transport.abort()
        if answer is not None:
            answer.fail(error)

    def _end_exchange(self, *, complete: bool = False, error: Exception | None = None) -> None:
        self._request = self._answer = None
        body, self._body = self._body, None
        upload, self._upload = self._upload, None
        if upload is not None:
            upload.stop()
        if body is not None:
            if complete:
                body.end()
            else:
                body.fail(error or UpstreamError(FailureKind.CLOSED, "context canceled"))

    def _pause(self) -> None:
        if not self._reading_paused and self._transport is not None and not self._transport.is_closing():
            self._reading_paused = True
            self._transport.pause_reading()

    def _resume(self) -> None:
        if self._reading_paused and self._transport is not None and not self._transport.is_closing():
            self._reading_paused = False
            self._transport.resume_reading()

    def _closed_failure(self, exc: Exception | None) -> UpstreamError:
        cause = "EOF" if exc is None else f"read: {_reason(exc)}"
        if exc is None and self._reader.started:
            cause = "unexpected EOF"
        return self._failure(FailureKind.CLOSED, cause)

    def _failure(self, kind: FailureKind, cause: str) -> UpstreamError:
        request = cast("UpstreamRequest", self._request)
        return failed_call(kind, request.method, url_of(request), cause)


def _announced(length_bytes: int) -> Body:
    body = Body(length_bytes=length_bytes)
    body.end()
    return body


def _reason(error: Exception) -> str:
    if isinstance(error, ConnectionResetError):
        return "connection reset by peer"
    if isinstance(error, BrokenPipeError):
        return "broken pipe"
    return (getattr(error, "strerror", None) or str(error)).lower()
