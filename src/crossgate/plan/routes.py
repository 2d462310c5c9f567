"""The gateway's route table: what answers which method on which path, in KrakenD's order of registration.

The order matters to clients: it is that of the methods in an Allow field. Knows no handlers and does not match paths.
Source: lura `router/gin/engine.go` and `router/gin/router.go` at 2.13; gin 1.10 `routergroup.go` (anyMethods).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from crossgate.config.model import EndpointConfig, ServiceConfig

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
class Segment:
    """One segment of a path: text, then perhaps a parameter that takes the rest of the segment.

    A `catch_all` takes the rest of the path, its leading slash included.
    """

    text: str
    param: str = ""
    catch_all: bool = False


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """One route. `endpoint` is the index into the plan's endpoints; `allow` is what an OPTIONS route answers."""

    kind: RouteKind
    method: str
    path: str
    segments: tuple[Segment, ...]
    endpoint: int = -1
    allow: str = ""


def compile_routes(config: ServiceConfig) -> tuple[RoutePlan, ...]:
    """All routes, in order of registration: health, debug, echo, endpoints, automatic OPTIONS."""
    return tuple(_routes(config))


def _routes(config: ServiceConfig) -> Iterator[RoutePlan]:
    router = config.router
    if not router.disable_health:
        yield RoutePlan(RouteKind.HEALTH, "GET", router.health_path, parse_segments(router.health_path, ()))
    for enabled, kind in ((config.debug_endpoint, RouteKind.DEBUG), (config.echo_endpoint, RouteKind.ECHO)):
        if enabled:
            text = f"__{kind.value}"
            catch_all = (Segment(text), Segment("", "param", catch_all=True))
            for method in ANY_METHODS:
                yield RoutePlan(kind, method, f"/{text}/*param", catch_all)
    methods_by_path: dict[str, list[str]] = {}
    for position, endpoint in enumerate(config.endpoints):
        method = endpoint.method.upper()
        if method not in SERVED_METHODS:
            continue
        methods_by_path.setdefault(endpoint.path, []).append(method)
        yield _endpoint_route(position, method, endpoint)
    if router.auto_options:
        params_by_path = {endpoint.path: endpoint.params for endpoint in config.endpoints}
        for path, methods in methods_by_path.items():
            segments = parse_segments(path, params_by_path[path])
            yield RoutePlan(RouteKind.OPTIONS, "OPTIONS", path, segments, allow=", ".join(sorted(methods)))


def _endpoint_route(position: int, method: str, endpoint: EndpointConfig) -> RoutePlan:
    segments = parse_segments(endpoint.path, endpoint.params)
    return RoutePlan(RouteKind.ENDPOINT, method, endpoint.path, segments, endpoint=position)


def parse_segments(path: str, params: tuple[str, ...]) -> tuple[Segment, ...]:
    """The segments of an endpoint's path.

    `{name}` becomes a parameter where `name` is one of `params`; as in KrakenD it is rewritten to `:name` first, so
    that a parameter takes all of its segment that follows (`/{x}.json` has a parameter `x.json`) and a colon written
    by the user makes one, too. Braces around other names stay text.
    """
    for name in params:
        path = path.replace("{" + name + "}", ":" + name)
    segments = []
    for text in path.removeprefix("/").split("/"):
        whole = text[1:].replace("}", "", 1) if text.startswith("{") else ""
        if whole and whole in params:
            segments.append(Segment("", whole))
            continue
        before, colon, name = text.partition(":")
        segments.append(Segment(before, name) if colon and name else Segment(text))
    return tuple(segments)
