"""A cache as a file has it.

Source: krakend-httpcache v2 `httpcache.go`.
"""

from dataclasses import dataclass

from crossgate.config.component import ComponentNamespace
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.section import Section

NAME = "qos/http-cache"
KEYS = KeyTable(
    "the cache",
    Manner.JSON,
    (
        Key("shared", Kind.BOOLEAN, "One cache for all backends that say so.", False),
        Key("max_items", Kind.INTEGER, "Most answers that are kept; counts together with `max_size` only."),
        Key("max_size", Kind.INTEGER, "Most bytes that are kept; counts together with `max_items` only."),
    ),
)
NAMESPACE = ComponentNamespace(NAME, "Keeps answers of backends for as long as they say.", {"backend": KEYS})
MAX_ITEMS = 100_000
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CacheConfig:
    """The bounds of a store. DEVIATION(DEV-CACHE-2): where the file has none, KrakenD keeps everything for ever."""

    shared: bool = False
    max_items: int = MAX_ITEMS
    max_bytes: int = MAX_BYTES


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
    if items > 0 and size > 0:
        return CacheConfig(shared, items, size)
    return CacheConfig(shared)
