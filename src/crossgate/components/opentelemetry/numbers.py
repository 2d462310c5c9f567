"""What KrakenD counts, under KrakenD's names: requests, pipes, backends and calls.

Source: krakend-otel `http/server/metrics.go`, `lura/proxy_meter.go`, `http/client/transport_metrics.go`; names as the
Prometheus exporter of OpenTelemetry's Go library writes them.
DEVIATION(DEV-OTEL-4): what connecting and reading bodies takes is not measured.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crossgate.components.opentelemetry.model import Attributes
from crossgate.metrics.registry import Labels, Read, Registry

METHODS = frozenset((b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"CONNECT", b"TRACE"))
ROUTE, METHOD, STATUS = "http_route", "http_request_method", "http_response_status_code"
STAGE_LABELS = (ROUTE, METHOD, "error", "canceled", "complete")
OF_ENDPOINT = ("krakend_endpoint_route", "krakend_endpoint_method")
CALL_LABELS = ("clientname", ROUTE, METHOD, *OF_ENDPOINT, "server_address", "server_port", STATUS)


class Measured:
    """A histogram."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def add(self, value: float) -> None:
        """One more."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    @property
    def numbers(self) -> list[float]:
        """As a sample has it."""
        return [*self.counts, self.sum]


class Answered:
    """Requests of one route with one method and one status."""

    __slots__ = ("seconds", "size")

    def __init__(self, time_bounds: tuple[float, ...], size_bounds: tuple[float, ...]) -> None:
        self.seconds = Measured(time_bounds)
        self.size = Measured(size_bounds)


class Called:
    """Calls of one backend's host with one outcome. `ends` counts those without an answer, by how they ended."""

    __slots__ = ("ends", "request_bytes", "seconds", "size", "unsized")

    def __init__(self, time_bounds: tuple[float, ...], size_bounds: tuple[float, ...]) -> None:
        self.seconds = Measured(time_bounds)
        self.size = Measured(size_bounds)
        self.request_bytes = 0
        self.unsized = 0
        self.ends = {"failed": 0, "canceled": 0, "timedout": 0}


