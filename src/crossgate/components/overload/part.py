"""One worker's bounds at work: around its endpoints, in its metrics, in its log."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any

from crossgate.components.component import Part, Surroundings
from crossgate.components.overload.config import OverloadConfig
from crossgate.components.overload.gradient import Pace
from crossgate.components.overload.limiter import Limiter
from crossgate.components.overload.refusal import refusal
from crossgate.http.message import Request, Response
from crossgate.metrics.registry import Labels, Registry
from crossgate.pipeline.respond import Handler, Params
from crossgate.plan import EndpointPlan, Plan
from crossgate.server.shedding import Load
from crossgate.transport.host_bounds import HostBounds

TELL_SECONDS = 10.0
"""While requests are refused, a line in the log so often."""


class OverloadPart(Part):
    """See above."""

    def __init__(self, plan: Plan, config: OverloadConfig, surroundings: Surroundings) -> None:
        self._config = config
        self._now = surroundings.timers.now
        self._refuse = refusal(config.retry_after_seconds, is_honest=plan.error_style == "http")
        self._limiter: Limiter | None = None
        bounds = config.requests
        if bounds is not None:
            made = lambda: Limiter(bounds, surroundings.timers, asyncio.get_running_loop().call_soon)  # noqa: E731
            self._limiter = limiter = surroundings.keep(("requests", bounds), made)
            limiter.look = Told(limiter, surroundings.log).look
            _count(surroundings.metrics, limiter)

    def load(self) -> Load | None:
        """What the server asks before it reads on."""
        return None if self._limiter is None else _Load(self._limiter, self._refuse)

    def host_bounds(self) -> HostBounds | None:
        """Those of the file."""
        return self._config.hosts

    def around_handler(self, endpoint: EndpointPlan, handler: Handler) -> Handler:  # noqa: ARG002
        """The endpoint, as soon as its turn has come."""
        limiter, now, refuse, pace = self._limiter, self._now, self._refuse, Pace()
        if limiter is None:
            return handler

        async def bounded(request: Request, values: Params) -> Response:
            if not limiter.try_enter() and await limiter.wait():
                return refuse()
            began, seconds = now(), 0.0
            try:
                response = await handler(request, values)
                if response.status < 500:
                    seconds = now() - began
                return response
            finally:
                limiter.leave(pace, seconds)

        return bounded


class _Load:
    """See Load."""

    def __init__(self, limiter: Limiter, refuse: Any) -> None:
        self._limiter = limiter
        self.refuse = refuse
        self.place = limiter.place
        self.count_refused = limiter.count_refused

    @property
    def is_busy(self) -> bool:
        """See Load."""
        return self._limiter.is_busy

    @property
    def is_full(self) -> bool:
        """See Load."""
        return self._limiter.is_full


def _count(metrics: Registry, limiter: Limiter) -> None:
    def gauge(name: str, text: str, value: Callable[[], int]) -> None:
        metrics.read_at_scrape(name, text, "gauge", (), lambda: [((), value())])

    gauge("crossgate_in_flight", "Requests under way that are bounded, of all workers.", lambda: limiter.in_flight)
    gauge("crossgate_in_flight_limit", "How many may be under way, of all workers.", lambda: limiter.limit)
    gauge("crossgate_overload_queued", "Requests that wait for their turn.", lambda: limiter.queue.count)
    gauge("crossgate_overload_held", "Requests whose refusal is put off.", lambda: limiter.holding.held.count)

    def refused() -> Iterator[tuple[Labels, int]]:
        for reason, number in limiter.refused.items():
            yield (reason,), number

    metrics.read_at_scrape(
        "crossgate_overload_refused_total",
        "Requests that were refused since too much is under way, by why they could not wait.",
        "counter",
        ("reason",),
        refused,
    )


class Told:
    """The log of refusals: the first at once, then one line for all of TELL_SECONDS, then that it is over."""

    def __init__(self, limiter: Limiter, log: logging.Logger) -> None:
        self._limiter = limiter
        self._log = log
        self._before = sum(limiter.refused.values())
        self._seconds = TELL_SECONDS

    def look(self, seconds: float) -> None:
        """After so many more."""
        self._seconds += seconds
        limiter = self._limiter
        refused = sum(limiter.refused.values()) - self._before
        if not refused or self._seconds < TELL_SECONDS:
            return
        self._before += refused
        self._seconds = 0.0
        self._log.warning(
            "[OVERLOAD] refused %d with 503: %d of %d are under way, %d wait, %d refusals are held",
            refused,
            limiter.in_flight,
            limiter.limit,
            limiter.queue.count,
            limiter.holding.held.count,
        )
