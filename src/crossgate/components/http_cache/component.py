"""`qos/http-cache` as a component: stores, and caches around what sends a backend's requests."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.components.http_cache.cache import Cache
from crossgate.components.http_cache.config import NAMESPACE, CacheConfig, decode_cache, decode_service
from crossgate.components.http_cache.counts import AnswerCounts
from crossgate.components.http_cache.forgetting import forgetting
from crossgate.components.http_cache.reasons import REASONS
from crossgate.components.http_cache.rules import RULE
from crossgate.components.http_cache.store import Shelf, Store
from crossgate.config.section import Section
from crossgate.pipeline.go_client import Send
from crossgate.pipeline.observed import ObserveCalls
from crossgate.plan import BackendPlan, EndpointPlan, Plan
from crossgate.redis.store import StoreConfig

_SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))


class HttpCache(Component):
    """The component."""

    name = "http_cache"
    namespaces = (NAMESPACE,)
    rules = (RULE,)
    reasons = REASONS
    deviations = (
        "DEV-CACHE-1",
        "DEV-CACHE-2",
        "DEV-CACHE-3",
        "DEV-CACHE-4",
        "DEV-CACHE-5",
        "DEV-CACHE-6",
        "DEV-CACHE-7",
    )

    def remembers(self, value: Any) -> bool:  # noqa: ARG002
        """Answers."""
        return True

    def decode_service(self, section: Section) -> Any:
        """A StoreConfig, or None."""
        return decode_service(section)

    def decode_backend(self, section: Section) -> Any:
        """A CacheConfig, or None."""
        return decode_cache(section)

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:  # noqa: ARG002
        """One worker's stores."""
        return CachePart(surroundings)


class CachePart(Part):
    """A worker's caches. Stores survive reloads that leave them as they are."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._keep = surroundings.keep
        self._now = surroundings.wall_clock
        self.caches: list[tuple[EndpointPlan, BackendPlan, Cache]] = []

    def around_send(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan, send: Send) -> Send:
        """The cache of one backend."""
        config: CacheConfig = value
        key: tuple[Any, ...] = ("shared", config)
        if not config.shared:
            place = endpoint.config.method, endpoint.config.path, backend.config.index
            key = (*place, backend.method, backend.config.hosts, backend.config.url_pattern, config)
        store: Store = self._keep(key, lambda: Store(config.max_items, config.max_bytes))
        # Of others the status check takes those before anybody reads them.
        keeps_errors = backend.no_op or bool(backend.config.return_error_details)
        shelf = None if config.over is None else self._shelf(config.over)
        counts = AnswerCounts(self._around.metrics, endpoint.config.path)
        cache = Cache(
            send,
            store,
            self._now,
            shelf,
            is_no_op=backend.no_op,
            keeps_errors=keeps_errors,
            counts=counts,
            user_fields=self._around.user_fields,
        )
        self.caches.append((endpoint, backend, cache))
        return cache

    def observe_calls(self) -> ObserveCalls:
        """Those that change something at a backend make forget what is kept of it."""
        return self._forgetting

    def _forgetting(self, endpoint: EndpointPlan, backend: BackendPlan, send: Send) -> Send:  # noqa: ARG002
        """DEVIATION(DEV-CACHE-6): KrakenD goes on giving what it keeps of a URL after a POST, PUT, PATCH or DELETE
        there has succeeded."""
        return send if backend.method in _SAFE else forgetting(send, partial(self._caches_of, backend.config.hosts))

    def _caches_of(self, hosts: Sequence[str]) -> list[Cache]:
        return [cache for _, backend, cache in self.caches if not set(hosts).isdisjoint(backend.config.hosts)]

    def _shelf(self, over: StoreConfig) -> Shelf:
        from crossgate.components.http_cache.shelf import RedisShelf
        from crossgate.redis.kept import kept_client

        return RedisShelf(kept_client(over, self._around))
