"""Where in the two files a difference stands. Knows documents; compares nothing."""

from dataclasses import dataclass

from crossgate.cli.cors_where import sources_of
from crossgate.compare import Grouped, Place
from crossgate.components import all_components
from crossgate.config import Loaded
from crossgate.config.document import Document, EndpointNode, Node
from crossgate.diagnostics import Span


@dataclass(frozen=True, slots=True)
class Shown:
    """A difference with its places; `requests` of a record that it touches, None where there is no record."""

    group: Grouped
    old: Span | None
    new: Span | None
    requests: int | None = None

    @property
    def more(self) -> int:
        """How many endpoints it is at beside the first."""
        return max(0, len(self.group.endpoints) - 1)


def place_of(place: Place | None, loaded: Loaded) -> Span | None:
    """The nearest part of the file that is there."""
    document = loaded.document
    if place is None or document is None:
        return None
    endpoint = _endpoint(document, place.endpoint)
    if place.is_cors:
        sources = sources_of(document, endpoint)
        path = sources[0].path if sources else (endpoint or document.service).at("extra_config")
        return loaded.locate(path, on_key=bool(sources))
    node: Node = document.service if endpoint is None else endpoint
    if endpoint is not None and place.backend >= 0:
        node = next((one for one in endpoint.backends if one.config.index == place.backend), endpoint)
    if place.is_component:
        return _component(place.key, node, document.service, loaded)
    for owner in (node, endpoint or node, document.service):
        if place.key and owner.has(place.key):
            return loaded.locate(owner.at(place.key), on_key=True)
        if place.key in owner.namespaces:
            return loaded.locate(owner.namespaces[place.key].path, on_key=True)
    return _of_node(node, loaded)


def _of_node(node: Node, loaded: Loaded) -> Span:
    return loaded.locate(node.at("endpoint") if isinstance(node, EndpointNode) else node.path)


def _component(name: str, node: Node, service: Node, loaded: Loaded) -> Span:
    spaces = [space.name for part in all_components() if part.name == name for space in part.namespaces]
    for owner in (node, service):
        path = next((owner.namespaces[space].path for space in spaces if space in owner.namespaces), None)
        if path is not None:
            return loaded.locate(path, on_key=True)
    return _of_node(node, loaded)


def _endpoint(document: Document, index: int) -> EndpointNode | None:
    if index < 0:
        return None
    if index < len(document.endpoints) and document.endpoints[index].config.index == index:
        return document.endpoints[index]
    return next((node for node in document.endpoints if node.config.index == index), None)


def spot(span: Span | None) -> str:
    """`krakend.json:14:22`; a dash where it stands nowhere."""
    return "-" if span is None else f"{span.file}:{span.line}:{span.column}"
