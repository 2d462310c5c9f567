"""The key sets that one worker fetches: one source for each URL, whoever asks for it.

DEVIATION(DEV-JWT-3): KrakenD's shared cache is one for all URLs, so that the keys of one issuer count for another.
"""

import contextlib
import hashlib
import logging
from collections.abc import Callable, Hashable
from functools import partial
from pathlib import Path
from typing import Any

from crossgate.config.model import UpstreamConfig
from crossgate.flow.timers import Timers
from crossgate.jose.issuer_tls import issuer_tls
from crossgate.jose.key_fetch import KeyFetch
from crossgate.jose.key_place import KeyUrl
from crossgate.jose.key_source import KeepingTimes, KeySource
from crossgate.transport.client import Client
from crossgate.transport.dial import Dial

_CONNECTIONS = UpstreamConfig(dialer_timeout_seconds=5.0, max_idle_connections_per_host=1)


class KeySources:
    """Sources by their URL. `keep` is whatever sees to it that they outlive one configuration, and to their end."""

    def __init__(
        self,
        keep: Callable[[Hashable, Callable[[], Any]], Any],
        timers: Timers,
        log: logging.Logger,
        user_agent: str,
        dial: Dial,
    ) -> None:
        self._dial = dial
        self._keep = keep
        self._timers = timers
        self._log = log
        self._user_agent = user_agent
        self._kept: dict[KeyUrl, KeptSource] = {}

    def of(self, url: KeyUrl) -> KeySource:
        """The source of a URL."""
        known = self._kept.get(url)
        if known is None:
            key = (url, self._user_agent, tuple(map(_digest, url.ca_files)))
            known = self._kept[url] = self._keep(key, lambda: self._make(url))
        return known.source

    def missing(self) -> str:
        """Which key set has never been had, in words; empty where there is none such."""
        missing = sorted(kept.name for kept in self._kept.values() if not kept.source.was_had)
        return f"no keys of {', '.join(missing)}" if missing else ""

    def _make(self, url: KeyUrl) -> "KeptSource":
        return KeptSource(url, self._timers, self._log, self._user_agent, self._dial)


class KeptSource:
    """A source with a client of its own, so that its key server is always checked, whatever holds for backends."""

    def __init__(self, url: KeyUrl, timers: Timers, log: logging.Logger, user_agent: str, dial: Dial) -> None:
        self._client = Client(_CONNECTIONS, timers, tls=partial(issuer_tls, url.ca_files, url.pins), dial=dial)
        fetch = KeyFetch(url.url, self._client.send, timers, user_agent)
        self.name = fetch.name
        self.source = KeySource(fetch.name, fetch, KeepingTimes(url.keep_seconds, url.cooldown_seconds), timers, log)

    async def start(self) -> None:
        """Begin to fetch. Nobody waits: who needs a key before it is there does."""
        self.source.start()

    async def stop(self) -> None:
        """Fetch no more."""
        self.source.stop()
        await self._client.close()


def _digest(path: str) -> bytes:
    """Of a file's content: certificates are exchanged in their place."""
    with contextlib.suppress(OSError):
        return hashlib.blake2b(Path(path).read_bytes(), digest_size=16).digest()
    return b""
