"""Requests, as metrics count them: how many, how they were answered, how long that took.

Labels are bounded whatever clients send: endpoints are the file's, methods those of RFC 9110, statuses numbers.
"""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

from crossgate.cors import Decision
from crossgate.http.message import Request
from crossgate.metrics.registry import SECONDS, Labels, Registry, Times
from crossgate.pipeline.gateway_pipe import Route

_METHODS = frozenset((b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"CONNECT", b"TRACE"))


class _Answered(Times):
    """The responses of one endpoint to one method."""

    __slots__ = ("body_bytes", "statuses")

    def __init__(self) -> None:
        super().__init__()
        self.statuses: dict[int, int] = {}
        self.body_bytes = 0


class RequestCounts:
    """The requests of one process. Lives through reloads."""

    def __init__(self, registry: Registry) -> None:
        self._answered: dict[tuple[str, bytes], _Answered] = {}
        self._refused: dict[tuple[str, str], int] = {}
        registry.read_at_scrape(
            "crossgate_requests_total",
            "Requests that were answered, by the endpoint as the file has it.",
            "counter",
            ("endpoint", "method", "status"),
            self._totals,
        )
        registry.read_at_scrape(
            "crossgate_request_duration_seconds",
            "From a request's head to the last byte of its response.",
            "histogram",
            ("endpoint", "method"),
            self._durations,
        )
        registry.read_at_scrape(
            "crossgate_response_body_bytes_total",
            "Bytes of response bodies.",
            "counter",
            ("endpoint", "method"),
            lambda: [(_labels(key), counts.body_bytes) for key, counts in self._answered.items()],
        )

        registry.read_at_scrape(
            "crossgate_refusals_total",
            "Requests that the gateway refused itself, by the endpoint as the file has it and why.",
            "counter",
            ("endpoint", "reason"),
            lambda: list(self._refused.items()),
        )

    def record(
        self,
        request: Request,
        route: Route | None,
        decision: Decision | None,  # noqa: ARG002 - counted when it was made
        status: int,
        body_bytes: int,
        seconds: float,
    ) -> None:
        """See Record."""
        key = ("" if route is None else route.endpoint, request.method)
        counts = self._answered.get(key)
        if counts is None:
            counts = self._make(key)
        statuses = counts.statuses
        statuses[status] = statuses.get(status, 0) + 1
        counts.body_bytes += body_bytes
        counts.counts[bisect_left(SECONDS, seconds)] += 1  # as Times.add, without a call
        counts.sum += seconds
        if seconds > counts.largest:
            counts.largest = seconds
        if request.reason is not None:
            refused = (key[0], request.reason.code)
            self._refused[refused] = self._refused.get(refused, 0) + 1

    def _make(self, key: tuple[str, bytes]) -> _Answered:
        if key[1] not in _METHODS:
            key = (key[0], b"other")
        return self._answered.setdefault(key, _Answered())

    def _totals(self) -> Iterator[tuple[Labels, Any]]:
        for (endpoint, method), counts in self._answered.items():
            for status, number in counts.statuses.items():
                yield (endpoint, method.decode(), str(status)), number

    def _durations(self) -> Iterator[tuple[Labels, Any]]:
        for key, counts in self._answered.items():
            yield _labels(key), counts.numbers


def _labels(key: tuple[str, bytes]) -> Labels:
    return key[0], key[1].decode()
