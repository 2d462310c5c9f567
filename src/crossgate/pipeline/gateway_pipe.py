"""From a request to the handler of its route, or to the answer where there is no route.

Knows the router's options; does not know what handlers do.

Source: gin 1.12 `gin.go` handleHTTPRequest; lura `router/gin/engine.go` paramChecker.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

from crossgate.config.model import RouterConfig
from crossgate.cors import CorsPolicy
from crossgate.flow.fiber import Flow
from crossgate.golang.url import UrlError, path_unescape
from crossgate.http.message import Request, Response
from crossgate.pipeline.answers import Answers
from crossgate.pipeline.express import ExpressMerge, ExpressRoute
from crossgate.pipeline.gates import Gates
from crossgate.pipeline.path_redirect import redirect
from crossgate.pipeline.respond import Handler
from crossgate.pipeline.router import Match, Router, clean_path
from crossgate.pipeline.safe_value import fault_of_parameter
from crossgate.pipeline.verdict import Judge, NotAllowed, Redirect

_SUSPICIOUS = re.compile(rb"[%?#/\\]|\A\.")
_NO_VALUES: list[bytes] = []  # of a route without parameters; nobody adds to it


@dataclass(frozen=True, slots=True)
class Route:
    """What a route leads to. `policy` is its own CORS policy, None where the service's holds.

    `gates` are asked by the handler first, so that there is no way past them. `express` is the short way beside the
    handler, for who can make use of it; there is none beside gates. `path_values` are the indexes of the parameters
    that stand in the path of a backend.
    """

    handler: Handler
    policy: CorsPolicy | None = None
    express: ExpressRoute | ExpressMerge | None = None
    gates: Gates | None = None
    path_values: frozenset[int] = frozenset()


class GatewayPipe:
    """The gateway without its server: answers requests, and says which CORS policy holds for them."""

    __slots__ = (
        "_answers",
        "_cleans",
        "_gates",
        "_has_own_policies",
        "_judge",
        "_policy",
        "_router",
        "_static",
        "client_ip",
        "options",
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
    ) -> None:
        """`gates` stand before the answers where there is no route."""
        self._gates = gates
        self._router = router
        self._judge = Judge(router, options)
        self.options = options
        self._answers = answers
        self._policy = policy
        self._has_own_policies = has_own_policies
        self.client_ip = client_ip
        # Paths that need no decoding to be looked up: most requests are answered from here.
        self._static = {
            method: {path: (route, _NO_VALUES) for path, route in routes.static.items() if b"%" not in path}
            for method, routes in router.by_method.items()
        }
        self._cleans = options.remove_extra_slash

    def respond(self, request: Request) -> Flow[Response]:
        """The answer. Never raises but for Cancelled, and for what a broken request body raises."""
        static = self._static.get(request.method)
        if static is not None:
            match = static.get(request.path)
            if match is not None:
                return match[0].handler(request, _NO_VALUES)
        return self._respond(request)

    def find(self, method: bytes, path: bytes) -> Match[Route] | None:
        """The route that a request takes, with the values of its parameters.

        None where `respond` has to take a closer look: there is no route, or the request is refused for its path.
        """
        static = self._static.get(method)
        if static is None:
            return None
        match = static.get(path)
        if match is not None:
            return match
        try:
            found = self._router.find(method, self._decoded(path))
        except UrlError:
            return None
        return None if found is None or self._fault_of_values(*found) else found

    @property
    def express_fields(self) -> frozenset[bytes]:
        """The request fields, by lower-case name, that express routes look at."""
        wanted = (route.express.wanted for route in self._router.targets() if route.express is not None)
        return frozenset(chain.from_iterable(wanted))

    @property
    def policy(self) -> CorsPolicy | None:
        """The service's CORS policy; None where CORS is off, but perhaps not for all routes."""
        return self._policy

    @property
    def own_policies(self) -> list[CorsPolicy]:
        """The policies of routes that have one of their own."""
        return [route.policy for route in self._router.targets() if route.policy is not None]

    def policy_for(self, request: Request) -> CorsPolicy | None:
        """The CORS policy of the route that the answer is about, or that a preflight asks about; None: CORS is off."""
        if not self._has_own_policies:
            return self._policy
        method = request.method
        if method == b"OPTIONS":
            asked = request.first(b"access-control-request-method")
            if asked is not None and request.first(b"origin") is not None:
                method = asked
        return self.policy_of(method, request.path)

    def policy_of(self, method: bytes, path: bytes) -> CorsPolicy | None:
        """The CORS policy of the route that the answer to a method and a path is about; None where CORS is off.

        Redirects and 405s are about routes, too; other answers without a route have the service's.
        """
        if not self._has_own_policies:
            return self._policy
        try:
            route = self._judge.route_of(method, path_unescape(path))
        except UrlError:
            return self._policy
        return self._policy if route is None else route.policy or self._policy

    def _decoded(self, path: bytes) -> bytes:
        path = path_unescape(path)
        return clean_path(path) if self._cleans else path

    def _respond(self, request: Request) -> Flow[Response]:
        try:
            path = self._decoded(request.path)
        except UrlError:
            return _ready(self._answers.bad_request("400 Bad Request"))
        match = self._router.find(request.method, path)
        if match is None:
            if self._gates is None:
                return _ready(self._unrouted(request, path))
            return self._gates.enter(request, _NO_VALUES, lambda request, _: _ready(self._unrouted(request, path)))
        route, values = match
        fault = self._fault_of_values(route, values)
        if fault:
            return _ready(self._answers.bad_request(fault))
        return route.handler(request, values)

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
