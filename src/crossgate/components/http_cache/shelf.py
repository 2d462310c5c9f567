"""Answers in a Redis that gateways share: behind each worker's own store, asked where that has nothing.

What is there is a copy: whatever goes wrong with it is a miss. Knows how an answer is written down and for how long;
does not know when one may be given.
"""

import hashlib
import math
import re
from collections.abc import Hashable
from typing import Any

import msgspec

from crossgate.components.http_cache.control import keeping_seconds
from crossgate.components.http_cache.store import Kept
from crossgate.flow.fiber import Fiber
from crossgate.http.message import Fields, first_of_lines
from crossgate.redis.failure import RedisError
from crossgate.redis.kept import Client

MAX_VALUE_BYTES = 1024 * 1024
"""A larger answer is kept by workers alone: it would hold up what else goes over the connection."""

_FORM = b"3"
_LINES = re.compile(rb"(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0]*)*")
_STATUSES = range(200, 600)

_Written = tuple[int, bytes | Fields, bytes, tuple[tuple[bytes, bytes | None], ...], float, int | None, bool]
"""Status; field lines, or fields; body; what it depends on; when it was asked for; the length its lines say, whether it
may be encoded."""


class RedisShelf:
    """One worker's way to it. Keys are what a `Store` has; Redis sees their digest, since they may hold credentials."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._prefix = f"{client.config.prefix}cache:".encode()
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(_Written)

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
            written: _Written = self._decoder.decode(memoryview(text)[len(_FORM) :])
            return _read(written, has_body=not isinstance(key, tuple) or key[0] != b"HEAD")
        except (msgspec.MsgspecError, ValueError):
            return None

    def put(self, key: Hashable, kept: Kept, now: float) -> None:
        """Keep an answer for as long as it is of use, unless it is large. Nobody waits for that."""
        seconds = keeping_seconds(kept.terms, bool(kept.first(b"etag") or kept.first(b"last-modified")), now)
        if kept.size_bytes > MAX_VALUE_BYTES or seconds <= 0 or kept.received is None:
            self.drop(key)
            return
        head = kept.fields if kept.lines is None else kept.lines
        written: _Written = (
            kept.status,
            head,
            kept.body,
            kept.varied,
            kept.received,
            kept.length_bytes,
            kept.is_encoded,
        )
        self._tell("SET", self._name(key), _FORM + self._encoder.encode(written), "EX", seconds)

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


def _read(written: _Written, *, has_body: bool) -> Kept:
    """Who may write to that Redis is to have a say in what answers are, not in where they end. Raises ValueError."""
    status, head, body, varied, received, length_bytes, is_encoded = written
    lines = head if isinstance(head, bytes) else b"".join([b"\r\n%b:%b" % field for field in head])
    said = first_of_lines(lines, b"content-length")
    length = None if said is None else b"%d" % len(body) if has_body else said
    if (
        status not in _STATUSES
        or not math.isfinite(received)
        or _LINES.fullmatch(lines) is None
        or first_of_lines(lines, b"transfer-encoding") is not None
        or said != length
    ):
        raise ValueError(status)
    if not isinstance(head, bytes):
        if lines.count(b"\r\n") != len(head):
            raise ValueError(head)
        return Kept(status, head, body, varied, received)
    if said != (None if length_bytes is None else b"%d" % length_bytes):
        raise ValueError(length_bytes)
    return Kept(status, None, body, varied, received, lines=lines, length_bytes=length_bytes, is_encoded=is_encoded)
