"""A worker's way to one Redis: connections that come back by themselves, and commands that share a trip.

What is asked for within one turn of the loop goes out together. Whoever asks while there is no connection is told at
once, so that a Redis that is away costs nothing; one that keeps being late counts as away. Knows when to connect and
what to log; what is asked is others' business.
"""

import asyncio
import hashlib
import logging
import ssl
from collections.abc import Callable
from random import Random
from time import monotonic
from typing import Any

from crossgate.flow.fiber import Signal
from crossgate.metrics.registry import Registry, Times
from crossgate.redis.dial import dial, tls_context
from crossgate.redis.failure import RedisAwayError, RedisRefusalError
from crossgate.redis.link import MAX_WAITING, Batch, Link, Word, pack
from crossgate.redis.store import StoreConfig

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.02, 0.4
"""Between attempts to connect: twice as long after each that failed, and never so long that a second passes."""

LATE_BATCHES = 3
"""So many in a row that are late, and the connection is given up."""

STEADY_SECONDS = 2.0
"""A connection that lived for so long was a good one: after it the next attempt comes soon again."""

_LAG_SECONDS = 0.002

_MOST_TOLD = 8
"""So many kinds of other refusals are told, each once for a connection."""

_UNFIT = frozenset(("LOADING", "READONLY", "MASTERDOWN", "NOAUTH", "OOM", "MISCONF", "MOVED", "CLUSTERDOWN", "NOPERM"))
"""Refusals of a Redis that is of no use as it is, whatever it is asked."""


