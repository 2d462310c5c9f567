"""How KrakenD names routes in spans and numbers.

Source: krakend-otel `config/path_pattern.go`, `lura/attributes.go`.
"""

import re

from crossgate.http.secret_query import hide_secrets
from crossgate.plan import BackendPlan, EndpointPlan

NO_ROUTE = "404 Not Found"
_IN_ENDPOINT = re.compile(r"\{([^{}]*)\}")
_IN_PATTERN = re.compile(r"\{\{\.(.*?)\}\}|\{([^{}]*)\}")
_USER = re.compile(r"(?<=//)[^/@]*@")


def route_of(path: str) -> str:
    """An endpoint's path: `/users/{Id}` is `/users/:Id`."""
    return _IN_ENDPOINT.sub(r":\1", path) or NO_ROUTE


def pattern_of(url_pattern: str) -> str:
    """A backend's url_pattern: `/u/{id}` is `/u/:id`. Secrets that the file has in a query are not shown."""
    return hide_secrets(_IN_PATTERN.sub(lambda match: ":" + (match[1] or match[2] or "").lower(), url_pattern))


def call_attributes(endpoint: EndpointPlan, backend: BackendPlan) -> dict[str, str]:
    """What spans and numbers of a backend have in common."""
    return {
        "http.route": pattern_of(backend.config.url_pattern),
        "http.request.method": backend.method,
        "krakend.endpoint.route": route_of(endpoint.config.path),
        "krakend.endpoint.method": endpoint.config.method,
    }


def host_of(backend: BackendPlan) -> str:
    """The hosts that a file gives a backend, without what anybody logs in with."""
    return "_".join(sorted(_USER.sub("", host) for host in backend.config.hosts))


def is_skipped(endpoint: EndpointPlan, skipped_paths: frozenset[str]) -> bool:
    """Whether a file wants nothing of that endpoint reported."""
    return not skipped_paths.isdisjoint((endpoint.config.path, route_of(endpoint.config.path)))
