"""Endpoints as the router sees them, and those that it refuses.

Knows in which order routes are registered; what conflicts is gin's tree's to say, and what is told about it that of
rules. Source: lura `router/gin/engine.go`, `router/gin/router.go` registerOptionEndpoints.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from crossgate.config.document import Document, EndpointNode
from crossgate.config.url_paths import joined_path, router_pattern
from crossgate.golang.route_tree import RouteConflictError, RouteTree

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

Owner = EndpointNode | str
"""An endpoint, or the key that puts a route of the gateway's own there."""


class RefusedRoute(NamedTuple):
    """An endpoint whose route KrakenD panics on. `method` is OPTIONS where `router.auto_options` is what brings it."""

    endpoint: EndpointNode
    method: str
    error: RouteConflictError


def routed_endpoints(document: Document) -> Iterator[tuple[EndpointNode, str]]:
    """The endpoints that KrakenD hands to its router, each with its route (`/users/:id`), in order."""
    for endpoint in document.endpoints:
        if endpoint.served and not endpoint.broken & {"endpoint", "method"}:
            yield endpoint, router_pattern(endpoint.config.path, endpoint.config.params)


def refused_routes(document: Document) -> list[RefusedRoute]:
    """The endpoints that do not get on with those before them. What is refused does not count for those behind."""
    return _registered(document)[0]


def route_trees(document: Document) -> Mapping[str, RouteTree[Owner]]:
    """The trees of the methods that routes have, without those that are refused. Not to be added to."""
    return _registered(document)[1]


def _registered(document: Document) -> tuple[list[RefusedRoute], Mapping[str, RouteTree[Owner]]]:
    if "routes" not in document.worked_out:
        trees: defaultdict[str, RouteTree[Owner]] = defaultdict(RouteTree)
        document.worked_out["routes"] = list(_refused_routes(document, trees)), trees
    found: tuple[list[RefusedRoute], Mapping[str, RouteTree[Owner]]] = document.worked_out["routes"]
    return found


def _refused_routes(document: Document, trees: defaultdict[str, RouteTree[Owner]]) -> Iterator[RefusedRoute]:
    """Adds what is not refused to the trees."""
    router = document.config.router
    if not router.disable_health:
        with suppress(RouteConflictError):
            trees["GET"].add(joined_path(router.health_path), "router.health_path")
    for enabled, name in ((document.config.debug_endpoint, "debug"), (document.config.echo_endpoint, "echo")):
        for method in _METHODS if enabled else ():
            trees[method].add(f"/__{name}/*param", f"{name}_endpoint")
    with_options: set[str] = set()
    for endpoint, route in routed_endpoints(document):
        methods = [endpoint.config.method]
        if router.auto_options and route not in with_options:
            methods.insert(0, "OPTIONS")  # whose tree has all routes: what it takes, others take, but for a repetition
        for method in methods:
            try:
                trees[method].add(joined_path(route), endpoint)
            except RouteConflictError as error:
                yield RefusedRoute(endpoint, method, error)
                break
        else:
            with_options.add(route)
