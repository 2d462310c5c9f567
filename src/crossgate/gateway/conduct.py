"""Reloads of a gateway with workers, from the parent's side: every worker goes over to a configuration, or none does.

The parent reads and checks; each worker reads the same, builds it and says so; when all have, all swap. Workers that
are started meanwhile join in. Knows no processes but by what they say.
"""

import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

from crossgate.gateway.gateway_metrics import reloads
from crossgate.gateway.patient_streams import RETRY_SECONDS
from crossgate.gateway.reloading import STAYS
from crossgate.gateway.service_manager import ServiceManager
from crossgate.gateway.shared_metrics import ProcessMetrics
from crossgate.gateway.site import Site, described
from crossgate.gateway.source import Reading
from crossgate.gateway.worker import ADOPT, CHANGED, DISCARD, PREPARE, PREPARED, REFUSED, RELOAD, WATCH
from crossgate.metrics.registry import Count, Registry
from crossgate.server.channel import CLOSED, READY
from crossgate.server.workers import Conduct, Worker

PATIENCE_SECONDS = 60.0
"""How long workers may take to build a configuration."""

MAX_ATTEMPTS = 5
"""At a configuration whose files change while it is read."""


class ReloadingConduct(Conduct):
    """`reading` is the configuration that workers start with; `watched` are the files as they were last read."""

    def __init__(
        self,
        site: Site,
        reading: Reading,
        listeners: Sequence[socket.socket],
        manager: ServiceManager,
        clock: Callable[[], float] = time.monotonic,
        *,
        catch_up: Callable[[], bool] = lambda: False,
    ) -> None:
        """`catch_up` writes lines that wait for a reader, and says whether some wait still."""
        self.reading = reading
        self._metrics = ProcessMetrics(Registry(), None, site.options.shared_metrics)
        self._adopted, self._refused = reloads(self._metrics.registry)
        self._site = site
        self.watched = reading.states
        self._listeners = listeners
        self._manager = manager
        self._clock = clock
        self._catch_up = catch_up
        self._workers: set[Worker] = set()
        self._number = 0
        self._candidate: Reading | None = None
        self._waiting: set[Worker] = set()
        self._deadline = 0.0
        self._again = False
        self._attempts = 0
        self._has_been_ready = self._is_stopping = False

    # -- workers come, speak and go

    def started(self, worker: Worker) -> None:
        """It has the configuration of before, and is to prepare the next like the others."""
        self._workers.add(worker)
        if self._candidate is not None:
            self._ask(worker, self._candidate)

    def lost(self, worker: Worker) -> None:
        """Nobody waits for it any more. Its successor joins in."""
        self._workers.discard(worker)
        self._waiting.discard(worker)

    def heard(self, worker: Worker, message: dict[str, Any]) -> None:
        """See the words in `worker`."""
        word = message["word"]
        if word == RELOAD:
            self.hung_up()
        elif word == PREPARED and message["number"] == self._number:
            self._waiting.discard(worker)
        elif word == REFUSED and message["number"] == self._number and self._candidate is not None:
            self._give_up(message["reason"])
        elif word == CLOSED and self._is_stopping:
            for listener in self._listeners:
                listener.close()
        elif word == READY and not self._has_been_ready and all(known.is_ready for known in self._workers):
            self._has_been_ready = True
            self._manager.ready(self._described())

    def stopping(self) -> None:
        """No more reloads."""
        self._is_stopping = True
        self._manager.stopping()
        self._site.logger.info("stopping: no new connections, requests in flight finish")

    # -- a reload

    def hung_up(self) -> None:
        """A reload is wanted: now, or once the one under way is decided."""
        self._again = True
        self._attempts = 0

    def wait_seconds(self) -> float | None:
        """Until the patience with workers is over, or lines that wait are tried again."""
        patience = None if self._candidate is None else max(0.0, self._deadline - self._clock())
        if self._catch_up():
            return RETRY_SECONDS if patience is None else min(patience, RETRY_SECONDS)
        return patience

    def look(self) -> None:
        """Decide what can be decided, and begin what is wanted."""
        if self._is_stopping:
            return
        if self._candidate is not None and not self._waiting and self._workers:
            self._adopt(self._candidate)
        if self._candidate is not None and self._clock() >= self._deadline:
            self._give_up(f"a worker has not built it within {PATIENCE_SECONDS:g} seconds")
        if self._candidate is None and self._again:
            self._again = False
            self._begin()

    def _begin(self) -> None:
        site = self._site
        self._manager.reloading()
        if not site.source.can_be_read_again:
            self._refuse("standard input cannot be read again")
            return
        reading = site.source.read(tuple(self.watched))
        if not self._attempts:
            site.source.show(reading.loaded)
        self.watched = reading.states
        for worker in self._workers:
            worker.channel.tell(WATCH, states=dict(reading.states))
        if reading.loaded.config is None:
            self._refuse(f"{site.source.path} has errors")
            return
        self._number += 1
        self._candidate = reading
        self._deadline = self._clock() + PATIENCE_SECONDS
        for worker in self._workers:
            self._ask(worker, reading)

    def _ask(self, worker: Worker, reading: Reading) -> None:
        self._waiting.add(worker)
        worker.channel.tell(PREPARE, number=self._number, digest=reading.digest)

    def _adopt(self, reading: Reading) -> None:
        before, after = self.reading.loaded.config, reading.loaded.config
        self._count(self._adopted)
        self._candidate = None
        self.reading = reading
        for worker in self._workers:
            worker.channel.tell(ADOPT, number=self._number)
        if before is not None and after is not None:
            self._site.tell_what_stays(before, after)
        self._site.logger.info("reloaded: %s", self._described())
        self._manager.ready(self._described())

    def _give_up(self, reason: str) -> None:
        self._candidate = None
        self._waiting.clear()
        for worker in self._workers:
            worker.channel.tell(DISCARD)
        if reason == CHANGED and self._attempts < MAX_ATTEMPTS:
            self._attempts += 1
            self._again = True
            return
        self._refuse(reason)

    def _refuse(self, reason: str) -> None:
        self._count(self._refused)
        self._site.logger.error("not reloaded: %s; %s", reason, STAYS)
        self._manager.ready(self._described())

    def _count(self, count: Count) -> None:
        count.add()
        self._metrics.publish()

    def _described(self) -> str:
        config = self.reading.loaded.config
        return "" if config is None else described(config)
