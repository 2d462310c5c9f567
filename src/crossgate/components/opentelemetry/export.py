"""One collector, and the thread of this process that sends to it. The way of requests only ever appends to a list.

What waits is bounded; what is more, and what the collector does not take, is counted and gone. The log hears of that
once, until the collector takes something again.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crossgate.components.opentelemetry.model import Otlp
from crossgate.components.opentelemetry.span import Span
from crossgate.metrics.registry import Registry, Snapshot

MAX_WAITING = 2048
BATCH = 512
GATHER_SECONDS = 1.0
"""How long the first span of a batch waits for others."""

SEND_SECONDS = 5
"""How long one batch may take, attempts included."""

END_SECONDS = 3.0
"""How long a process that ends waits for its last batches."""

HOPELESS_SECONDS = 0.5
"""The same where the collector took nothing before."""


class Export:
    """A collector. `resource` says who sends; `snapshot` gives the numbers of this process, and is called on the event
    loop, every `period_seconds`."""

    def __init__(
        self,
        config: Otlp,
        resource: Mapping[str, str],
        registry: Registry,
        log: logging.Logger,
        snapshot: Callable[[], Snapshot],
    ) -> None:
        self._config = config
        self._resource = resource
        self._log = log
        self._snapshot = snapshot
        self._waiting: deque[Span] = deque()
        self._numbers: Snapshot | None = None
        self._wake, self._hurry = threading.Event(), threading.Event()
        self._ending = False
        self._complained = False
        self._thread: threading.Thread | None = None
        self._exporters: list[Any] = []
        self._timer: asyncio.TimerHandle | None = None

        def count(outcome: str) -> Any:
            text = "Spans, by what became of them: exported, failed (the collector did not take them), dropped."
            return registry.count("crossgate_spans_total", text, exporter=config.name, outcome=outcome)

        self._exported, self._failed, self._dropped = count("exported"), count("failed"), count("dropped")

    # -- on the event loop

    def emit(self, span: Span) -> None:
        """Have a span sent."""
        waiting = self._waiting
        if len(waiting) >= MAX_WAITING:
            self._dropped.value += 1
            return
        waiting.append(span)
        if len(waiting) == 1:
            self._wake.set()
        elif len(waiting) >= BATCH:
            self._hurry.set()

    async def start(self) -> None:
        """Begin to send. The libraries are loaded by the thread: requests need not wait for that."""
        self._thread = threading.Thread(target=self._run, name=f"otlp {self._config.name}", daemon=True)
        self._thread.start()
        if self._config.metrics:
            self._push_later(asyncio.get_running_loop())

    def _push_later(self, loop: asyncio.AbstractEventLoop) -> None:
        def push() -> None:
            self._push()
            self._push_later(loop)

        self._timer = loop.call_later(self._config.period_seconds, push)

    def _push(self) -> None:
        self._numbers = self._snapshot()
        self._wake.set()

    async def stop(self) -> None:
        """Send what waits, for END_SECONDS at most, and end."""
        if self._timer is not None:
            self._timer.cancel()
        if self._config.metrics:
            self._push()
        self._ending = True
        self._wake.set()
        self._hurry.set()
        thread = self._thread
        if thread is not None:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, thread.join, HOPELESS_SECONDS if self._complained else END_SECONDS)
            if thread.is_alive():
                self._log.warning("telemetry: %s did not take the last spans in time", self._config.name)

    # -- in the thread

    def _run(self) -> None:
        from crossgate.components.opentelemetry import wire

        began_ns = time.time_ns()
        resource = wire.resource_of(self._resource)
        spans, numbers = _exporters(self._config)
        while True:
            self._wake.wait()
            self._wake.clear()
            self._hurry.wait(GATHER_SECONDS)
            self._hurry.clear()
            ends = self._ending  # asked first: what came before the end is sent
            snapshot, self._numbers = self._numbers, None
            if snapshot is not None and numbers is not None:
                data = wire.metrics_data(snapshot, resource, began_ns, time.time_ns())
                self._judge(_done(numbers.export, data), "numbers")
            while self._waiting:
                batch = self._take()
                taken = spans is not None and _done(spans.export, wire.readable_spans(batch, resource))
                (self._exported if taken else self._failed).value += len(batch)
                self._judge(taken, "spans")
            if ends:
                break
        for exporter in (spans, numbers):
            if exporter is not None:
                exporter.shutdown()

    def _take(self) -> list[Span]:
        waiting = self._waiting
        return [waiting.popleft() for _ in range(min(BATCH, len(waiting)))]

    def _judge(self, taken: bool, what: str) -> None:
        if not taken and not self._complained:
            where = f"{self._config.host}:{self._config.port}"
            text = "telemetry: %s (%s) does not take %s; requests go on, what it does not take is dropped"
            self._log.warning(text, self._config.name, where, what)
            self._complained = True
        elif taken and self._complained:
            self._log.info("telemetry: %s takes %s again", self._config.name, what)
            self._complained = False


def _done(export: Callable[[Any], Any], what: Any) -> bool:
    """Whether a collector took it. Whatever a library raises must not end the thread."""
    try:
        return str(export(what).name) == "SUCCESS"
    except Exception:  # noqa: BLE001
        return False


def _exporters(config: Otlp) -> tuple[Any, Any]:
    """Those of spans and of numbers, None where there is none."""
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL + 1)  # a line for each attempt; ours says it once
    host = f"[{config.host}]" if ":" in config.host else config.host
    url = f"{'https' if config.secure else 'http'}://{host}:{config.port}"
    if config.http:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        return (
            OTLPSpanExporter(f"{url}/v1/traces", timeout=SEND_SECONDS) if config.traces else None,
            OTLPMetricExporter(f"{url}/v1/metrics", timeout=SEND_SECONDS) if config.metrics else None,
        )
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as OverGrpcMetrics
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as OverGrpcSpans

    return (
        OverGrpcSpans(url, insecure=not config.secure, timeout=SEND_SECONDS) if config.traces else None,
        OverGrpcMetrics(url, insecure=not config.secure, timeout=SEND_SECONDS) if config.metrics else None,
    )


def emit_to(exports: Sequence[Export]) -> Callable[[Span], object]:
    """One way to all of them."""
    if len(exports) == 1:
        return exports[0].emit

    def emit(span: Span) -> None:
        for export in exports:
            export.emit(span)

    return emit
