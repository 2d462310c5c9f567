"""`plugin/http-server`: plugins before the router, the last of the list outermost.

Each may answer a request, change it, lead it to another path, or stand around all that is behind it. A chain of plain
gates that let a request pass costs no task and no fiber. Does not know how functions are called.

Source: lura v2 `transport/http/server/plugin/server.go`.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from crossgate.components.plugins.calling import Calling, Function, is_flow
from crossgate.components.plugins.translate import (
    SeenRequest,
    SeenResponse,
    checked_path,
    drop,
    reason_of_refusal,
    refused_status,
    request_behind,
    response_of,
)
from crossgate.flow.body import Body, BodyTooLargeError
from crossgate.flow.fiber import Fiber, Flow, Signal
from crossgate.flow.timers import DeadlineExceededError, Timer, Timers
from crossgate.http.field_names import KnownNames
from crossgate.http.message import EditedRequest, Response, refusal
from crossgate.http.message import Request as Incoming
from crossgate.http.printable import printable
from crossgate.pipeline.answers import Answers
from crossgate.pipeline.failure import PartFailedError, RequestBodyBrokenError, RequestBodyTooLargeError
from crossgate.pipeline.front import Behind
from crossgate.pipeline.request_body import MAX_KEPT_BODY_BYTES, read_request_body
from crossgate.plugins import BodyNotReadError, Refusal, Request
from crossgate.plugins import Response as PluginResponse


@dataclass(frozen=True, slots=True)
class Step:
    """One plugin before the router: what it has of the three."""

    gate: Function | None = None
    around: Function | None = None
    rewrite: Function | None = None
    needs_body: bool = False  # the request's, whole


class PluginFront:
    """One worker's. `steps` are outermost first; each stretch that a plugin takes has `timeout_seconds`."""

    def __init__(
        self,
        steps: Sequence[Step],
        calling: Calling,
        answers: Answers,
        timers: Timers,
        client_ip: Callable[[Incoming], str],
        timeout_seconds: float,
    ) -> None:
        self._steps = tuple(steps)
        self._rewrites = tuple([step.rewrite for step in steps if step.rewrite is not None])
        self.leads = bool(self._rewrites)
        self._calling = calling
        self._answers = answers
        self._timers = timers
        self._client_ip = client_ip
        self._timeout_seconds = timeout_seconds
        self._known = KnownNames()

    def routed(self, request: Incoming) -> Incoming:
        """See Front. What a rewriter raises it raises again when the request is answered."""
        if not request.path:
            return request
        seen = SeenRequest(request, self._client_ip)
        for rewrite in self._rewrites:
            try:
                _lead(seen, rewrite)
            except (Refusal, PartFailedError):
                return request
        if seen.path.encode("latin-1") == request.path:
            return request
        return _with_path(request, seen)

    def respond(self, request: Incoming, behind: Behind) -> Flow[Response]:
        """See Front."""
        return self._go(_Passage(request, SeenRequest(request, self._client_ip), behind), 0)

    def _go(self, passage: "_Passage", position: int) -> Flow[Response]:
        """From one step on."""
        seen = passage.seen
        steps = self._steps
        while position < len(steps):
            step = steps[position]
            if step.needs_body and not seen.has_body:
                return self._read(passage, position)
            position += 1
            try:
                if step.rewrite is not None:
                    _lead(seen, step.rewrite)
                if step.gate is not None:
                    verdict = step.gate(seen)
                    if verdict is not None:
                        return self._heed(passage, position, step, step.gate, verdict)
            except (Refusal, PartFailedError) as error:
                return _ready(self._answer_to(passage.request, error))
            if step.around is not None:
                return self._around(passage, position, step.around)
        try:
            request = request_behind(seen, passage.request, self._known)
        except (ValueError, TypeError, AttributeError) as error:
            return _ready(self._answer_to(passage.request, self._calling.failed(_names(steps), error)))
        is_routed = request is passage.request or type(request) is EditedRequest
        return passage.behind(request, is_routed and not self.leads)

    def _heed(self, passage: "_Passage", position: int, step: Step, gate: Function, verdict: Any) -> Flow[Response]:
        """What a gate gave that did not simply let pass."""
        if is_flow(verdict):
            return self._wait(passage, position, step, gate, verdict)
        return _ready(self._given(passage, gate, verdict))

    async def _wait(
        self, passage: "_Passage", position: int, step: Step, gate: Function, waiting: Flow[Any]
    ) -> Response:
        try:
            verdict = await self._timers.within(self._timeout_seconds, waiting)
        except (Refusal, PartFailedError, DeadlineExceededError) as error:
            return self._answer_to(passage.request, error)
        if verdict is not None:
            return self._given(passage, gate, verdict)
        if step.around is not None:
            return await self._around(passage, position, step.around)
        return await self._go(passage, position)

    def _given(self, passage: "_Passage", function: Function, found: Any) -> Response:
        """The response that a plugin gave."""
        if not isinstance(found, PluginResponse):
            return self._answer_to(passage.request, function.wrong(found, "a Response or None"))
        try:
            return response_of(found, function.name)
        except (ValueError, RuntimeError, TypeError, AttributeError) as error:
            return self._answer_to(passage.request, function.failed(error))

    async def _read(self, passage: "_Passage", position: int) -> Response:
        """Have the request's body whole, then go on."""
        request = passage.request
        try:
            whole = self._timers.within(self._timeout_seconds, read_request_body(request.body))
            request.body = await whole
        except (RequestBodyTooLargeError, RequestBodyBrokenError, DeadlineExceededError) as error:
            return self._answer_to(passage.request, error)
        passage.seen.arrived(request.body)
        return await self._go(passage, position)

    async def _around(self, passage: "_Passage", position: int, around: Function) -> Response:
        """A plugin around all that is behind it."""
        turn = _Turn(self, passage, position, around)
        try:
            found = await turn.result()
        except (Refusal, PartFailedError, DeadlineExceededError) as error:
            turn.drop_all(None)
            return self._answer_to(passage.request, error)
        except BaseException:
            turn.drop_all(None)
            raise
        turn.drop_all(found)
        return self._given(passage, around, found)

    def _answer_to(self, request: Incoming, error: Exception) -> Response:
        if isinstance(error, Refusal):
            fields = [(b"content-type", error.content_type.encode("latin-1", "replace"))] if str(error) else []
            return refusal(
                refused_status(error), reason_of_refusal(error), fields, str(error).encode("utf-8", "replace")
            )
        return self._answers.failure(printable(request.path), error)


