"""What is worth asking of each endpoint: requests in the written form, with nothing expected of them yet.

Knows the model and names of components; does not know what the gateway answers.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from crossgate.components.api_keys.config import KeyDemand
from crossgate.components.bot_detector.config import BotRules
from crossgate.components.cel.config import Checks
from crossgate.components.json_schema.config import BodySchema
from crossgate.components.jwt.model import Validator
from crossgate.components.rate_limit.model import ServiceLimits
from crossgate.components.security_http.config import SecurityPolicy
from crossgate.config.model import EndpointConfig
from crossgate.golang.header_name import canonical_header_name
from crossgate.pipeline.addresses import parse_network
from crossgate.plan import EndpointPlan, Plan
from crossgate.testing.init.approach import LOOPBACK, Approach, agent_for, client_headers, sample_of
from crossgate.testing.init.backend_drafts import backend_drafts, remembered
from crossgate.testing.init.bodies import fitting, misfits
from crossgate.testing.init.draft import Draft, with_header, with_headers
from crossgate.testing.init.expressions import Part, candidates, variations
from crossgate.testing.init.page_drafts import STRANGER, page_tests
from crossgate.testing.init.samples import answers_of, headers_of, target_of
from crossgate.testing.init.token_drafts import OTHERS, Tokens
from crossgate.testing.tokens import KEY_TEXTS

_WITH_BODY = ("POST", "PUT", "PATCH")
_MOST_BODIES = 60
_FAR = "203.0.113.7"
_MOST_VALUES = 40
_MOST_NEAR = 20
_ANY_BACKEND = {"*": {"json": {"id": 7}}}  # of whichever endpoint takes it
_PARTS = ("params", "headers", "querystring")
_MOST_PATTERNS = 8


@dataclass(slots=True)
class Drafts:
    """Everything that is asked of one configuration. With many endpoints, of each only what guards it.

    `lets_in` says whether the gateway refuses a request; it is asked where several may pass. `reaches_backends` says
    whether any is called for it.
    """

    plan: Plan
    gated: "list[frozenset[str]]"
    can_mint: Callable[[int], bool]
    approach: Approach
    lets_in: Callable[[Mapping[str, Any]], bool]
    reaches_backends: Callable[[Mapping[str, Any]], bool]
    is_brief: bool = False
    tokens: Tokens = field(default_factory=Tokens)
    _fitting: dict[int, Mapping[Part, str]] = field(default_factory=dict)
    _is_policy_asked: bool = False  # the service's, about everything that it lists

    def __post_init__(self) -> None:
        if any("jwt" in gates for gates in self.gated):
            self.tokens.written.update(OTHERS)

    def of_endpoint(self, number: int) -> Iterator[Draft]:
        """The plain request first."""
        endpoint = self.plan.endpoints[number]
        config, name = endpoint.config, f"{endpoint.config.method} {endpoint.config.path}"
        plain = self._plain(number)
        yield Draft(f"{name} answers", plain, endpoint=number)
        for gate in sorted(self.gated[number]):
            yield from self._at_gate(name, gate, plain, number)
        yield from self._about_bodies(name, endpoint, plain, number)
        yield from self._about_expressions(name, endpoint, plain, number)
        if self.is_brief:
            return
        is_whole = config.cors is not None or not self._is_policy_asked
        for title, test in page_tests(name, endpoint, self.plan.cors, plain, is_whole=is_whole):
            self._is_policy_asked |= config.cors is None
            yield Draft(title, test, endpoint=number)
        if not config.backends or all(backend.shadow for backend in config.backends):
            return
        if self.reaches_backends(plain):
            yield from backend_drafts(name, endpoint, plain, number)
        yield from remembered(name, endpoint, plain, number)

    def _plain(self, number: int) -> dict[str, Any]:
        config = self.plan.endpoints[number].config
        asked: dict[str, Any] = {"url": target_of(config), "method": config.method, "headers": headers_of(config)}
        if config.method in _WITH_BODY:
            asked["json"] = {"sent": "by the client"}
        validator = config.components.get("jwt")
        if "jwt" in self.gated[number] and isinstance(validator, Validator) and self.can_mint(number):
            asked["token"] = self.tokens.good(validator)
        if self.gated[number] & {"api_keys", "basic_auth"}:
            asked["key"] = "valid"
        asked["headers"] = {**client_headers(config.components.get("rate_limit")), **asked["headers"]}
        agent = agent_for(config.components.get("bot_detector"))
        if agent:
            asked["headers"]["User-Agent"] = agent
        schema = _schema_of(config.components)
        if schema is not None:
            asked["json"] = fitting(schema)
        plain = {"in": asked, "backends": answers_of(config)}
        return self._with_parts(plain, config, self._fitting_parts(number, plain))

    def _fitting_parts(self, number: int, plain: dict[str, Any]) -> Mapping[Part, str]:
        """Values with which the endpoint's expressions let a request in; empty where it gets in as it is, or nohow."""
        if number not in self._fitting:
            config = self.plan.endpoints[number].config
            expressions = _expressions_of(config)
            tried = candidates(expressions) if expressions and not self.lets_in(plain) else ()
            fits = (values for values in tried if self.lets_in(self._with_parts(plain, config, values)))
            self._fitting[number] = next(fits, {})
        return self._fitting[number]

    def _with_parts(
        self, plain: dict[str, Any], config: EndpointConfig, values: Mapping[Part, str | None]
    ) -> dict[str, Any]:
        """With these values for what expressions look at, None: without it."""
        if not values:
            return plain
        given = {part: {name: value for (kind, name), value in values.items() if kind == part} for part in _PARTS}
        params = {name: given["params"].get(name[:1].upper() + name[1:]) or "" for name in config.params}
        named = {canonical_header_name(name): value for name, value in given["headers"].items()}
        headers = {**{canonical_header_name(name): value for name, value in plain["in"]["headers"].items()}, **named}
        sent = {name: value for name, value in headers.items() if value is not None}
        asked = {**plain["in"], "url": target_of(config, params, given["querystring"]), "headers": sent}
        return {**plain, "in": asked}

    def _about_bodies(self, name: str, endpoint: EndpointPlan, plain: dict[str, Any], number: int) -> Iterator[Draft]:
        schema = _schema_of(endpoint.config.components)
        if schema is None:
            return
        for what, body in itertools.islice(misfits(schema, plain["in"]["json"]), _MOST_BODIES):
            yield Draft(f"{name} with {what}", {**plain, "in": {**plain["in"], "json": body}}, endpoint=number)

    def _about_expressions(
        self, name: str, endpoint: EndpointPlan, plain: dict[str, Any], number: int
    ) -> Iterator[Draft]:
        """One thing at a time is another than in the plain request."""
        fitting_parts = self._fitting_parts(number, plain)
        for part, value in itertools.islice(variations(_expressions_of(endpoint.config)), _MOST_VALUES):
            changed = self._with_parts(plain, endpoint.config, {**fitting_parts, part: value})
            if changed != plain:
                said = f"without {part[1]}" if value is None else f"where {part[1]} is {value}"
                yield Draft(f"{name} {said}", changed, endpoint=number)

    def _at_gate(self, name: str, gate: str, plain: dict[str, Any], number: int) -> Iterator[Draft]:
        asked = plain["in"]
        if gate == "jwt":
            without = {key: value for key, value in asked.items() if key != "token"}
            yield Draft(f"{name} without a token", {**plain, "in": without}, endpoint=number)
            for token in OTHERS:
                changed = {**plain, "in": {**asked, "token": token}}
                title = f"{name} with a token that is {_said(token)}"
                yield Draft(title, changed, endpoint=number, needs_difference=True)
            validator = self.plan.endpoints[number].config.components.get("jwt")
            if isinstance(validator, Validator) and "token" in asked:
                for said, token in self.tokens.with_one_word(validator):
                    changed = {**plain, "in": {**asked, "token": token}}
                    yield Draft(f"{name} with {said}", changed, endpoint=number)
        elif gate == "api_keys":
            without = {key: value for key, value in asked.items() if key != "key"}
            yield Draft(f"{name} without a key", {**plain, "in": without}, endpoint=number)
            yield Draft(
                f"{name} with a key that has no roles",
                {**plain, "in": {**asked, "key": "no-roles"}},
                endpoint=number,
                needs_difference=True,
            )
            demand = self.plan.endpoints[number].config.components.get("api_keys")
            if isinstance(demand, KeyDemand):
                literal = _with_literal_key({**plain, "in": without}, demand)
                yield Draft(f"{name} with a key where it is read today", literal, endpoint=number)
        elif gate == "basic_auth":
            nobody = {**plain, "in": {key: value for key, value in asked.items() if key != "key"}}
            yield Draft(f"{name} without a password", nobody, endpoint=number)
            wrong = with_header(nobody, "Authorization", "Basic d3Jvbmc6d3Jvbmc=")
            yield Draft(f"{name} with a wrong password", wrong, endpoint=number)
        elif gate == "bot_detector":
            for agent, is_let_in in self._agents(number).items():
                changed = with_header(plain, "User-Agent", agent)
                title = f"{name} asked by {agent or 'nobody'}"
                yield Draft(title, changed, endpoint=number, needs_difference=not is_let_in)
        elif gate == "security_http":
            for header, value in _misled(self.plan.components.get("security_http")):
                changed = with_header(plain, header, value)
                yield Draft(f"{name} with {header}: {value}", changed, endpoint=number, needs_difference=True)

    def _agents(self, number: int) -> dict[str, bool]:
        """Agents that may be refused, and whether that one is let in by its name."""
        found: dict[str, bool] = {}
        for components in (self.plan.components, self.plan.endpoints[number].config.components):
            rules = components.get("bot_detector")
            if isinstance(rules, BotRules):
                found |= {agent.decode("latin-1"): True for agent in sorted(rules.allow)[:3]}
                found |= {agent.decode("latin-1"): False for agent in sorted(rules.deny)[:3]}
                found |= {sample_of(pattern): False for pattern in rules.patterns[:_MOST_PATTERNS]}
        return {**found, "Googlebot/2.1": False, "": False}

    def of_service(self) -> Iterator[Draft]:
        """What is not an endpoint's."""
        yield Draft("nothing is at /not/there", {"in": {"url": "/not/there"}})
        yield Draft("health", {"in": {"url": self.plan.router.health_path}})
        for path in ("/__debug/x", "/__echo/x", "/__health", "/__catchall", "/"):
            yield Draft(f"GET {path}", {"in": {"url": path}, "backends": _ANY_BACKEND})
        for page in () if self.plan.cors else (STRANGER,):
            yield Draft(f"a page of {page}", {"page": page, "in": {"url": "/not/there"}})
        plain = self._plain(0) if self.plan.endpoints else {}
        if plain and isinstance(self.plan.components.get("rate_limit"), ServiceLimits):
            yield Draft("the service has a limit", plain, until="changed")
        for header, value in _misled(self.plan.components.get("security_http")) if plain else ():
            yield Draft(f"{self._name(0)} of who sends {header}: {value}", with_header(plain, header, value))
        if plain and not self.approach.client:
            yield Draft(f"{self._name(0)} of who comes through a proxy", self._through_proxy(plain))
        for client in self.approach.strangers if plain else ():
            asked = {**plain["in"], "client": client}
            yield Draft(f"{self._name(0)} asked from {client}", {**plain, "in": asked})
        if plain and self.approach.client:
            told = with_header(plain, "X-Forwarded-For", next(iter(self.approach.strangers), LOOPBACK))
            yield Draft(f"{self._name(0)} of who names another address", told)
        for number in range(min(len(self.plan.endpoints), _MOST_NEAR)):
            yield from self._near(number)

    def _through_proxy(self, plain: Mapping[str, Any]) -> dict[str, Any]:
        """The request as a proxy passes it on that is trusted, as far as any is."""
        router = self.plan.router
        named = with_headers(plain, {canonical_header_name(name): _FAR for name in router.remote_ip_headers})
        networks = [parse_network(text) for text in router.trusted_proxies]
        near = next((each for each in networks if each.prefixlen), None)
        return named if near is None else {**named, "in": {**named["in"], "client": str(near[0])}}

    def _near(self, number: int) -> Iterator[Draft]:
        """Requests that are almost an endpoint's."""
        config = self.plan.endpoints[number].config
        asked = {name: value for name, value in self._plain(number)["in"].items() if name not in ("key", "token")}
        path, _, query = asked["url"].partition("?")
        for method in ("DELETE" if config.method != "DELETE" else "PATCH", "OPTIONS", "HEAD"):
            test = {"in": {"url": asked["url"], "method": method}, "backends": _ANY_BACKEND}
            yield Draft(f"{method} {config.path}", test)
        last = path.rpartition("/")[2]
        others = {
            "a slash more": path + "/",
            "a slash less": path.rstrip("/") or "/",
            "two slashes": f"/{path}",
            "other letters": path.swapcase(),
            "an encoded letter": f"{path[: len(path) - len(last)]}%{ord(last[0]):02x}{last[1:]}" if last else path,
            "a slash encoded twice": f"{path}%252Fx",
            "a part more": f"{path.rstrip('/')}/more",
        }
        for what, other in others.items():
            if other != path:
                url = f"{other}?{query}" if query else other
                test = {"in": {**asked, "url": url}, "backends": _ANY_BACKEND}
                yield Draft(f"{self._name(number)} with {what}", test)

    def _name(self, number: int) -> str:
        config = self.plan.endpoints[number].config
        return f"{config.method} {config.path}"


