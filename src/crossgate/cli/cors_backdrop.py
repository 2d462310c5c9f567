"""What a gateway of a configuration answers behind CORS: which endpoint, and with what kind of response.

Finds routes as the gateway does and calls no backend: an endpoint is taken to answer 200. Knows configurations and
routes; no browsers.
"""

from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from crossgate.config.document import Document, EndpointNode
from crossgate.config.model import EndpointConfig, ServiceConfig
from crossgate.cors import CorsPolicy, Upstream
from crossgate.cors.fetch import WireRequest, WireResponse, parse_url
from crossgate.pipeline.router import Router
from crossgate.plan.routes import RouteKind, RoutePlan, compile_routes

_TEXT = (b"content-type", b"text/plain; charset=utf-8")
_CONTENT_TYPES = {"xml": b"application/xml; charset=utf-8", "string": b"text/plain; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a request lands. `endpoint` is None where no endpoint takes it; `note` then says so."""

    policy: CorsPolicy | None
    endpoint: EndpointConfig | None
    note: str = ""


class Backdrop:
    """The gateway of one configuration, without CORS. Callable with the model's requests."""

    def __init__(self, config: ServiceConfig) -> None:
        self._config = config
        self._router: Router[RoutePlan] = Router()
        for route in compile_routes(config):
            self._router.add(route.method, route.segments, route)

    def __call__(self, request: WireRequest) -> WireResponse:
        """The answer of the router or an endpoint."""
        url = parse_url(request.url)
        path, _, query = url.target.partition("?")
        decoded = unquote_to_bytes(path)
        method = request.method.encode("latin-1")
        found = self._router.find(method, decoded)
        if found is not None:
            return self._answer(found[0])
        if self._other_slash(method, decoded):
            location = path[:-1] if path.endswith("/") else path + "/"
            location += f"?{query}" if query else ""
            return WireResponse(301 if request.method == "GET" else 307, ((b"location", location.encode()),))
        others = self._router.other_methods(method, decoded)
        if others and not self._config.router.disable_handle_method_not_allowed:
            return WireResponse(405, (_TEXT, (b"allow", b", ".join(others))))
        return WireResponse(404, (_TEXT,))

    def _answer(self, route: RoutePlan) -> WireResponse:
        if route.kind is RouteKind.OPTIONS:
            return WireResponse(200, ((b"allow", route.allow.encode()),))
        if route.kind is not RouteKind.ENDPOINT:
            return WireResponse(200, ((b"content-type", b"application/json; charset=utf-8"),))
        endpoint = self._config.endpoints[route.endpoint]
        kind = _CONTENT_TYPES.get(endpoint.output_encoding, b"application/json; charset=utf-8")
        fields = [(b"content-type", kind), (b"x-krakend", b"Version crossgate")]
        if endpoint.output_encoding != "no-op":
            fields.append((b"x-krakend-completed", b"true"))
        return WireResponse(501 if endpoint.unsupported else 200, tuple(fields))

    def _other_slash(self, method: bytes, path: bytes) -> bool:
        """Whether the router redirects to the path with, or without, a trailing slash."""
        routes = self._router.by_method.get(method)
        if routes is None or path == b"/" or self._config.router.disable_redirect_trailing_slash:
            return False
        return routes.find_other_slash(path)

    def land(self, method: str, url: str) -> Landing:
        """The endpoint that takes a request, and the policy that holds for it and for its preflight."""
        decoded = unquote_to_bytes(parse_url(url).target.partition("?")[0])
        found = self._router.find(method.encode("latin-1", "replace"), decoded)
        if found is not None:
            route = found[0]
            if route.kind is not RouteKind.ENDPOINT:
                return Landing(self._config.cors, None)
            endpoint = self._config.endpoints[route.endpoint]
            policy = endpoint.cors or self._config.cors
            return Landing(policy, endpoint, _about(endpoint, policy))
        if self._other_slash(method.encode("latin-1", "replace"), decoded):
            return Landing(self._config.cors, None)
        others = self._router.other_methods(method.encode("latin-1", "replace"), decoded)
        shown = decoded.decode("utf-8", "replace")
        if others:
            known = ", ".join(other.decode() for other in others)
            return Landing(self._config.cors, None, f"{shown} has no {method}, only {known}: the answer is 405.")
        return Landing(self._config.cors, None, f"No endpoint has the path {shown}: the answer is 404.")


def _about(endpoint: EndpointConfig, policy: CorsPolicy | None) -> str:
    if endpoint.unsupported:
        return f"crossgate does not run {', '.join(endpoint.unsupported)} yet: the endpoint answers 501."
    if endpoint.output_encoding == "no-op" and policy is not None:
        if policy.config.upstream is Upstream.STRIP:
            return "The endpoint passes its backend's answer on; CORS headers that the backend sets are replaced."
        return "The endpoint passes its backend's answer on: `cors probe` shows what the backend says about CORS."
    return ""


def node_of(document: Document, endpoint: EndpointConfig | None) -> EndpointNode | None:
    """The endpoint's object in the file."""
    if endpoint is None:
        return None
    return next((node for node in document.endpoints if node.config.index == endpoint.index), None)
