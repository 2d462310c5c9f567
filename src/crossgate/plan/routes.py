"""The gateway's route table: what answers which method on which path, in KrakenD's order of registration.

The order matters to clients: it is that of the methods in an Allow field. Knows no handlers and does not match paths.
Source: lura `router/gin/engine.go` and `router/gin/router.go` at 2.13; gin 1.12 `routergroup.go` (anyMethods).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from crossgate.config.model import ServiceConfig
from crossgate.config.url_paths import joined_path, router_pattern
from crossgate.golang.route_tree import WILDCARD_TEXT

SERVED_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""Endpoints of other methods are not registered (KrakenD logs `Unsupported method`)."""

ANY_METHODS = ("GET", "POST", "PUT", "PATCH", "HEAD", "OPTIONS", "DELETE", "CONNECT", "TRACE")
"""What gin registers for `Any`, in its order."""


class RouteKind(StrEnum):
    """What answers a route."""

    ENDPOINT = "endpoint"
    HEALTH = "health"
    DEBUG = "debug"
    ECHO = "echo"
    OPTIONS = "options"


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """One route. `path` is as the file has it, `pattern` as gin has it: `/users/:id`.

    `endpoint` is the index into the plan's endpoints; `allow` is what an OPTIONS route answers.
    """

    kind: RouteKind
    method: str
    path: str
    pattern: str
    endpoint: int = -1
    allow: str = ""


def compile_routes(config: ServiceConfig) -> tuple[RoutePlan, ...]:
    """All routes, in order of registration: health, debug, echo, endpoints, automatic OPTIONS."""
    return tuple(_routes(config))


def _routes(config: ServiceConfig) -> Iterator[RoutePlan]:
    router = config.router
    if not router.disable_health:
        health = joined_path(router.health_path)
        yield RoutePlan(RouteKind.HEALTH, "GET", health, health)
    for enabled, kind in ((config.debug_endpoint, RouteKind.DEBUG), (config.echo_endpoint, RouteKind.ECHO)):
        if enabled:
            pattern = f"/__{kind.value}/*param"
            for method in ANY_METHODS:
                yield RoutePlan(kind, method, pattern, pattern)
    methods_by_pattern: dict[str, list[str]] = {}
    for position, endpoint in enumerate(config.endpoints):
        method = endpoint.method.upper()
        if method not in SERVED_METHODS:
            continue
        pattern = router_pattern(endpoint.path, endpoint.params)
        methods_by_pattern.setdefault(pattern, []).append(method)
        yield RoutePlan(RouteKind.ENDPOINT, method, endpoint.path, joined_path(pattern), endpoint=position)
    if router.auto_options:
        paths = {
            router_pattern(endpoint.path, endpoint.params): endpoint.path for endpoint in reversed(config.endpoints)
        }
        for pattern, methods in methods_by_pattern.items():
            allow = ", ".join(sorted(methods))
            yield RoutePlan(RouteKind.OPTIONS, "OPTIONS", paths[pattern], joined_path(pattern), allow=allow)


def param_names(pattern: str) -> tuple[str, ...]:
    """The names of a pattern's parameters, in order."""
    return tuple(match[0][1:] for match in WILDCARD_TEXT.finditer(pattern))
