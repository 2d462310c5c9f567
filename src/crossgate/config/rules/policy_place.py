"""Where a setting of the CORS policy of an endpoint stands in the file.

Knows how an endpoint's own object, a named policy, the service's object and KrakenD's block lie over each other; does
not know what a setting means.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from crossgate.config.document import Document, EndpointNode
from crossgate.diagnostics.path import child


def policy_place(document: Document, endpoint: EndpointNode, key: str) -> str:
    """The path of the setting that holds for the endpoint; of the nearest object that could have it where none does."""
    layers = list(_layers(document, endpoint))
    for path, value in layers:
        if key in value:
            return child(path, key)
    return layers[0][0] if layers else "$"


def _layers(document: Document, endpoint: EndpointNode) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The objects that make up the policy, with their paths, the one that counts most first."""
    own = endpoint.namespaces.get("crossgate/cors")
    chosen = None
    if own is not None and isinstance(own.value, Mapping):
        chosen = own.value.get("policy")
        yield own.path, own.value
    service = document.service.namespaces.get("crossgate/cors")
    if service is not None and isinstance(service.value, Mapping):
        name = service.value.get("default") if chosen is None else chosen
        policies = service.value.get("policies")
        named = policies.get(name) if isinstance(policies, Mapping) and isinstance(name, str) else None
        if isinstance(named, Mapping):
            yield child(child(service.path, "policies"), str(name)), named
        yield service.path, service.value
    krakend = document.service.namespaces.get("security/cors")
    if krakend is not None and isinstance(krakend.value, Mapping):
        yield krakend.path, krakend.value