class Numbers:
    """What one process has counted. Lives through reloads that leave the bounds alone.

    Keys begin with the labels that tell one from another, in the order of the families' names of labels.
    """

    def __init__(self, time_bounds: tuple[float, ...], size_bounds: tuple[float, ...]) -> None:
        self._bounds = time_bounds, size_bounds
        self.answered: dict[tuple[str, bytes, int], Answered] = {}
        self.pipes: dict[Labels, Measured] = {}
        self.backends: dict[Labels, Measured] = {}
        self.calls: dict[Labels, Called] = {}

    async def start(self) -> None:
        """See Survivor."""

    async def stop(self) -> None:
        """See Survivor."""

    def of_requests(self, key: tuple[str, bytes, int]) -> Answered:
        """The place for requests of a route, a method and a status, which is one more."""
        if key[1] not in METHODS:
            key = (key[0], b"_OTHER", key[2])
        found = self.answered.get(key)
        return self.answered.setdefault(key, Answered(*self._bounds)) if found is None else found

    def of_stage(self, kept: dict[Labels, Measured], key: Labels) -> Measured:
        """The place for a stage with an outcome, which is one more."""
        return kept.setdefault(key, Measured(self._bounds[0]))

    def of_calls(self, key: Labels) -> Called:
        """The place for calls with an outcome, which is one more."""
        return self.calls.setdefault(key, Called(*self._bounds))

    def show(self, registry: Registry, added: "Added", *, named_by_convention: bool) -> None:
        """Have the registry read it."""
        times, sizes = self._bounds
        seconds, size = (
            ("http_server_request_duration_seconds", "http_server_response_body_size_bytes")
            if named_by_convention
            else ("http_server_duration", "http_server_response_size")
        )

        def histogram(
            name: str, text: str, labels: Labels, read: Read, bounds: tuple[float, ...], more: "More"
        ) -> None:
            shown = more.added(labels, read)
            registry.read_at_scrape(name, text, "histogram", (*labels, *more.names), shown, bounds=bounds)

        of_requests = (ROUTE, METHOD, STATUS)
        histogram(seconds, "Seconds that requests take.", of_requests, self._answered("seconds"), times, added.requests)
        histogram(size, "Bytes of response bodies.", of_requests, self._answered("size"), sizes, added.requests)
        histogram(
            "krakend_proxy_duration",
            "Seconds that the pipes of endpoints take.",
            STAGE_LABELS,
            lambda: [(key, measured.numbers) for key, measured in self.pipes.items()],
            times,
            added.pipes,
        )
        histogram(
            "krakend_backend_duration",
            "Seconds that backends take, decoding included.",
            (*STAGE_LABELS[:2], *OF_ENDPOINT, *STAGE_LABELS[2:]),
            lambda: [(key, measured.numbers) for key, measured in self.backends.items()],
            times,
            added.calls,
        )
        histogram(
            "http_client_duration",
            "Seconds that backends take to answer.",
            CALL_LABELS,
            self._called(lambda called: called.seconds.numbers),
            times,
            added.calls,
        )
        histogram(
            "http_client_response_size",
            "Bytes of backends' bodies, where they say how many.",
            CALL_LABELS,
            self._called(lambda called: called.size.numbers),
            sizes,
            added.calls,
        )
        for name, text, value in _COUNTERS:
            labels = (*CALL_LABELS, *added.calls.names)
            read = added.calls.added(CALL_LABELS, self._called(value))
            registry.read_at_scrape(name, text, "counter", labels, read)

    def _answered(self, what: str) -> Read:
        def read() -> Iterator[tuple[Labels, Any]]:
            for (route, method, status), found in self.answered.items():
                yield (route, method.decode(), str(status)), getattr(found, what).numbers

        return read

    def _called(self, value: Callable[[Called], Any]) -> Read:
        return lambda: [(key, value(called)) for key, called in self.calls.items()]


_COUNTERS: tuple[tuple[str, str, Callable[[Called], Any]], ...] = (
    ("http_client_request_started_count_total", "Calls.", lambda called: sum(called.seconds.counts)),
    ("http_client_request_failed_count_total", "Calls that failed.", lambda called: called.ends["failed"]),
    ("http_client_request_canceled_count_total", "Calls that were given up.", lambda called: called.ends["canceled"]),
    ("http_client_request_timedout_count_total", "Calls that took too long.", lambda called: called.ends["timedout"]),
    ("http_client_request_size_total", "Bytes of calls' bodies.", lambda called: called.request_bytes),
    ("http_client_response_no_content_length_total", "Answers without a length.", lambda called: called.unsized),
)


class More:
    """Static labels. `given` has them by the values of the labels in `told_by`: they may differ by endpoint.

    `names` are those of all; where there is no value, the empty text says so.
    """

    def __init__(self, told_by: Labels, given: Mapping[Labels, Attributes]) -> None:
        names = {name: None for attributes in given.values() for name, _ in attributes}
        self.names = tuple(map(label_name, names))
        self._told_by = told_by
        self._values = {
            key: tuple(dict(attributes).get(name, "") for name in names) for key, attributes in given.items()
        }
        self._none = ("",) * len(names)

    def added(self, labels: Labels, read: Read) -> Read:
        """What is read, with them behind the labels of that name."""
        if not self.names:
            return read
        at = [labels.index(name) for name in self._told_by]

        def more(values: Labels) -> Labels:
            return (*values, *self._values.get(tuple(values[index] for index in at), self._none))

        return lambda: [(more(values), value) for values, value in read()]


class Added:
    """Static labels by layer."""

    def __init__(self, requests: More, pipes: More, calls: More) -> None:
        self.requests = requests
        self.pipes = pipes
        self.calls = calls


def label_name(name: str) -> str:
    """A name as Prometheus takes it."""
    text = "".join([one if one.isascii() and (one.isalnum() or one == "_") else "_" for one in name])
    return f"_{text}" if text[:1].isdigit() else text or "_"
