"""A cache as a file has it.

Source: krakend-httpcache v2 `httpcache.go`.
"""

from dataclasses import dataclass

from crossgate.config.component import ComponentNamespace
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.section import Section
from crossgate.redis.config import stores_of
from crossgate.redis.store import StoreConfig

NAME = "qos/http-cache"
KEYS = KeyTable(
    "the cache",
    Manner.JSON,
    (
        Key(
            "shared",
            Kind.BOOLEAN,
            "One cache for all backends that say so.",
            False,
        ),
        Key("max_items", Kind.INTEGER, "Most answers that are kept; counts together with `max_size` only."),
        Key("max_size", Kind.INTEGER, "Most bytes that are kept; counts together with `max_items` only."),
    ),
)
NAMESPACE = ComponentNamespace(NAME, "Keeps answers of backends for as long as they say.", {"backend": KEYS})
MAX_ITEMS = 100_000
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CacheConfig:
    """The bounds of a store. DEVIATION(DEV-CACHE-2): where the file has none, KrakenD keeps everything for ever.

    By `over` gateways share what is kept.
    """

    shared: bool = False
    max_items: int = MAX_ITEMS
    max_bytes: int = MAX_BYTES
    over: StoreConfig | None = None


def decode_cache(section: Section) -> CacheConfig | None:
    """A backend's cache. As in KrakenD any value of the namespace means one."""
    namespace = section.namespaces.get(NAME)
    if namespace is None:
        return None
    fields = section.fields(NAME, KEYS)
    if fields is None:
        return CacheConfig()
    shared, items, size = fields.boolean("shared"), fields.integer("max_items"), fields.integer("max_size")
    if fields.broken:
        return CacheConfig()
    over: StoreConfig | None = section.service if shared else None
    if items > 0 and size > 0:
        return CacheConfig(shared, items, size, over)
    return CacheConfig(shared, over=over)


def decode_service(section: Section) -> StoreConfig | None:
    """The Redis by which gateways share what shared caches keep, where the file wants that."""
    stores = stores_of(section)
    return None if stores is None else stores.sharing("cache")