class Script:
    """What Redis runs as one step, known to it by its digest."""

    __slots__ = ("digest", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class RedisClient:
    """See above. A `Survivor`: one for each configuration of a Redis and worker. Never raises at its start.

    `alive_key` is what it writes to see that a connection is good. Metrics call it `store`, where it is part of one.
    """

    def __init__(
        self, config: StoreConfig, log: logging.Logger, random: Random, metrics: Registry, store: str = ""
    ) -> None:
        self.config = config
        self.alive_key = f"{config.prefix}alive"
        self._random = random
        self.times = Times()
        self._log = log
        self._tls: ssl.SSLContext | None = None
        self._links: list[Link] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._packed: list[bytes] = []
        self._signals: list[Signal[Any]] = []
        self._late_in_a_row = 0
        self._is_told_away = False
        self._told_refusals: set[str] = set()
        self._reason = ""
        self._ends: dict[Link, asyncio.Future[None]] = {}
        self._errors = {
            kind: metrics.count(
                "crossgate_redis_errors_total",
                "Commands without an answer to use: Redis was away, late, or refused.",
                store=store or config.shown,
                kind=kind,
            )
            for kind in ("away", "late", "refused")
        }
        self.on_up: list[Callable[[], None]] = []
        self.on_down: list[Callable[[], None]] = []

    @property
    def is_up(self) -> bool:
        """Whether there is a connection: without one, asking is in vain."""
        return bool(self._links)

    @property
    def is_whole(self) -> bool:
        """Whether everything that it keeps can be asked for."""
        return bool(self._links)

    async def start(self) -> None:
        """Connect. Comes back once there is a connection, or the first attempt has failed: the others go on."""
        self._loop = asyncio.get_running_loop()
        attempts = [self._loop.create_future() for _ in range(self.config.pool_size)]
        self._tasks = [self._loop.create_task(self._keep(attempted)) for attempted in attempts]
        await asyncio.wait(attempts, return_when=asyncio.FIRST_COMPLETED)

    async def stop(self) -> None:
        """Close the connections."""
        self._is_told_away = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        for link in list(self._links):
            link.lose("the gateway goes on without it")

    # ---- asking

    async def ask(self, *words: Word) -> Any:
        """The answer to a command. Raises RedisError."""
        try:
            return await self.begin(words)
        except RedisRefusalError as error:
            self.refused(error)
            raise

    async def run(self, script: Script, keys: tuple[Word, ...], arguments: tuple[Word, ...]) -> Any:
        """What a script gives. One that Redis does not know, as after a restart, is sent along. Raises RedisError."""
        try:
            return await self.begin(("EVALSHA", script.digest, len(keys), *keys, *arguments))
        except RedisRefusalError as error:
            if error.code != "NOSCRIPT":
                self.refused(error)
                raise
        return await self.ask("EVAL", script.text, len(keys), *keys, *arguments)

    def begin(self, words: tuple[Word, ...]) -> Signal[Any]:
        """What will have the answer to a command. What is begun at once goes out together, in order, on one connection.

        Raises RedisAwayError. A refusal is for whoever waits to handle, and to hand to `refused`.
        """
        if not self._links or len(self._signals) >= MAX_WAITING:
            self._errors["away"].value += 1
            raise RedisAwayError("it has too much to do" if self._links else self._reason or "there is no connection")
        if not self._packed:
            self._loop.call_soon(self._flush)
        signal: Signal[Any] = Signal()
        self._packed.append(pack(words))
        self._signals.append(signal)
        return signal

    def _flush(self) -> None:
        packed, self._packed = self._packed, []
        signals, self._signals = self._signals, []
        batch = Batch(signals, monotonic())
        link = min(self._links, key=_waiting, default=None)
        if link is None or link.waiting >= MAX_WAITING:
            self._errors["away"].value += batch.fail(lambda: RedisAwayError("it has too much to do"))
            return
        batch.deadline = self._loop.call_later(self.config.timeout_seconds, self._expire, link, batch)
        link.send(b"".join(packed), batch)

    def _answered(self, batch: Batch) -> None:
        if batch.deadline is not None:
            seconds = monotonic() - batch.began_seconds
            self.times.add(seconds)
            if seconds < self.config.timeout_seconds:
                self._late_in_a_row = 0

    def _expire(self, link: Link, batch: Batch) -> None:
        if monotonic() - batch.began_seconds > self.config.timeout_seconds + _LAG_SECONDS:
            # It is this loop that is late: the answers may be there already, to be read in this very turn.
            batch.deadline = self._loop.call_later(_LAG_SECONDS, self._end, link, batch)
        else:
            self._end(link, batch)

    def _end(self, link: Link, batch: Batch) -> None:
        self._late_in_a_row += 1
        if self._late_in_a_row >= LATE_BATCHES:
            self._late_in_a_row = 0
            self._errors["late"].value += link.expire(batch)
            for each in list(self._links):
                each.lose("it does not answer in time")
        else:
            self._errors["late"].value += link.expire(batch)

    def refused(self, error: RedisRefusalError) -> None:
        """Count a refusal, or an answer that is of no use, and tell of its kind."""
        self._errors["refused"].value += 1
        if error.code in _UNFIT:
            for link in list(self._links):
                link.lose(str(error))
        elif error.code not in self._told_refusals and len(self._told_refusals) < _MOST_TOLD:
            self._told_refusals.add(error.code)
            self._log.error("[REDIS: %s] it does not do what it is asked: %s", self.config.shown, error)

    # ---- connecting

    async def _keep(self, attempted: "asyncio.Future[None]") -> None:
        """Keep one connection, for as long as this task runs."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            lived = 0.0
            try:
                if self.config.tls is not None and self._tls is None:
                    self._tls = await asyncio.to_thread(tls_context, self.config.tls)
                link = await dial(self.config, self._make, self._tls, self.alive_key)
            except Exception as error:  # noqa: BLE001 # whatever it is, another attempt is made
                self._went(str(error) or type(error).__name__)
            else:
                began = self._loop.time()
                await self._use(link, attempted)
                lived = self._loop.time() - began
            if not attempted.done():
                attempted.set_result(None)
            pause = FIRST_PAUSE_SECONDS if lived >= STEADY_SECONDS else min(2 * pause, LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(pause * self._random.uniform(0.75, 1.0))

    def _make(self) -> Link:
        return Link(self._answered, self._lost)

    async def _use(self, link: Link, attempted: "asyncio.Future[None]") -> None:
        """Until it is lost."""
        if link.is_lost:
            return
        self._ends[link] = ended = self._loop.create_future()
        self._links.append(link)
        if len(self._links) == 1:
            self._came()
        if not attempted.done():
            attempted.set_result(None)
        try:
            await ended
        finally:
            link.lose("the gateway goes on without it")

    def _lost(self, link: Link, reason: str) -> None:
        ended = self._ends.pop(link, None)
        if ended is None:
            return
        self._links.remove(link)
        if not ended.done():
            ended.set_result(None)
        if not self._links:
            self._went(reason)
            for tell in self.on_down:
                tell()

    def _came(self) -> None:
        if self._is_told_away:
            self._is_told_away = False
            self._log.warning("[REDIS: %s] it is back", self.config.shown)
        self._late_in_a_row = 0
        self._told_refusals.clear()
        for tell in self.on_up:
            tell()

    def _went(self, reason: str) -> None:
        """Tell once until it is back."""
        self._reason = reason
        if not self._is_told_away and not self._links and self._tasks:
            self._is_told_away = True
            self._log.error("[REDIS: %s] it is away: %s", self.config.shown, reason)


def _waiting(link: Link) -> int:
    return link.waiting
