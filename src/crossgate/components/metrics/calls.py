"""Calls of backends, as metrics count them: how many, how they were answered or failed, how long that took."""

from collections.abc import Callable, Iterator
from typing import Any

from crossgate.http.failure import UpstreamError
from crossgate.http.message import UpstreamRequest, UpstreamResponse
from crossgate.metrics.registry import Labels, Registry, Times
from crossgate.pipeline.go_client import Send
from crossgate.plan import BackendPlan, EndpointPlan

MAX_HOSTS = 64
"""Of one endpoint, as labels: redirects may lead to any number. What is more counts as "other"."""


class _Called(Times):
    """The calls of one host for one endpoint."""

    __slots__ = ("errors", "statuses")

    def __init__(self) -> None:
        super().__init__()
        self.statuses: dict[int, int] = {}
        self.errors: dict[str, int] = {}


class CallCounts:
    """The calls of one process. Lives through reloads. `now` is in monotonic seconds."""

    def __init__(self, registry: Registry, now: Callable[[], float]) -> None:
        self._now = now
        self._called: dict[str, dict[str, _Called]] = {}  # by endpoint, by host
        registry.read_at_scrape(
            "crossgate_upstream_requests_total",
            "Calls of backends; the status is empty where there was no answer.",
            "counter",
            ("endpoint", "host", "status"),
            self._totals,
        )
        registry.read_at_scrape(
            "crossgate_upstream_errors_total",
            "Calls of backends without an answer, by what failed.",
            "counter",
            ("endpoint", "host", "kind"),
            self._errors,
        )
        registry.read_at_scrape(
            "crossgate_upstream_duration_seconds",
            "From the beginning of a call to the head of its answer, or its failure.",
            "histogram",
            ("endpoint", "host"),
            lambda: [((endpoint, host), counts.numbers) for endpoint, host, counts in self._all()],
        )

    def around(self, endpoint: EndpointPlan, _backend: BackendPlan, send: Send) -> Send:
        """See ObserveCalls."""
        now = self._now
        hosts = self._called.setdefault(endpoint.config.path, {})

        async def counted(request: UpstreamRequest) -> UpstreamResponse:
            counts = hosts.get(request.authority)
            if counts is None:
                counts = _make(hosts, request.authority)
            began = now()
            try:
                response = await send(request)
            except UpstreamError as error:
                counts.errors[error.kind] = counts.errors.get(error.kind, 0) + 1
                counts.add(now() - began)
                raise
            except BaseException:  # nobody waits for it any more: the time is over, or the client is gone
                counts.errors["given-up"] = counts.errors.get("given-up", 0) + 1
                counts.add(now() - began)
                raise
            status = response.status
            counts.statuses[status] = counts.statuses.get(status, 0) + 1
            counts.add(now() - began)
            return response

        return counted

    def _all(self) -> Iterator[tuple[str, str, _Called]]:
        for endpoint, hosts in self._called.items():
            for host, counts in hosts.items():
                yield endpoint, host, counts

    def _totals(self) -> Iterator[tuple[Labels, Any]]:
        for endpoint, host, counts in self._all():
            for status, number in counts.statuses.items():
                yield (endpoint, host, str(status)), number
            if counts.errors:
                yield (endpoint, host, ""), sum(counts.errors.values())

    def _errors(self) -> Iterator[tuple[Labels, Any]]:
        for endpoint, host, counts in self._all():
            for kind, number in counts.errors.items():
                yield (endpoint, host, str(kind)), number


def _make(hosts: dict[str, _Called], host: str) -> _Called:
    return hosts.setdefault(host if len(hosts) < MAX_HOSTS else "other", _Called())
