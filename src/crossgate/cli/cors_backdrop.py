"""What a gateway of a configuration answers behind CORS: its own router, and endpoints that are taken to succeed.

Routing, redirects, 404, 405 and the choice of a policy are the gateway's own code; backends are never called, so an
endpoint answers 200 with the fields that it would have. Knows configurations; no browsers.
"""

import json
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import crossgate
from crossgate.cli.cors_credentials import about_credential, missing_credential
from crossgate.components import Component
from crossgate.config.document import Document, EndpointNode
from crossgate.config.model import EndpointConfig, ServiceConfig
from crossgate.cors import CorsPolicy, Upstream
from crossgate.cors.fetch import WireRequest, WireResponse, parse_url
from crossgate.flow.fiber import run_to_end
from crossgate.golang.url import UrlError
from crossgate.http.message import Fields, Request, Response
from crossgate.pipeline.answers import Answers
from crossgate.pipeline.build import path_values_of
from crossgate.pipeline.client_ip import build_client_ip
from crossgate.pipeline.failure import InvalidUrlError
from crossgate.pipeline.gateway_pipe import GatewayPipe, Route
from crossgate.pipeline.respond import Handler, Params
from crossgate.pipeline.router import Router
from crossgate.pipeline.service_routes import build_options
from crossgate.pipeline.target import Target
from crossgate.plan import Plan
from crossgate.plan.compile import compile_plan
from crossgate.plan.identity import Identity
from crossgate.plan.plan import EndpointPlan
from crossgate.plan.routes import RouteKind, RoutePlan, param_names
from crossgate.plan.url_template import internal_name

_BAD_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
_ENCODING_FAULTS = ("encoded url params", "invalid URL escape")
_ABOUT_CONTROLS = (
    "{} is a valid URL, but a value in it has a control character once it is decoded, which no backend's URL can have: "
    "the answer is {}."
)
_CONTENT_TYPES = {"xml": b"application/xml; charset=utf-8", "string": b"text/plain; charset=utf-8"}
_JSON = b"application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Landing:
    """Where an actual request ends after the router's redirects. `endpoint` is None where no endpoint takes it."""

    endpoint: EndpointConfig | None
    note: str = ""


class Backdrop:
    """The gateway of one configuration, without CORS. Callable with the model's requests."""

    def __init__(self, config: ServiceConfig, components: Sequence[Component] = ()) -> None:
        """`components` are those that the file was loaded with: they say which endpoints want credentials."""
        self._config = config
        self._components = components
        self._landed: EndpointConfig | None = None
        self._url_is_bad = False
        plan = compile_plan(config, identity=Identity.own(crossgate.__version__))
        silent = logging.getLogger("crossgate.cors.explain")
        silent.setLevel(logging.CRITICAL)  # what would be logged is no event: nothing was asked of anybody
        answers = Answers(plan, silent, Random(0))
        router: Router[Route] = Router()
        for route in plan.routes:
            router.add(route.method, route.pattern, self._route(plan, route, answers))
        self._router = router
        self._pipe = GatewayPipe(
            router,
            plan.router,
            answers=answers,
            policy=plan.cors,
            has_own_policies=True,
            client_ip=build_client_ip(plan.router),
        )

    def __call__(self, request: WireRequest) -> WireResponse:
        """The answer of the router or an endpoint."""
        response = run_to_end(self._pipe.respond(_received(request)))
        return WireResponse(response.status, tuple(response.fields))

    def policy_for(self, request: WireRequest) -> CorsPolicy | None:
        """The policy that decides a request, or a preflight; None where CORS is off."""
        return self._pipe.policy_for(_received(request))

    def land(
        self, method: str, url: str, fields: tuple[tuple[bytes, bytes], ...] = (), *, credentials: bool = False
    ) -> Landing:
        """The endpoint that takes a request in the end. `fields` are those that the page's script sets."""
        self._landed = None
        wire = WireRequest(method, url, fields, credentials=credentials, is_preflight=False)
        answer = run_to_end(self._pipe.respond(_received(wire)))
        response = WireResponse(answer.status, tuple(answer.fields))
        path = _received(wire).path.decode("latin-1")
        if self._landed is not None:
            about = self._about(self._landed, _received(wire))
            return Landing(self._landed, _ABOUT_CONTROLS.format(path, response.status) if self._url_is_bad else about)
        if response.status in (301, 307):
            return self._follow(method, url, path, response)
        if response.status == 400:
            return Landing(None, _why_refused(path, answer.body if isinstance(answer.body, bytes) else b""))
        if response.status == 405:
            known = response.values(b"allow")[0].decode("latin-1")
            note = f"{path} has no {method}, only {known}: the answer is 405."
            policy = self.policy_for(wire)
            if policy is not None and policy is not self._config.cors:
                note += f" It has the CORS policy of the endpoint with {known.partition(', ')[0]}."
            return Landing(None, note)
        if response.status == 404:
            return Landing(None, f"No endpoint has the path {path}: the answer is 404.")
        return Landing(None)

    def _follow(self, method: str, url: str, path: str, response: WireResponse) -> Landing:
        """Where the router's redirects end; they may go round in circles, as KrakenD's do."""
        way = [path]
        while response.status in (301, 307):
            location = response.values(b"location")[0].decode("latin-1")
            if location in way:
                return Landing(
                    None, f"The router redirects {' to '.join([*way, location])}, without end, as KrakenD does."
                )
            way.append(location)
            response = self(WireRequest(method, parse_url(url).origin + location, (), False, False))
        return Landing(self._landed, f"The router redirects {' to '.join(way)}.")

    def _route(self, plan: Plan, route: RoutePlan, answers: Answers) -> Route:
        if plan.unsupported and route.kind not in (RouteKind.ENDPOINT, RouteKind.HEALTH):
            return Route(_ready(answers.not_run(route.path, plan.unsupported)), plan.cors)
        if route.kind is RouteKind.OPTIONS:
            return Route(build_options(route.allow, answers), plan.cors)
        if route.kind is not RouteKind.ENDPOINT:
            return Route(_ready(Response(200, [(b"content-type", _JSON)])), plan.cors)
        endpoint = plan.endpoints[route.endpoint].config
        unsupported = endpoint.left_out
        if unsupported:
            response = answers.not_run(endpoint.path, unsupported)
        else:
            response = Response(200, [*_fields(endpoint), answers.version_field])
            if endpoint.output_encoding != "no-op":
                response.fields.append((b"x-krakend-completed", b"true"))
        answer = _ready(response)

        async def handle(request: Request, values: Params) -> Response:
            self._landed = endpoint
            missing = missing_credential(request, self._components, endpoint)
            if missing is not None and not unsupported:
                return Response(missing.status)
            self._url_is_bad = not unsupported and _has_bad_url(plan.endpoints[route.endpoint], route, values)
            if self._url_is_bad:
                return answers.failure(endpoint.path, InvalidUrlError("invalid control character in URL"))
            return await answer(request, values)

        names = param_names(route.pattern)
        policy = endpoint.cors or plan.cors
        return Route(handle, policy, path_values=path_values_of(plan.endpoints[route.endpoint], names))

    def _about(self, endpoint: EndpointConfig, request: Request) -> str:
        unsupported = endpoint.left_out
        if unsupported:
            return f"crossgate does not run {', '.join(unsupported)} yet: the endpoint answers 501."
        policy = endpoint.cors or self._config.cors
        missing = missing_credential(request, self._components, endpoint)
        if missing is not None:
            return about_credential(missing, policy)
        if endpoint.output_encoding != "no-op" or policy is None:
            return ""
        if policy.config.upstream is Upstream.STRIP:
            return "The endpoint passes its backend's answer on; CORS headers that the backend sets are replaced."
        return "The endpoint passes its backend's answer on: `cors probe` shows what the backend says about CORS."


