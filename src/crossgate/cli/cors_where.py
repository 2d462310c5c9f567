"""Where in a file a CORS key stands: KrakenD's block, `crossgate/cors` of the service, a named policy, an endpoint.

Follows the order of precedence that the decoders have. Knows documents; decides nothing about requests.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossgate.config.document import Document, EndpointNode, Node
from crossgate.diagnostics.path import child

_KRAKEND = "security/cors"
_OWN = "crossgate/cors"
_KRAKEND_NAMES = {2: "github_com/devopsfaith/krakend-cors", 3: _KRAKEND}


@dataclass(frozen=True, slots=True)
class Source:
    """One object that may say something about a policy; `name` is a named policy's."""

    path: str
    value: Mapping[str, Any]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a key stands. If no object has it, `is_set` is False and the path is that of the object it belongs in."""

    path: str
    is_set: bool


@dataclass(frozen=True, slots=True)
class Inherited:
    """Whose key is inherited, as the beginning of a sentence; where it stands, and what it says."""

    who: str
    path: str
    value: Any


def sources_of(document: Document, endpoint: EndpointNode | None) -> list[Source]:
    """The objects behind an endpoint's policy, the one that wins first."""
    service = document.service.namespaces.get(_OWN)
    named = service.value.get("policies") if service and isinstance(service.value, Mapping) else None
    policies_path = child(service.path, "policies") if service else ""
    sources: list[Source] = []

    def add_named(name: Any) -> None:
        if isinstance(named, Mapping) and isinstance(name, str) and isinstance(named.get(name), Mapping):
            sources.append(Source(child(policies_path, name), named[name], name))

    own = endpoint.namespaces.get(_OWN) if endpoint is not None else None
    chosen: Any = None
    if own is not None and isinstance(own.value, Mapping):
        sources.append(Source(own.path, own.value))
        chosen = own.value.get("policy")
        add_named(chosen)
    if service is not None and isinstance(service.value, Mapping):
        if chosen is None:
            add_named(service.value.get("default"))
        sources.append(Source(service.path, service.value))
    block = document.service.namespaces.get(_KRAKEND)
    if block is not None and isinstance(block.value, Mapping):
        sources.append(Source(block.path, block.value))
    return sources


def find_key(
    document: Document, endpoint: EndpointNode | None, key: str, *, rule: int | None = None, item: int | None = None
) -> Found:
    """Where a key of the policy stands, or its list's item, or the rule it belongs to."""
    sources = sources_of(document, endpoint)
    if rule is not None:
        sources = [*_rule(sources, rule), *sources]
    for source in sources:
        written = _spelling(source, key, document.version)
        if written is not None:
            path = child(source.path, written)
            return Found(path if item is None else child(path, item), is_set=True)
    if sources:
        return Found(sources[0].path, is_set=False)
    return Found(document.service.at("extra_config"), is_set=False)


def inherited_value(document: Document, endpoint: EndpointNode | None, key: str, rule: int | None) -> Inherited | None:
    """Where a named policy, or the rule that holds, has a key from that it does not set itself; None where it does."""
    sources = sources_of(document, endpoint)
    named = next((source for source in sources if source.name), None)
    heirs = _rule(sources, rule) if rule is not None else [named] if named is not None else []
    if not heirs:
        return None
    heir = heirs[0]
    nearer = sources[: sources.index(heir)] if heir in sources else []
    if any(_spelling(source, key, document.version) is not None for source in (*nearer, heir)):
        return None
    for source in sources[len(nearer) :]:
        written = _spelling(source, key, document.version)
        if written is not None:
            who = f'The policy "{heir.name}"' if heir.name else f"rules[{rule}]"
            return Inherited(who, child(source.path, written), source.value[written])
    return None


def _spelling(source: Source, key: str, version: int) -> str | None:
    """A key as the object writes it. Of several spellings KrakenD 1.4 takes the last one that has capitals."""
    if version != 2:
        return key if key in source.value else None
    spellings = [name for name, value in source.value.items() if name.lower() == key and value is not None]
    return next(reversed([name for name in spellings if name != key] or spellings), None)


def _rule(sources: list[Source], index: int) -> list[Source]:
    for source in sources:
        rules = source.value.get("rules")
        if isinstance(rules, list) and index < len(rules) and isinstance(rules[index], Mapping):
            return [Source(child(child(source.path, "rules"), index), rules[index])]
    return []


def krakend_namespace(version: int) -> str:
    """The namespace of KrakenD's CORS block in a file of that version."""
    return _KRAKEND_NAMES[version]


def ignored_block(document: Document) -> tuple[str, str, str] | None:
    """Name, path and defect of a CORS block that KrakenD ignores: an empty one, another version's, a misplaced one."""
    block = document.service.namespaces.get(_KRAKEND)
    if block is not None:
        return block.written, block.path, "is empty, which KrakenD 1.4 takes for absent"
    other = _named_block(document.service)
    if other is not None:
        counts = krakend_namespace(document.version)
        return *other, f"does not count in a version {document.version} file, where it is called {counts}"
    for endpoint in document.endpoints:
        for node in (endpoint, *endpoint.backends):
            found = _named_block(node)
            if found is not None:
                return *found, "stands where it is ignored; it counts only in the service's extra_config"
    return None


def _named_block(node: Node) -> tuple[str, str] | None:
    extra = node.raw.get(node.keys.get("extra_config", "extra_config"))
    for name in _KRAKEND_NAMES.values():
        if isinstance(extra, Mapping) and name in extra:
            return name, child(node.at("extra_config"), name)
    return None
