"""The names that data of backends can have at their top. Knows configurations; decodes nothing."""

from collections.abc import Mapping

from crossgate.config.model import BackendConfig, EndpointConfig

COLLECTING = ("json", "xml")
"""Decoders that `is_collection` changes."""
_COLLECTED = frozenset(("collection",))
_OWN: Mapping[str, frozenset[str]] = {
    "string": frozenset(("content",)),
    "rss": frozenset(
        (
            *("author", "categories", "copyright", "custom", "description", "img_url", "items", "language"),
            *("published", "title", "type", "updated"),
        )
    ),
}
"""Of decoders that choose them."""


def names_of_backend(config: BackendConfig) -> frozenset[str] | None:
    """Those of answers that are read; None: any."""
    if config.encoding == "no-op":
        return frozenset()
    if config.group:
        return frozenset((config.group,))
    if config.flatmap:
        return None
    names = _OWN.get(config.encoding)
    if config.is_collection and config.encoding in COLLECTING:
        names = _COLLECTED
    if config.target:
        names = None
    if config.allow:
        tops = frozenset(path.partition(".")[0] for path in config.allow)
        names = tops if names is None else tops & names
    return None if names is None else names | {config.mapping.get(name, name) for name in names}


def names_of_endpoint(config: EndpointConfig) -> frozenset[str] | None:
    """Those of all of its backends, merged and with static data over them; None: any."""
    names: set[str] = set() if config.static is None else set(config.static.data)
    for backend in config.backends:
        found = names_of_backend(backend)
        if found is None or backend.return_error_details:
            return None
        names |= found
    return None if config.flatmap else frozenset(names)