def _has_bad_url(plan: EndpointPlan, route: RoutePlan, values: Params) -> bool:
    """Whether an endpoint's only backend cannot be called with these values, which a path may have."""
    names = map(internal_name, param_names(route.pattern))
    if len(plan.backends) != 1:
        return False
    try:
        Target(plan.backends[0].template).build(b"", dict(zip(names, values, strict=True)))
    except UrlError:
        return True
    return False


def _why_refused(path: str, body: bytes) -> str:
    """Why a path that a browser may ask for is answered 400."""
    text = body.decode("utf-8", "replace")
    if text.startswith("{"):  # RFC 9457, with crossgate/errors
        text = str(json.loads(text).get("detail", ""))
    bad = _BAD_ESCAPE.search(path)
    if bad is not None:
        return (
            f"{path} has a % without two hexadecimal digits behind it. Browsers send that as it is, and the gateway "
            "answers 400: write %25 for a percent sign."
        )
    if any(known in text for known in _ENCODING_FAULTS):
        return (
            f"{path} is a valid URL, but a value in it has a %, ? or # once it is decoded, which the gateway refuses "
            'as KrakenD does: the answer is 400. Set "disable_path_decoding": true under "router" in the service\'s '
            "extra_config if backends are to see such values, or send them in the query."
        )
    return f"The gateway refuses the path {path}: the answer is 400, {text.removeprefix('error: ') or 'bad request'}."


def _fields(endpoint: EndpointConfig) -> Fields:
    fields: Fields = [(b"content-type", _CONTENT_TYPES.get(endpoint.output_encoding, _JSON))]
    if endpoint.cache_ttl_seconds > 0 and endpoint.output_encoding != "no-op":
        fields.insert(0, (b"cache-control", b"public, max-age=%d" % endpoint.cache_ttl_seconds))
    return fields


def _ready(response: Response) -> Handler:
    async def answer(_request: Request, _values: Params) -> Response:
        return Response(response.status, list(response.fields), response.body)

    return answer


def _received(request: WireRequest) -> Request:
    """The model's request as the gateway's server would hand it on."""
    url = parse_url(request.url)
    path, question, query = url.target.partition("?")
    cookies: Fields = [(b"cookie", b"x")] if request.credentials else []  # whatever the browser has
    return Request(
        request.method.encode("latin-1", "replace"),
        path.encode("ascii"),
        query.encode("ascii") if question else None,
        [*request.fields, *cookies],
        host=url.authority.encode("ascii"),
    )


def owner_of(document: Document, policy: CorsPolicy | None, landed: EndpointConfig | None) -> EndpointNode | None:
    """The endpoint's object in the file whose own policy it is: that of `landed` if it is one of several.

    It need not be the endpoint that takes the request: redirects and 405s have the policy of the one they are about.
    """
    if policy is None or policy is document.config.cors:
        return None
    owners = [node for node in document.endpoints if node.config.cors is policy]
    first = owners[0] if owners else None
    return next((node for node in owners if landed is not None and node.config.index == landed.index), first)
