"""From a request to the handler of its route, or to the answer where there is no route.

Knows the router's options; does not know what handlers do.

Source: gin 1.10 `gin.go` handleHTTPRequest; lura `router/gin/engine.go` paramChecker.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

from crossgate.config.model import RouterConfig
from crossgate.cors import CorsPolicy
from crossgate.flow.fiber import Flow
from crossgate.golang.url import UrlError, path_unescape
from crossgate.http.message import Request, Response
from crossgate.pipeline.answers import Answers
from crossgate.pipeline.front import Front
from crossgate.pipeline.gates import Gates
from crossgate.pipeline.path_redirect import redirect
from crossgate.pipeline.respond import Handler
from crossgate.pipeline.router import Router, clean_path
from crossgate.pipeline.safe_value import fault_of_parameter
from crossgate.pipeline.verdict import Judge, NotAllowed, Redirect

_SUSPICIOUS: Final = re.compile(rb"[%?#/\\]|\A\.")
_PERCENT: Final = ord("%")  # as a number: to look for bytes in bytes costs Python an exception
_NOTHING: Mapping[bytes, Any] = MappingProxyType({})
_NO_VALUES: list[bytes] = []  # of a route without parameters; nobody adds to it


class Route:
    """What a route leads to. `policy` is its CORS policy, its own or the service's; None where CORS is off.

    The handler asks the gates first, so that there is no way past them. `path_values` are the indexes of the parameters
    that stand in the path of a backend. `upstream_mode` is what becomes of CORS fields that a backend's response has.
    `endpoint` is the path as the file has it, empty where there is no endpoint.
    """

    __slots__ = ("endpoint", "fronted", "handler", "path_values", "policy", "upstream_mode")

    def __init__(
        self,
        handler: Handler,
        policy: CorsPolicy | None = None,
        path_values: frozenset[int] = frozenset(),
        endpoint: str = "",
    ) -> None:
        self.handler = handler
        self.policy = policy
        self.path_values = path_values
        self.endpoint = endpoint
        self.fronted: Route | None = None
        self.upstream_mode: Literal["strip", "pass", "prefer"]
        self.upstream_mode = "pass" if policy is None else policy.config.upstream.value

    def respond(self, request: Request) -> Flow[Response]:
        """The answer. Never raises but for Cancelled, and for what a broken request body raises."""
        return self.handler(request, request.route_values)


class GatewayPipe:
    """The gateway without its server: says where requests lead to, and which CORS policy holds for them."""

    __slots__ = (
        "_answers",
        "_cleans",
        "_front",
        "_gates",
        "_judge",
        "_options",
        "_router",
        "_static",
        "client_ip",
        "exempt",
        "has_own_policies",
        "options",
        "policy",
    )

    def __init__(
        self,
        router: Router[Route],
        options: RouterConfig,
        *,
        answers: Answers,
        policy: CorsPolicy | None,
        has_own_policies: bool,
        client_ip: Callable[[Request], str],
        gates: Gates | None = None,
        beside: Mapping[bytes, Route] = _NOTHING,
        front: Front | None = None,
        exempt: frozenset[bytes] = frozenset(),
    ) -> None:
        """`gates` stand before the answers where there is no route. `beside` are GET routes by their path that the
        router does not know, so that they change nothing of what is answered on other paths or with other methods.
        `exempt` are paths that are answered whatever else there is to do.
        """
        self._gates = gates
        self._front = front
        self.exempt = exempt
        self._router = router
        self._judge = Judge(router, options)
        self.options = options
        self._answers = answers
        self.policy = policy
        self.has_own_policies = has_own_policies
        self.client_ip = client_ip
        # Paths that need no decoding to be looked up.
        self._static = {
            method: {path: route for path, route in routes.static.items() if b"%" not in path}
            for method, routes in router.by_method.items()
        }
        if beside:
            self._static[b"GET"] = {**beside, **self._static.get(b"GET", {})}
        self._cleans = options.remove_extra_slash
        # Where nothing is routed by OPTIONS, CORS answers most of it; what it does not is looked up when asked for.
        unrouted = Route(lambda request, _: self._find(request).respond(request), policy)
        self._options = None if b"OPTIONS" in router.by_method else unrouted

    def route(self, request: Request) -> Route:
        """Where a request leads to, through what stands in front."""
        if self._front is None:
            return self._lead(request)
        return self._route_through(self._front, request)

    def _route_through(self, front: Front, request: Request) -> Route:
        route = self._lead(front.routed(request) if front.leads else request)
        fronted = route.fronted
        if fronted is None:
            fronted = self._fronted(front, route)
            if route.endpoint:  # else it may be this request's alone
                route.fronted = fronted
        return fronted

    def _fronted(self, front: Front, route: Route) -> Route:
        """A route with what stands in front of the router."""

        def behind(final: Request, is_routed: bool) -> Flow[Response]:
            if is_routed:
                return route.handler(final, final.route_values)
            found = self._lead(final)
            if found.policy is not route.policy:
                # DEVIATION(DEV-PLUGIN-2): CORS has been decided by the other policy already.
                return _ready(self._answers.led_elsewhere(final.path, found.endpoint))
            return found.handler(final, final.route_values)

        return Route(lambda given, _: front.respond(given, behind), route.policy, endpoint=route.endpoint)

    def _lead(self, request: Request) -> Route:
        """Where a request leads to; its `route_values` are set. Where there is no route, to an answer that says so."""
        static = self._static.get(request.method)
        route = None if static is None else static.get(request.path)
        if route is not None:
            return route
        if self._options is not None and request.method == b"OPTIONS":
            return self._options
        return self._find(request)

    def respond(self, request: Request) -> Flow[Response]:
        """The answer of the route."""
        return self.route(request).respond(request)

    def policy_for(self, request: Request, route: Route | None = None) -> CorsPolicy | None:
        """The CORS policy of the route that the answer is about, or that a preflight asks about; None: CORS is off.

        `route` is the request's, where it is known already.
        """
        if self.has_own_policies and request.method == b"OPTIONS":
            asked = request.first(b"access-control-request-method")
            is_preflight = asked is not None and request.first(b"origin") is not None
            path = request.path if self._front is None else self._front.routed(request).path
            return self._policy_about(asked if asked is not None and is_preflight else b"OPTIONS", path)
        return (route or self.route(request)).policy

    def _policy_about(self, method: bytes, path: bytes) -> CorsPolicy | None:
        """The policy of the route that an answer is about: redirects and 405s are about routes, too."""
        if not self.has_own_policies:
            return self.policy
        try:
            route = self._judge.route_of(method, path_unescape(path))
        except UrlError:
            return self.policy
        return self.policy if route is None else route.policy

    def _find(self, request: Request) -> Route:
        path = request.path
        if _PERCENT in path:
            try:
                path = path_unescape(path)
            except UrlError:
                return self._answered(self._answers.bad_request("400 Bad Request"))
        if self._cleans:
            path = clean_path(path)
        routes = self._router.by_method.get(request.method)
        match = None if routes is None else routes.find(path)
        if match is None:
            handler: Handler = lambda request, _: _ready(self._unrouted(request, path))  # noqa: E731
            policy = self._policy_about(request.method, request.path)
            # DEVIATION(DEV-GATE-1): redirects, too; KrakenD answers those before it asks the guards of the service.
            return Route(handler if self._gates is None else self._gates.before(handler), policy)
        route, values = match
        if values:
            for value in values:
                if _SUSPICIOUS.search(value) is not None:
                    fault = self._fault_of_values(route, values)
                    if fault:
                        return self._answered(self._answers.bad_request(fault), route.policy)
                    break
            request.route_values = values
        return route

    def _answered(self, response: Response, policy: CorsPolicy | None = None) -> Route:
        """To an answer that no gate needs to see."""
        return Route(lambda _request, _values: _ready(response), policy or self.policy)

    def _fault_of_values(self, route: Route, values: list[bytes]) -> str:
        """Why a request is refused for its parameters; empty where it is not."""
        for index, value in enumerate(values):
            if _SUSPICIOUS.search(value) is None:
                continue
            fault = "" if self.options.disable_path_decoding else _fault_of_encoding(value)
            if not fault and (unsafe := fault_of_parameter(value, is_in_path=index in route.path_values)):
                fault = f"error: {unsafe}"
            if fault:
                return fault
        return ""

    def _unrouted(self, request: Request, path: bytes) -> Response:
        """A redirect to the path that was meant, else 405, else 404."""
        verdict = self._judge.judge(request.method, path, path_unescape(request.path))
        if isinstance(verdict, Redirect):
            return redirect(request, verdict)
        if isinstance(verdict, NotAllowed):
            return self._answers.method_not_allowed(verdict.methods)
        return self._answers.not_found()


def _fault_of_encoding(value: bytes) -> str:
    """Why a parameter is refused: it is encoded twice, or would end the path it is put into."""
    if b"%" in value:
        try:
            decoded = path_unescape(value)
        except UrlError as error:
            return f"error: {error}"
        if decoded != value:
            return "error: encoded url params"
    return "error: encoded url params" if b"?" in value or b"#" in value else ""


async def _ready(response: Response) -> Response:
    return response
