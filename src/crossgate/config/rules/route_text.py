"""Endpoints as the router sees them: their paths with `:name` for parameters.

Knows lura's rewriting of paths; does not know which routes get on with each other.
Source: lura `config/uri.go`, `GetEndpointPath`.
"""

import re
from collections.abc import Iterator

from crossgate.config.document import Document, EndpointNode

_PARAM = re.compile(r"/\{([0-9A-Za-z_\-]+)\}")
_PARAM_ANYWHERE = re.compile(r"\{([0-9A-Za-z_\-.:/]+)\}")


def routed_endpoints(document: Document) -> Iterator[tuple[EndpointNode, str]]:
    """The endpoints that KrakenD hands to its router, each with its route, in order."""
    for endpoint in document.endpoints:
        if endpoint.served and not endpoint.broken & {"endpoint", "method"}:
            yield endpoint, route_text(endpoint.config.path, disable_rest=document.disable_rest)


def route_text(path: str, *, disable_rest: bool) -> str:
    """What a path is called in the router: `/users/{id}` is `/users/:id`."""
    return _PARAM_ANYWHERE.sub(r":\1", path) if disable_rest else _PARAM.sub(r"/:\1", path)
