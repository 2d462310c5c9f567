"""The calls of a merge on the express lane: all sent at once, their answers merged as they arrive.

Each call that does not get a plain answer goes on by itself on the ordinary way of its backend; merge.py, in the
pipeline, is the reference for all of them together. Does not know the client.
"""

from typing import Protocol

from crossgate.flow.fiber import Fiber, Signal
from crossgate.flow.timers import DeadlineExceededError
from crossgate.http.message import Request, Response, UpstreamRequest, UpstreamResponse
from crossgate.pipeline.accumulate import Accumulator
from crossgate.pipeline.express import Asked, ExpressMerge, ExpressPart
from crossgate.pipeline.proxy import ProxyResponse
from crossgate.server.lane import Lane
from crossgate.transport.connection import UpstreamConnection
from crossgate.transport.plain_response import without_length


class Merged(Protocol):
    """Who gets the answer. One of the two `write`s is called."""

    @property
    def request(self) -> Request:
        """The request, for what goes on on the ordinary way."""

    def write_rendered(self, lines: bytes, body: bytes, /) -> None:
        """What arrived."""

    def write_failure(self, response: Response, /) -> None:
        """What is said where nothing arrived."""


class MergeCalls:
    """The calls for one request, and their entry in the list of deadlines (Deadline)."""

    __slots__ = ("_accumulator", "_lane", "_merge", "_merged", "_parts", "_values", "at_seconds")

    def __init__(self, merged: Merged, merge: ExpressMerge, values: list[bytes], lane: Lane) -> None:
        self._merged = merged
        self._merge = merge
        self._values = values
        self._lane = lane
        self._accumulator = Accumulator(len(merge.parts))
        self._parts: dict[_PartCall, None] = {}  # that are on their way, in order
        self.at_seconds = 0.0

    def send(self, asked: Asked, began_seconds: float) -> bool:
        """Whether the calls are on their way; else nothing has happened."""
        lane = self._lane
        ready: list[tuple[ExpressPart, UpstreamConnection, bytes, UpstreamRequest]] = []
        for part in self._merge.parts:
            prepared = lane.prepare(part.call, asked, self._values)
            if prepared is None:
                for _, upstream, _, _ in reversed(ready):
                    upstream.release()
                return False
            ready.append((part, *prepared))
        self.at_seconds = began_seconds + self._merge.seconds
        self._merge.deadlines[self] = None
        for part, upstream, head, call in ready:
            waiting = _PartCall(self, part, upstream, lane)
            self._parts[waiting] = None
            upstream.call(head, call, waiting)
        return True

    def expire(self) -> None:
        """The time is over: what has arrived counts."""
        for part in list(self._parts):
            part.expire()

    def abort(self) -> None:
        """Nobody wants the answer."""
        self._merge.deadlines.pop(self, None)
        parts, self._parts = self._parts, {}
        for part in parts:
            part.abort()

    # -- for the parts

    def ordinarily(self, part: ExpressPart, upstream: UpstreamResponse | None) -> Fiber[ProxyResponse]:
        """The ordinary way of a part, entered with the answer of its call or with none."""
        return Fiber(part.proxy(self._merge.proxy_request(self._merged.request, self._values, upstream)))

    def add(self, part: "_PartCall", response: ProxyResponse) -> None:
        """A part has arrived."""
        if response.errors:  # an answer beside an error is none for a merge
            self.add_error(part, response.errors[0])
        elif self._parts.pop(part, self) is None:
            self._accumulator.add(response)
            if not self._parts:
                self._end()

    def add_error(self, part: "_PartCall", error: Exception) -> None:
        """A part has failed."""
        if self._parts.pop(part, self) is None:
            self._accumulator.add_error(error)
            if not self._parts:
                self._end()

    def _end(self) -> None:
        merge = self._merge
        merge.deadlines.pop(self, None)
        try:
            accept = self._merged.request.first(b"accept") if merge.negotiates else None
            rendered = merge.rendered(accept, self._accumulator.result())
        except Exception as error:  # noqa: BLE001 # every failure has an answer
            self._merged.write_failure(merge.failure(error))
        else:
            self._merged.write_rendered(*rendered)


class _PartCall:
    """One call, as its upstream connection sees it (Call)."""

    __slots__ = ("_calls", "_fiber", "_lane", "_part", "_upstream", "plain")

    def __init__(self, calls: MergeCalls, part: ExpressPart, upstream: UpstreamConnection, lane: Lane) -> None:
        self._calls = calls
        self._part = part
        self._upstream: UpstreamConnection | None = upstream
        self._fiber: Fiber[ProxyResponse] | None = None
        self._lane = lane
        self.plain = lane.responses

    def take(self, status: int, lines: bytes, body: bytes, has_date: bool) -> None:  # noqa: ARG002
        """A plain answer."""
        if status != 200 and status != 201:
            self._continue(UpstreamResponse(status, body=body, lines=without_length(lines)))
            return
        self._upstream = None
        try:
            data = self._part.decode(lines, body)
        except Exception as error:  # noqa: BLE001 # whatever failed is this part's failure
            self._calls.add_error(self, error)
        else:
            self._calls.add(self, ProxyResponse(data, is_complete=True))

    def take_settled(self, answer: Signal[UpstreamResponse]) -> None:
        """Any other answer, with which the ordinary way goes on, or none."""
        try:
            upstream = answer.result()
        except Exception as error:  # noqa: BLE001 # see take
            if self._lane.calls_again(self._part.call, error):
                self._continue(None)
            else:
                self._calls.add_error(self, error)
        else:
            self._continue(upstream)

    def _continue(self, upstream: UpstreamResponse | None) -> None:
        self._upstream = None
        fiber = self._fiber = self._calls.ordinarily(self._part, upstream)
        fiber.start()
        fiber.done.wait_with(self._fiber_ended)

    def _fiber_ended(self) -> None:
        fiber, self._fiber = self._fiber, None
        if fiber is None:
            return
        try:
            response = fiber.done.result()
        except Exception as error:  # noqa: BLE001 # see take
            self._calls.add_error(self, error)
        else:
            self._calls.add(self, response)

    def expire(self) -> None:
        """The time is over."""
        if self._fiber is not None:
            self._fiber.throw(DeadlineExceededError())
        else:
            self.abort()
            self._calls.add_error(self, DeadlineExceededError())

    def abort(self) -> None:
        """Nobody wants the answer."""
        if self._fiber is not None:
            self._fiber.done.wait_with(None)
            self._fiber.cancel()
        if self._upstream is not None:
            self._upstream.abort()
