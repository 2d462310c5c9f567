"""Revocations that gateways tell each other by a Redis: a stream of digests there, which each follows.

So one that starts, or was without Redis for a while, learns of all. The stream is bounded, as the table is. What is in
it came from a network: what is not one of ours is stepped over.
"""

import asyncio
from collections.abc import Callable
from math import isfinite
from typing import Any

from crossgate.components.jwt.revocations import DIGEST_BYTES, RevocationTable, digest_of
from crossgate.flow.fiber import Fiber
from crossgate.flow.timers import Timers
from crossgate.redis.failure import RedisError, RedisRefusalError
from crossgate.redis.kept import Client

POLL_SECONDS = 0.5
"""So long at most until all gateways know, while Redis is there."""

START_SECONDS = 5.0
"""A start waits so long for what was revoked before; afterwards the gateway is not ready until it knows."""

_PAGE = 200
_BEGINNING = b"0-0"


class RevocationFeed:
    """One worker's. `now` is in seconds since the epoch."""

    def __init__(self, client: Client, table: RevocationTable, timers: Timers, now: Callable[[], float]) -> None:
        self._client = client
        self._key = f"{client.config.prefix}revocations".encode()
        self._table = table
        self._timers = timers
        self._now = now
        self._last = _BEGINNING
        self._fiber: Fiber[None] | None = None
        self._first: asyncio.Future[None] | None = None
        self.was_read = False

    async def start(self) -> None:
        """Begin to follow. Comes back once all is read, or that has failed."""
        self._client.on_up.append(self._begin_anew)
        self._first = asyncio.get_running_loop().create_future()
        self._fiber = Fiber(self._follow()).start()
        await asyncio.wait((self._first,), timeout=START_SECONDS)

    async def stop(self) -> None:
        """Follow no more."""
        self._client.on_up.remove(self._begin_anew)
        if self._fiber is not None:
            self._fiber.cancel()

    async def tell(self, key: str, value: str, until: float) -> None:
        """Tell the others. Raises RedisError."""
        words = ("XADD", self._key, "MAXLEN", "~", self._table.size, "*", "d", digest_of(key, value), "u", repr(until))
        await self._client.ask(*words)

    def _begin_anew(self) -> None:
        """It may be another Redis, or the same without its memory: what is known already costs little."""
        self._last = _BEGINNING

    async def _follow(self) -> None:
        while True:
            try:
                while await self._read_page():
                    pass
                self.was_read = True
            except RedisError:
                pass  # the client tells of it; the others are read when it is back
            if self._first is not None and not self._first.done():
                self._first.set_result(None)
            await self._timers.sleep(POLL_SECONDS)

    async def _read_page(self) -> bool:
        """Take what is new. Whether there may be more."""
        last = self._last
        answer = await self._client.ask("XREAD", "COUNT", _PAGE, "STREAMS", self._key, last)
        entries = _entries(answer)
        now = self._now()
        for _, fields in entries:
            digest, until = fields.get(b"d"), _seconds(fields.get(b"u"))
            if isinstance(digest, bytes) and len(digest) == DIGEST_BYTES and until > now:
                self._table.add_digest(digest, until, now)
        if entries and self._last == last:
            self._last = entries[-1][0]
        return len(entries) == _PAGE


def _entries(answer: Any) -> list[tuple[bytes, dict[Any, Any]]]:
    """Identifiers and fields, of what has the shape of an answer to XREAD."""
    try:
        ((_, items),) = answer or ((b"", ()),)
        entries = [(entry, dict(zip(fields[::2], fields[1::2], strict=True))) for entry, fields in items]
    except (TypeError, ValueError):
        entries = [(None, {})]
    if not all(isinstance(entry, bytes) for entry, _ in entries):
        raise RedisRefusalError("ANSWER that is none of XREAD's")
    return entries


def _seconds(text: Any) -> float:
    try:
        until = float(text)
    except (TypeError, ValueError):
        return 0.0
    return until if isfinite(until) else 0.0
