"""`qos/http-cache` as a component: stores, and caches around what sends a backend's requests."""

from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.components.http_cache.cache import Cache
from crossgate.components.http_cache.changes import Changes
from crossgate.components.http_cache.config import NAMESPACE, CacheConfig, decode_cache, decode_service
from crossgate.components.http_cache.counts import AnswerCounts
from crossgate.components.http_cache.forgetting import forgetting
from crossgate.components.http_cache.keys import place_asked
from crossgate.components.http_cache.reasons import REASONS
from crossgate.components.http_cache.rules import RULE
from crossgate.components.http_cache.store import Shelf, Store
from crossgate.config.model import ServiceConfig
from crossgate.config.section import Section
from crossgate.http.message import UpstreamRequest
from crossgate.pipeline.go_client import Send
from crossgate.pipeline.observed import ObserveCalls
from crossgate.plan import BackendPlan, EndpointPlan, Plan
from crossgate.redis.store import StoreConfig

_SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))


class HttpCache(Component):
    """The component."""

    name = "http_cache"
    namespaces = (NAMESPACE,)
    stands_alone = True
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

    def share(self, config: ServiceConfig) -> Any:  # noqa: ARG002 # a reload may bring the first cache
        """When URLs were changed. Memory that nothing is in costs nothing."""
        return Changes()

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:  # noqa: ARG002
        """One worker's stores."""
        return CachePart(surroundings)


class CachePart(Part):
    """A worker's caches. Stores survive reloads that leave them as they are."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._keep = surroundings.keep
        self._now = surroundings.wall_clock
        self._changes: Changes = surroundings.shared or Changes()
        self._over_redis: list[Cache] = []
        self.caches: list[tuple[EndpointPlan, BackendPlan, Cache]] = []

    def may_wait(self, value: Any) -> bool:
        """A store is empty at first; a connection to Redis is not there at once."""
        config: CacheConfig = value
        return config.over is None

    def around_send(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan, send: Send) -> Send:
        """The cache of one backend."""
        config: CacheConfig = value
        key: tuple[Any, ...] = ("shared", config)
        if not config.shared:
            place = endpoint.config.method, endpoint.config.path, backend.config.index
            key = (*place, backend.method, backend.config.hosts, backend.config.url_pattern, config)
        store: Store = self._keep(key, lambda: Store(config.max_items, config.max_bytes, self._changes))
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
        if shelf is not None:
            self._over_redis.append(cache)
        return cache

    def observe_calls(self) -> ObserveCalls:
        """Those that change something at a backend make forget what is kept of it."""
        return self._forgetting

    def _forgetting(self, endpoint: EndpointPlan, backend: BackendPlan, send: Send) -> Send:  # noqa: ARG002
        return send if backend.method in _SAFE else forgetting(send, self._has_changed)

    def _has_changed(self, request: UpstreamRequest) -> None:
        self._changes.note(place_asked(request), self._now())
        for key in {key for cache in self._over_redis for key in cache.keys_of(request)}:
            self._over_redis[0].forget_elsewhere(key)

    def _shelf(self, over: StoreConfig) -> Shelf:
        from crossgate.components.http_cache.shelf import RedisShelf
        from crossgate.redis.kept import kept_client

        return RedisShelf(kept_client(over, self._around))
