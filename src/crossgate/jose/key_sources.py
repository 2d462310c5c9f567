"""The key sets that one worker fetches: one source for each URL, whoever asks for it.

DEVIATION(DEV-JWT-3): KrakenD's shared cache is one for all URLs, so that the keys of one issuer count for another.
"""

import logging

from crossgate.config.model import UpstreamConfig
from crossgate.flow.timers import Timers
from crossgate.jose.issuer_tls import issuer_tls
from crossgate.jose.key_fetch import KeyFetch
from crossgate.jose.key_place import KeyUrl
from crossgate.jose.key_source import KeepingTimes, KeySource
from crossgate.transport.client import Client

_CONNECTIONS = UpstreamConfig(dialer_timeout_seconds=5.0, max_idle_connections_per_host=1)


class KeySources:
    """Sources by their URL. They have clients of their own, so that key servers are always checked, whatever holds for
    backends.
    """

    def __init__(self, timers: Timers, log: logging.Logger, user_agent: str) -> None:
        self._timers = timers
        self._log = log
        self._user_agent = user_agent
        self._sources: dict[KeyUrl, KeySource] = {}
        self._clients: dict[tuple[tuple[str, ...], tuple[bytes, ...]], Client] = {}

    def of(self, url: KeyUrl) -> KeySource:
        """The source of a URL."""
        known = self._sources.get(url)
        if known is None:
            fetch = KeyFetch(url.url, self._client(url).send, self._timers, self._user_agent)
            times = KeepingTimes(url.keep_seconds, url.cooldown_seconds)
            known = self._sources[url] = KeySource(fetch.name, fetch, times, self._timers, self._log)
        return known

    def start(self) -> None:
        """Begin to fetch all of them. Nobody waits: who needs a key before it is there does."""
        for source in self._sources.values():
            source.start()

    async def stop(self) -> None:
        """Fetch no more."""
        for source in self._sources.values():
            source.stop()
        for client in self._clients.values():
            await client.close()

    def _client(self, url: KeyUrl) -> Client:
        key = (url.ca_files, url.pins)
        known = self._clients.get(key)
        if known is None:
            tls = issuer_tls(url.ca_files, url.pins)
            known = self._clients[key] = Client(_CONNECTIONS, self._timers, tls=tls)
        return known
