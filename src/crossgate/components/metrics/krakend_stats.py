"""KrakenD's `/__stats`: its JSON, under its names, made of crossgate's numbers.

Source: krakend-metrics v2 `metrics.go` (Stats, HistogramData), `router.go`, `proxy.go`.
DEVIATION(DEV-METRICS-1): numbers of Go's runtime are not there; those of histograms are read off buckets.
"""

from collections.abc import Sequence
from typing import Any

from crossgate.metrics.registry import SECONDS, Snapshot

PERCENTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
_SECOND = 1_000_000_000


def krakend_stats(snapshot: Snapshot, now_ns: int, left_out: frozenset[str]) -> dict[str, Any]:
    """The members of the JSON. Times are in nanoseconds; `left_out` are parts: router, proxy, backend."""
    families = {family.name: family.samples for family in snapshot}
    counters: dict[str, int] = {}
    histograms: dict[str, Any] = {}
    gauges: dict[str, int] = {}
    if "router" not in left_out:
        connected = sum(int(value) for _, value in families.get("crossgate_connections_total", ()))
        present = sum(int(value) for _, value in families.get("crossgate_connections", ()))
        counters["krakend.router.connected"] = counters["krakend.router.connected-total"] = connected
        counters["krakend.router.disconnected"] = counters["krakend.router.disconnected-total"] = connected - present
        gauges["krakend.router.connected-gauge"] = present
        gauges["krakend.router.disconnected-gauge"] = connected - present
        for (endpoint, _, status), value in families.get("crossgate_requests_total", ()):
            _add(counters, f"krakend.router.response.{endpoint}.status.{status}.count", value)
        for (endpoint, _), numbers in families.get("crossgate_request_duration_seconds", ()):
            _merge(histograms, f"krakend.router.response.{endpoint}.time", numbers)
    if "proxy" not in left_out:
        for (endpoint, _, status), value in families.get("crossgate_requests_total", ()):
            if endpoint:
                _add(counters, f"krakend.proxy.requests.{_outcome('pipe', endpoint, status)}", value)
        for (endpoint, _), numbers in families.get("crossgate_request_duration_seconds", ()):
            if endpoint:
                _merge(histograms, f"krakend.proxy.latency.layer.pipe.name.{endpoint}", numbers)
    if "backend" not in left_out:
        for (endpoint, _, status), value in families.get("crossgate_upstream_requests_total", ()):
            _add(counters, f"krakend.proxy.requests.{_outcome('backend', endpoint, status)}", value)
        for (endpoint, _), numbers in families.get("crossgate_upstream_duration_seconds", ()):
            _merge(histograms, f"krakend.proxy.latency.layer.backend.name.{endpoint}", numbers)
    shown = {name: histogram(numbers) for name, numbers in histograms.items()}
    return {"Time": now_ns, "Counters": counters, "Gauges": gauges, "Histograms": shown}


def _outcome(layer: str, name: str, status: str) -> str:
    failed = not status or int(status) >= 500
    complete, error = ("false", "true") if failed else ("true", "false")
    return f"layer.{layer}.name.{name}.complete.{complete}.error.{error}"


def _add(counters: dict[str, int], name: str, value: Any) -> None:
    counters[name] = counters.get(name, 0) + int(value)


def _merge(histograms: dict[str, list[float]], name: str, numbers: Sequence[float]) -> None:
    known = histograms.get(name)
    histograms[name] = list(numbers) if known is None else [a + b for a, b in zip(known, numbers, strict=True)]


def histogram(numbers: Sequence[float]) -> dict[str, Any]:
    """A histogram's counts and its sum, as KrakenD describes one. What lies within a bucket counts as its middle."""
    bounds = [0.0, *SECONDS, SECONDS[-1] * 2]
    counts = [int(count) for count in numbers[:-1]]
    total = sum(counts)
    if not total:
        return {"Max": 0, "Min": 0, "Mean": 0, "Stddev": 0, "Variance": 0, "Percentiles": [0] * len(PERCENTILES)}
    filled = [index for index, count in enumerate(counts) if count]
    mean = numbers[-1] / total
    middles = [(bounds[index] + bounds[index + 1]) / 2 for index in range(len(counts))]
    variance = sum(count * (middle - mean) ** 2 for count, middle in zip(counts, middles, strict=True)) / total
    return {
        "Max": int(bounds[filled[-1] + 1] * _SECOND),
        "Min": int(bounds[filled[0]] * _SECOND),
        "Mean": mean * _SECOND,
        "Stddev": variance**0.5 * _SECOND,
        "Variance": variance * _SECOND * _SECOND,
        "Percentiles": [_percentile(part, counts, bounds, total) * _SECOND for part in PERCENTILES],
    }


def _percentile(part: float, counts: Sequence[int], bounds: Sequence[float], total: int) -> float:
    wanted, before = part * total, 0
    for index, count in enumerate(counts):
        if count and before + count >= wanted:
            return bounds[index] + (bounds[index + 1] - bounds[index]) * (wanted - before) / count
        before += count
    return bounds[-1]
