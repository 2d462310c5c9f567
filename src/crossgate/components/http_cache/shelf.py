"""Answers in a Redis that gateways share: behind each worker's own store, asked where that has nothing.

What is there is a copy: whatever goes wrong with it is a miss. Knows how an answer is written down and for how long;
does not know when one may be given.
"""

import hashlib
from collections.abc import Hashable
from typing import Any

import msgspec

from crossgate.components.http_cache.control import keeping_seconds
from crossgate.components.http_cache.store import Kept
from crossgate.flow.fiber import Fiber
from crossgate.redis.failure import RedisError
from crossgate.redis.kept import Client

MAX_VALUE_BYTES = 1024 * 1024
"""A larger answer is kept by workers alone: it would hold up what else goes over the connection."""

_FORM = b"2"


class RedisShelf:
    """One worker's way to it. Keys are what a `Store` has; Redis sees their digest, since they may hold credentials."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._prefix = f"{client.config.prefix}cache:".encode()
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(
            tuple[int, list[tuple[bytes, bytes]], bytes, tuple[tuple[bytes, bytes | None], ...], float | None]
        )

    async def get(self, key: Hashable) -> Kept | None:
        """The answer of that key; None where there is none, or Redis does not say in time."""
        if not self._client.is_up:
            return None
        try:
            text = await self._client.ask("GET", self._name(key))
        except RedisError:
            return None
        if not isinstance(text, bytes) or not text.startswith(_FORM):
            return None
        try:
            return Kept(*self._decoder.decode(memoryview(text)[len(_FORM) :]))
        except (msgspec.MsgspecError, ValueError):
            return None

    def put(self, key: Hashable, kept: Kept, now: float) -> None:
        """Keep an answer for as long as it is of use, unless it is large. Nobody waits for that."""
        seconds = keeping_seconds(kept.fields, now)
        if kept.size_bytes > MAX_VALUE_BYTES or seconds <= 0:
            self.drop(key)
            return
        text = _FORM + self._encoder.encode((kept.status, kept.fields, kept.body, kept.varied, kept.received))
        self._tell("SET", self._name(key), text, "EX", seconds)

    def drop(self, key: Hashable) -> None:
        """Forget an answer."""
        self._tell("UNLINK", self._name(key))

    def _name(self, key: Hashable) -> bytes:
        return self._prefix + hashlib.blake2b(repr(key).encode(), digest_size=16).hexdigest().encode()

    def _tell(self, *words: Any) -> None:
        if self._client.is_up:
            Fiber(self._told(words)).start()

    async def _told(self, words: tuple[Any, ...]) -> None:
        try:
            await self._client.ask(*words)
        except RedisError:
            return
