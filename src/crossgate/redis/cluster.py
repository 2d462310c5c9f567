"""A worker's way to a Redis cluster: a client for each member that has keys, and which of them to ask.

Members come and go and hand their keys to each other: whoever is asked for keys that are elsewhere says where, and then
all are looked up anew. Knows where keys are; how a member is spoken to is `client.py`'s.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import replace
from random import Random
from time import monotonic
from typing import Any

from crossgate.flow.fiber import Signal
from crossgate.metrics.registry import Registry, Times
from crossgate.redis.client import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, RedisClient, Script
from crossgate.redis.dial import ask_alone, dial, tls_context
from crossgate.redis.failure import RedisAwayError, RedisError, RedisLateError, RedisRefusalError
from crossgate.redis.link import Link, Word
from crossgate.redis.store import StoreConfig
from crossgate.redis.topology import SLOTS, Place, SlotRange, key_in, ranges_in, redirected, slot_of

LOOK_SECONDS = 10.0
"""So often the members are looked up although nothing points to a change."""

_MOST_STEPS = 5
"""One question is asked so often at most: elsewhere, and where a script is not known."""


class ClusterClient:
    """See above. Like a RedisClient, for which others need not know the difference. Each question is about one slot."""

    def __init__(self, config: StoreConfig, log: logging.Logger, random: Random, metrics: Registry) -> None:
        self.config = config
        self.times = Times()
        self.on_up: list[Callable[[], None]] = []
        self._log = log
        self._random = random
        self._metrics = metrics
        self._tls: ssl.SSLContext | None = None
        self._members: dict[Place, RedisClient] = {}
        self._by_slot: list[RedisClient | None] = [None] * SLOTS
        self._task: asyncio.Task[None] | None = None
        self._reason = ""
        self._is_told_away = False
        self._missed: list[str] = []
        self._errors_away = metrics.count(
            "crossgate_redis_errors_total",
            "Commands without an answer to use: Redis was away, late, or refused.",
            store=config.shown,
            kind="away",
        )

    @property
    def is_up(self) -> bool:
        """Whether there is a connection to a member: without one, asking is in vain."""
        return any(member.is_up for member in self._members.values())

    @property
    def is_whole(self) -> bool:
        """Whether every key can be asked for."""
        return bool(self._members) and None not in self._by_slot and all(m.is_up for m in self._members.values())

    async def start(self) -> None:
        """Find the members and connect. Comes back once that was tried: it goes on by itself."""
        self._loop = asyncio.get_running_loop()
        self._doubt = asyncio.Event()
        tried: asyncio.Future[None] = self._loop.create_future()
        self._task = self._loop.create_task(self._follow(tried))
        await tried

    async def stop(self) -> None:
        """Close the connections."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for member in self._members.values():
            await member.stop()

    # ---- asking

    async def ask(self, *words: Word) -> Any:
        """The answer to a command. Raises RedisError."""
        at = words.index("STREAMS") + 1 if words[0] == "XREAD" else 1
        return await self._asked(words[at], words, words)

    async def run(self, script: Script, keys: tuple[Word, ...], arguments: tuple[Word, ...]) -> Any:
        """What a script gives, whose keys are in one slot. Raises RedisError."""
        rest = (len(keys), *keys, *arguments)
        return await self._asked(keys[0], ("EVALSHA", script.digest, *rest), ("EVAL", script.text, *rest))

    async def _asked(self, key: Word, words: tuple[Word, ...], whole: tuple[Word, ...]) -> Any:
        """`whole` is what goes where the script of `words` is not known. All steps together take no longer than one."""
        ends = monotonic() + self.config.timeout_seconds
        member = self._by_slot[slot_of(key if isinstance(key, bytes) else str(key).encode())]
        if member is None:
            raise self._away(self._reason or "nobody has that slot")
        signal = member.begin(words)
        is_guest = False
        for _ in range(_MOST_STEPS):
            end = self._loop.call_later(max(0.0, ends - monotonic()), _late, signal) if is_guest else None
            try:
                return await signal
            except RedisRefusalError as error:
                if error.code == "NOSCRIPT" and words is not whole:
                    words = whole
                elif error.code in ("MOVED", "ASK"):
                    member = self._member_in(error, member)
                else:
                    self._doubt.set()
                    member.refused(error)
                    raise
                asks = error.code == "ASK"
            finally:
                if end is not None:
                    end.cancel()
            if asks:
                member.begin(("ASKING",))
            signal = member.begin(words)
            is_guest = True
        raise self._away("its members send us from one to the other")

    def _member_in(self, error: RedisRefusalError, asked: RedisClient) -> RedisClient:
        """Where a refusal sends us."""
        slot, place = redirected(str(error), (asked.config.host, asked.config.port))
        member = self._members.get(place)
        if error.code == "MOVED":
            self._doubt.set()
            self._by_slot[slot] = member or self._by_slot[slot]
        if member is None:
            self._doubt.set()
            raise self._away("the key has moved to a member that is not known yet")
        return member

    def _away(self, reason: str) -> RedisAwayError:
        self._errors_away.value += 1
        return RedisAwayError(reason)

    def refused(self, error: RedisRefusalError) -> None:
        """An answer was of no use, whoever gave it."""
        for member in self._members.values():
            if member.is_up:
                member.refused(error)
                return

    # ---- where keys are

    async def _follow(self, tried: "asyncio.Future[None]") -> None:
        """Keep to what the cluster says of itself, for as long as this task runs."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            self._doubt.clear()
            try:
                if self.config.tls is not None and self._tls is None:
                    self._tls = await asyncio.to_thread(tls_context, self.config.tls)
                await self._take(await self._look())
            except Exception as error:  # noqa: BLE001 # whatever it is, another attempt is made
                self._went(str(error) or type(error).__name__)
            if not tried.done():
                tried.set_result(None)
            if self.is_whole:
                pause = FIRST_PAUSE_SECONDS
                await self._wait_for_doubt(LOOK_SECONDS)
            else:
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(pause * self._random.uniform(0.75, 1.0))

    async def _wait_for_doubt(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds * self._random.uniform(0.75, 1.0)):
                await self._doubt.wait()
        except TimeoutError:
            return

    async def _look(self) -> tuple[SlotRange, ...]:
        """What the first member says that answers: those with a connection are asked first. Raises RedisError."""
        known = sorted(self._members.items(), key=lambda item: (not item[1].is_up, self._random.random()))
        failure: RedisError = RedisAwayError("it has no members")
        for host, port in dict.fromkeys([place for place, _ in known] + list(self.config.cluster)):
            try:
                return await self._ask_member(host, port)
            except RedisError as error:
                failure = error
        raise failure

    async def _ask_member(self, host: str, port: int) -> tuple[SlotRange, ...]:
        link = await dial(self._config_of((host, port)), _make_link, self._tls)
        try:
            async with asyncio.timeout(self.config.connect_seconds):
                return tuple(ranges_in(await ask_alone(link, "CLUSTER", "SLOTS"), (host, port)))
        except TimeoutError:
            raise RedisLateError("it does not say in time where keys are") from None
        finally:
            link.lose("it has said where keys are")

    async def _take(self, ranges: tuple[SlotRange, ...]) -> None:
        """Ask these from now on. Comes back when the new ones were tried."""
        if self._is_told_away:
            self._is_told_away = False
            self._log.warning("[REDIS: %s] it is back", self.config.shown)
        of_place: dict[Place, list[SlotRange]] = {}
        for each in ranges:
            of_place.setdefault(each.place, []).append(each)
        gone = [member for place, member in self._members.items() if place not in of_place]
        new = [place for place in of_place if place not in self._members]
        self._members = {place: self._members.get(place) or self._make(place) for place in of_place}
        by_slot: list[RedisClient | None] = [None] * SLOTS
        for place, its in of_place.items():
            member = self._members[place]
            for each in its:
                by_slot[each.first : each.last + 1] = [member] * (each.last + 1 - each.first)
            if by_slot[slot_of(member.alive_key.encode())] is not member:
                member.alive_key = key_in(its, f"{self.config.prefix}alive:")
        self._by_slot = by_slot
        self._missed += [f"{member.config.host}:{member.config.port}" for member in gone if not member.is_up]
        for member in gone:
            await member.stop()
        await asyncio.gather(*(self._members[place].start() for place in new))
        if self._missed and self.is_whole:  # they told that they are away, and will not tell that they are back
            missed, self._missed = ", ".join(dict.fromkeys(self._missed)), []
            self._log.warning("[REDIS: %s] others have the keys of %s", self.config.shown, missed)

    def _make(self, place: Place) -> RedisClient:
        member = RedisClient(self._config_of(place), self._log, self._random, self._metrics, self.config.shown)
        member.times = self.times
        member.on_up.append(self._came)
        member.on_down.append(self._doubt.set)
        return member

    def _config_of(self, place: Place) -> StoreConfig:
        host, port = place
        name = f"{self.config.shown} at {host}:{port}"
        return replace(self.config, host=host, port=port, name=name, cluster=())

    def _came(self) -> None:
        for tell in self.on_up:
            tell()

    def _went(self, reason: str) -> None:
        """Tell once until it can be looked up again: members tell of themselves."""
        self._reason = reason
        if not self._is_told_away and not self.is_up:
            self._is_told_away = True
            self._log.error("[REDIS: %s] it is away: %s", self.config.shown, reason)


def _late(signal: Signal[Any]) -> None:
    signal.fail(RedisLateError("it does not answer in time"))


def _make_link() -> Link:
    return Link(lambda _batch: None, lambda _link, _reason: None)
