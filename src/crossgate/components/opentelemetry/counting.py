"""Who counts: requests, pipes, backends and calls as they end. Does not know how numbers are shown."""

from collections.abc import Awaitable, Callable
from typing import Any

from crossgate.components.opentelemetry.names import NO_ROUTE, route_of
from crossgate.components.opentelemetry.numbers import METHODS, Answered, Called, Measured, Numbers
from crossgate.cors import Decision
from crossgate.flow.fiber import Cancelled
from crossgate.flow.timers import DeadlineExceededError
from crossgate.http.failure import FailureKind, UpstreamError
from crossgate.http.message import Request, UpstreamRequest, UpstreamResponse
from crossgate.metrics.registry import Labels
from crossgate.pipeline.gateway_pipe import Route
from crossgate.pipeline.go_client import Send
from crossgate.pipeline.observed import Ended, Record, Watch

_MAX_HOSTS = 64
"""Of one backend, as labels: redirects may lead to any number. What is more counts as "other"."""


def count_requests(numbers: Numbers, skipped_paths: frozenset[str]) -> Record:
    """See Record."""
    skipped = frozenset(path.encode("utf-8", "surrogateescape") for path in skipped_paths)
    routes: dict[str, str] = {"": NO_ROUTE}
    known: dict[tuple[str, bytes, int], Answered] = {}

    def record(
        request: Request,
        route: Route | None,
        _decision: Decision | None,
        status: int,
        body_bytes: int,
        seconds: float,
    ) -> None:
        if request.path in skipped:
            return
        endpoint = "" if route is None else route.endpoint
        key = endpoint, request.method, status
        answered = known.get(key)
        if answered is None:
            name = routes.setdefault(endpoint, route_of(endpoint))
            answered = numbers.of_requests((name, request.method, status))
            if request.method in METHODS:
                known[key] = answered
        answered.seconds.add(seconds)
        answered.size.add(body_bytes)

    return record


def count_stage(numbers: Numbers, kept: dict[Labels, Measured], labels: Labels, now: Callable[[], float]) -> Watch:
    """Of one stage whose numbers have these labels, and behind them how it ended. `now` is in monotonic seconds."""
    known: dict[tuple[bool, bool, bool], Measured] = {}

    def begin(_request: Request) -> Ended:
        began = now()

        def ended(_status: int, complete: bool, error: BaseException | None) -> None:
            canceled = isinstance(error, Cancelled)
            outcome = error is not None and not canceled, canceled, complete
            measured = known.get(outcome)
            if measured is None:
                words = tuple("true" if each else "false" for each in outcome)
                measured = known[outcome] = numbers.of_stage(kept, (*labels, *words))
            measured.add(now() - began)

        return ended

    return begin


def count_calls(numbers: Numbers, labels: Labels, send: Send, now: Callable[[], float]) -> Send:
    """The way to a backend whose numbers have these labels, and behind them host, port and status."""
    known: dict[tuple[str, str, int], Called] = {}
    hosts: set[str] = set()

    def place(request: UpstreamRequest, status: int) -> Called:
        authority = request.authority
        found = known.get((request.scheme, authority, status))
        if found is None:
            if authority not in hosts and len(hosts) >= _MAX_HOSTS:
                host, port = "other", ""
            else:
                hosts.add(authority)
                host, colon, port = authority.rpartition(":")
                if not colon or not port.isdigit():
                    host, port = authority, "443" if request.scheme == "https" else "80"
            found = numbers.of_calls((*labels, host.strip("[]"), port, str(status)))
            if host != "other":
                known[request.scheme, authority, status] = found
        return found

    async def counted(request: UpstreamRequest) -> UpstreamResponse:
        began = now()
        try:
            response = await send(request)
        except BaseException as error:
            called = place(request, 0)
            called.seconds.add(now() - began)
            _count_end(called, error)
            raise
        called = place(request, response.status)
        called.seconds.add(now() - began)
        body: Any = request.body
        if body:
            called.request_bytes += len(body) if isinstance(body, bytes) else request.content_length or 0
        size = response.length_bytes
        if size is not None:
            called.size.add(size)
        elif request.method != b"HEAD":
            called.unsized += 1
        return response

    def call(request: UpstreamRequest) -> Awaitable[UpstreamResponse]:
        return counted(request)

    return call


def _count_end(called: Called, error: BaseException) -> None:
    if not isinstance(error, Exception):
        called.ends["canceled"] += 1
        return
    called.ends["failed"] += 1
    timed_out = isinstance(error, DeadlineExceededError)
    if timed_out or (isinstance(error, UpstreamError) and error.kind is FailureKind.TIMEOUT):
        called.ends["timedout"] += 1
