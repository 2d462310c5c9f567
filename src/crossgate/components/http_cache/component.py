"""`qos/http-cache` as a component: stores, and caches around what sends a backend's requests."""

from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.components.http_cache.cache import Cache
from crossgate.components.http_cache.config import NAMESPACE, CacheConfig, decode_cache
from crossgate.components.http_cache.rules import RULE
from crossgate.components.http_cache.store import Store
from crossgate.config.section import Section
from crossgate.pipeline.go_client import Send
from crossgate.plan import BackendPlan, EndpointPlan, Plan


class HttpCache(Component):
    """The component."""

    name = "http_cache"
    namespaces = (NAMESPACE,)
    rules = (RULE,)
    deviations = ("DEV-CACHE-1", "DEV-CACHE-2", "DEV-CACHE-3")

    def decode_backend(self, section: Section) -> Any:
        """A CacheConfig, or None."""
        return decode_cache(section)

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:  # noqa: ARG002
        """One worker's stores."""
        return CachePart(surroundings)


class CachePart(Part):
    """A worker's caches. Stores survive reloads that leave them as they are."""

    def __init__(self, surroundings: Surroundings) -> None:
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
        cache = Cache(send, store, self._now, is_no_op=backend.no_op, keeps_errors=keeps_errors)
        self.caches.append((endpoint, backend, cache))
        return cache