class _Passage:
    """One request on its way through the steps."""

    __slots__ = ("behind", "request", "seen")

    def __init__(self, request: Incoming, seen: Request, behind: Behind) -> None:
        self.request = request
        self.seen = seen
        self.behind = behind


class _Turn:
    """One call of `around`. Its time stands still while it waits for what is behind it."""

    def __init__(self, front: PluginFront, passage: _Passage, position: int, around: Function) -> None:
        self._front = front
        self._passage = passage
        self._position = position
        self._function = around
        self._given: list[SeenResponse] = []
        self._has_forwarded = False
        self._timer: Timer | None = None
        self._over: Signal[Any] = Signal()

    async def result(self) -> Any:
        """What it gives. Raises what Function does, and DeadlineExceededError."""
        self._passage.request.limit = None  # what is behind runs beside what the limit would end
        fiber = Fiber(self._function.result(self._passage.seen, self.forward))
        self._begin()
        fiber.start()
        fiber.done.wait_with(lambda: self._over.succeed(None))
        try:
            await self._over
            return fiber.done.result()
        finally:
            fiber.done.wait_with(None)
            fiber.cancel()
            self._pause()

    def _begin(self) -> None:
        front = self._front
        self._timer = front._timers.after(front._timeout_seconds, self._late)  # noqa: SLF001 # its own

    def _pause(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._front._calling.late(self._function.name)  # noqa: SLF001 # likewise
        self._over.fail(DeadlineExceededError())

    async def forward(self, request: Request) -> PluginResponse:
        """The plugin's way on. Runs in its task, what is behind in a fiber."""
        if not isinstance(request, Request):
            raise TypeError("forward takes a request")
        if self._has_forwarded and isinstance(self._passage.request.body, Body) and not request.has_body:
            raise BodyNotReadError  # its pieces have gone the first way
        self._has_forwarded = True
        passage = _Passage(self._passage.request, request, self._passage.behind)
        self._pause()
        try:
            response = await in_fiber(self._answered(passage))
        finally:
            self._begin()
        seen = SeenResponse(response)
        self._given.append(seen)
        return seen

    async def _answered(self, passage: _Passage) -> Response:
        response = await self._front._go(passage, self._position)  # noqa: SLF001 # likewise
        if self._function.needs_body and isinstance(response.body, Body):
            try:
                response.body = await response.body.read_all(MAX_KEPT_BODY_BYTES)
            except BodyTooLargeError:
                raise ValueError(f"the response is larger than {MAX_KEPT_BODY_BYTES} bytes") from None
            response.unframe()
        return response

    def drop_all(self, kept: object) -> None:
        """Let go of responses that the plugin was given and does not pass on."""
        for seen in self._given:
            if seen is not kept:
                drop(seen)


async def in_fiber(flow: Flow[Any]) -> Any:
    """What a Flow comes to, for who awaits it in a task. Ends with the task."""
    fiber = Fiber(flow).start()
    if not fiber.done.settled:
        arrived = asyncio.get_running_loop().create_future()
        fiber.done.wait_with(lambda: None if arrived.done() else arrived.set_result(None))
        try:
            await arrived
        except BaseException:
            fiber.done.wait_with(None)
            fiber.cancel()
            raise
    return fiber.done.result()


def _lead(seen: Request, rewrite: Function) -> None:
    """Lead a request to where a rewriter wants it. Raises what Function does."""
    path = rewrite(seen)
    if path is None:
        return
    if is_flow(path):
        path.close()
        raise rewrite.wrong(path, "a path at once")
    try:
        seen.path = checked_path(path).decode("ascii")
    except ValueError as error:
        raise rewrite.failed(error) from None


def _with_path(request: Incoming, seen: Request) -> Incoming:
    return Incoming(
        request.method,
        seen.path.encode("latin-1"),
        request.query,
        request.fields,
        request.body,
        request.has_body,
        request.host,
        request.peer_host,
        request.version,
        request.track,
    )


def _names(steps: Sequence[Step]) -> str:
    functions = [function for step in steps for function in (step.gate, step.around) if function is not None]
    return " or ".join(dict.fromkeys(function.name for function in functions))


async def _ready(response: Response) -> Response:
    return response