def _misled(policy: Any) -> Iterator[tuple[str, str]]:
    """Fields that name another host, or plain http."""
    yield "Host", "other-host.example"
    yield "X-Forwarded-Proto", "http"
    if isinstance(policy, SecurityPolicy):
        yield from ((name, "other-host.example") for name in policy.host_fields)
        yield from ((name, "other") for name, _ in policy.https_fields if name.lower() != "x-forwarded-proto")


def _schema_of(components: Mapping[str, Any]) -> Any:
    """What bodies have to be; None where anything will do."""
    value = components.get("json_schema")
    return value.schema if isinstance(value, BodySchema) else None


def _expressions_of(config: EndpointConfig) -> list[str]:
    """Those about requests."""
    values = [config.components.get("cel"), *[backend.components.get("cel") for backend in config.backends]]
    return [text for value in values if isinstance(value, Checks) for text in value.before]


def _with_literal_key(plain: Mapping[str, Any], demand: KeyDemand) -> dict[str, Any]:
    """With the test's key in so many words, in the place where it is read today."""
    key = KEY_TEXTS["valid"]
    if demand.strategy == "header":
        scheme = "Bearer " if demand.identifier.lower() == "authorization" else ""
        return with_header(plain, demand.identifier, scheme + key)
    url = plain["in"]["url"]
    return {**plain, "in": {**plain["in"], "url": f"{url}{'&' if '?' in url else '?'}{demand.identifier}={key}"}}


def _said(token: str) -> str:
    return {
        "other-issuer": "another issuer's",
        "other-audience": "for somebody else",
        "without-rights": "without roles and scopes",
    }.get(token, token)
