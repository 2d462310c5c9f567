"""The gateway that the soak is about, and what can be seen of it at rest: connections, timers, tasks, memory.

It reaches into private parts on purpose: nothing in the gateway should be there for the sake of being measured.
"""

import asyncio
import contextlib
import gc
import logging
import math
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.complete_gateway import started_gateway
from crossgate.gateway.running import RunningGateway
from tests.support.dataplane import until

SETTLING_SECONDS = 10


def config(authority: str) -> dict[str, Any]:
    """Endpoints that pass an answer on, decode it, merge two, or are in a hurry; all by GET, two by POST as well."""

    def backend(which: str, **keys: Any) -> dict[str, Any]:
        return {"url_pattern": f"/{which}/{{kind}}/{{number}}", "host": [f"http://{authority}"], **keys}

    def endpoint(way: str, *backends: dict[str, Any], **keys: Any) -> dict[str, Any]:
        return {"endpoint": f"/{way}/{{kind}}/{{number}}", "backend": list(backends), **keys}

    methods = ("GET", "POST")
    second = {**backend("b", group="b"), "url_pattern": "/b/fine/{number}"}
    no_op = [
        endpoint("no-op", backend("a", encoding="no-op", method=name), method=name, output_encoding="no-op")
        for name in methods
    ]
    json = [endpoint("json", backend("a", method=name), method=name) for name in methods]
    return {
        "version": 3,
        "listen_ip": "127.0.0.1",
        "timeout": "10s",
        "extra_config": {
            "router": {"disable_access_log": True},
            "security/cors": {"allow_origins": ["https://*.app.example"], "allow_methods": list(methods)},
        },
        "endpoints": [
            *no_op,
            *json,
            endpoint("merge", backend("a", group="a"), second),
            endpoint("hasty", backend("a"), timeout="200ms"),
        ],
    }


class Tracebacks(logging.Handler):
    """Keeps what the gateway logs with a traceback: what it did not expect. What backends do wrong has none."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self._form = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.told.append(self._form.format(record))


@dataclass(frozen=True, slots=True)
class AtRest:
    """`blocks` are pieces of memory that Python holds, in the whole process; `descriptors` open files and sockets."""

    timers: int
    tasks: int
    descriptors: int
    blocks: int
    resident_mb: float


class Watched:
    """A running gateway under watch."""

    def __init__(self, gateway: RunningGateway, tracebacks: Tracebacks) -> None:
        self._gateway = gateway
        self._server = gateway._server
        self._client = gateway.client
        self.tracebacks = tracebacks.told
        self.port = gateway.port
        self.begun = self._look()

    @property
    def decision_count(self) -> int:
        """How many requests were decided about."""
        return sum(self._gateway.application.counters.snapshot().values())

    async def at_rest(self) -> AtRest:
        """What there is once nobody asks any more. Raises TimeoutError if it does not come to rest."""
        async with asyncio.timeout(SETTLING_SECONDS):
            await until(lambda: not self._server.connection_count)
            for pool in self._client._pools.values():
                pool.reap(math.inf)
            await until(lambda: not self._client.connection_count)
            await until(lambda: len(asyncio.all_tasks()) <= self.begun.tasks)
            # What watches over bodies under way looks once more when there are none.
            await until(lambda: len(self._server.timers) <= self.begun.timers)
            # A client's end of a connection closes before ours does.
            await until(lambda: _descriptors() <= self.begun.descriptors)
        return self._look()

    def _look(self) -> AtRest:
        gc.collect()
        return AtRest(
            timers=len(self._server.timers),
            tasks=len(asyncio.all_tasks()),
            descriptors=_descriptors(),
            blocks=sys.getallocatedblocks(),
            resident_mb=_resident_mb(),
        )


@contextlib.asynccontextmanager
async def watched(authority: str) -> AsyncIterator[Watched]:
    """A gateway before that backend."""
    logger = logging.getLogger("crossgate.soak")
    logger.propagate = False
    tracebacks = Tracebacks()
    logger.addHandler(tracebacks)
    gateway = await started_gateway(config(authority), logger)
    try:
        yield Watched(gateway, tracebacks)
    finally:
        await gateway.close()
        logger.removeHandler(tracebacks)


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 # as few objects as can be


def _resident_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024
