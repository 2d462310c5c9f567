"""The keys of one URL, fetched and kept: off the path of requests where that can be, and never without bounds.

At most one fetch is under way. Keys are renewed before they expire while somebody uses them, and are not used
afterwards. A name that is not among them leads to a fetch only as long as there are tokens in a bucket, so that nobody
can have the issuer called at will. Does not know HTTP: `fetch` gives the set or raises KeySetError.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crossgate.flow.fiber import Fiber, Flow, Signal
from crossgate.flow.timers import Timer, Timers
from crossgate.jose.keys import Key, KeySetError, Strategy, by_id

RENEW_AT = 0.75
"""Of the time that keys are kept."""

BUCKET_SIZE = 10
REFILL_SECONDS = 5.0
FIRST_RETRY_SECONDS = 5.0
_MAX_FAILED = 1024


@dataclass(frozen=True, slots=True)
class KeepingTimes:
    """How long keys are used after a fetch, and how long a name is not looked for again that was not found (0: not)."""

    keep_seconds: float
    cooldown_seconds: float = 0.0


class KeySource:
    """See above. `name` is the URL as it may be shown in a log."""

    def __init__(
        self,
        name: str,
        fetch: Callable[[], Flow[Sequence[Key]]],
        times: KeepingTimes,
        timers: Timers,
        log: logging.Logger,
    ) -> None:
        self._name = name
        self._fetch = fetch
        self._times = times
        self._timers = timers
        self._log = log
        self._keys: dict[bytes, Key] = {}
        self._tables: dict[Strategy, dict[str, Key]] = {}
        self._set: tuple[Key, ...] = ()
        self._expires = float("-inf")
        self._waiting: list[Signal[None]] | None = None
        self._fiber: Fiber[None] | None = None
        self._renewal: Timer | None = None
        self._is_used = False
        self._failed: dict[tuple[Strategy, str], float] = {}
        self._tokens = float(BUCKET_SIZE)
        self._filled = timers.now()

    def start(self) -> None:
        """Begin the first fetch. It is tried again now and then until keys are there."""
        self._begin()

    @property
    def was_had(self) -> bool:
        """Whether there ever were keys."""
        return self._expires > float("-inf")

    def stop(self) -> None:
        """Fetch no more. Who waits for keys finds none."""
        if self._fiber is not None:
            self._fiber.cancel()
        if self._renewal is not None:
            self._renewal.cancel()

    def known(self, strategy: Strategy, name: str) -> Key | None:
        """The key of that name as far as it is here and has not expired."""
        if self._timers.now() >= self._expires:
            return None
        self._is_used = True
        table = self._tables.get(strategy)
        if table is None:
            table = self._tables[strategy] = by_id(self._set, strategy)
        return table.get(name)

    def may_fetch(self, strategy: Strategy, name: str) -> bool:
        """Whether it is worth waiting for a fetch that may bring a key of that name."""
        now = self._timers.now()
        failed = self._failed.get((strategy, name))
        if failed is not None and now < failed:
            return False
        if self._waiting is not None:
            return True
        self._tokens = min(BUCKET_SIZE, self._tokens + (now - self._filled) / REFILL_SECONDS)
        self._filled = now
        return self._tokens >= 1

    async def fetched(self, strategy: Strategy, name: str) -> Key | None:
        """The key of that name after a fetch, which is begun unless one is under way."""
        if self._waiting is None:
            self._tokens -= 1
            self._begin()
        if self._waiting is not None:
            signal: Signal[None] = Signal()
            self._waiting.append(signal)
            await signal
        key = self.known(strategy, name)
        if key is None and self._times.cooldown_seconds > 0:
            if len(self._failed) >= _MAX_FAILED:
                self._failed.clear()
            self._failed[strategy, name] = self._timers.now() + self._times.cooldown_seconds
        return key

    # ---- fetching

    def _begin(self) -> None:
        if self._waiting is None:
            self._waiting = []
            self._fiber = Fiber(self._renew())
            self._fiber.start()

    async def _renew(self) -> None:
        try:
            keys = await self._fetch()
        except KeySetError as error:
            self._log.warning("[JWK] %s: %s", self._name, error)
        else:
            self._take(keys)
        finally:
            waiting, self._waiting = self._waiting or [], None
            self._fiber = None
            self._plan_renewal()
            for signal in waiting:
                signal.succeed(None)

    def _take(self, keys: Sequence[Key]) -> None:
        """Keys that were there before stay the objects they were: who remembers one sees that it still holds."""
        self._set = tuple([self._keys.get(key.identity, key) for key in keys])
        self._keys = {key.identity: key for key in self._set}
        self._tables = {}
        self._expires = self._timers.now() + self._times.keep_seconds
        self._is_used = False

    def _plan_renewal(self) -> None:
        if self._renewal is not None:
            self._renewal.cancel()
            self._renewal = None
        left = self._expires - self._timers.now()
        if not self.was_had:
            self._renewal = self._timers.after(FIRST_RETRY_SECONDS, self._begin)
        elif left > 0:
            at = left - (1 - RENEW_AT) * self._times.keep_seconds
            retry = max(1.0, 0.05 * self._times.keep_seconds)
            self._renewal = self._timers.after(at if at > 0 else min(left, retry), self._renew_if_used)

    def _renew_if_used(self) -> None:
        self._renewal = None
        if self._is_used and self._timers.now() < self._expires:
            self._begin()


class FixedKeys:
    """The keys of a file. They never change and never expire; the same questions as of a KeySource."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._keys = tuple(keys)
        self._tables: dict[Strategy, dict[str, Key]] = {}

    def __repr__(self) -> str:
        return f"<{len(self._keys)} keys>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FixedKeys) and self.identities == other.identities

    def __hash__(self) -> int:
        return hash(self.identities)

    def with_more(self, keys: Sequence[Key]) -> "FixedKeys":
        """These keys and others behind them."""
        return FixedKeys((*self._keys, *keys))

    @property
    def identities(self) -> tuple[bytes, ...]:
        """What tells its keys from others."""
        return tuple([key.identity for key in self._keys])

    def known(self, strategy: Strategy, name: str) -> Key | None:
        """The key of that name."""
        table = self._tables.get(strategy)
        if table is None:
            table = self._tables[strategy] = by_id(self._keys, strategy)
        return table.get(name)

    def may_fetch(self, strategy: Strategy, name: str) -> bool:  # noqa: ARG002 # there is nothing to fetch
        """Never."""
        return False

    async def fetched(self, strategy: Strategy, name: str) -> Key | None:
        """What is there."""
        return self.known(strategy, name)
