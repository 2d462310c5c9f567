"""Requests that may show a difference: its own example, then others that what it is about might tell apart.

Knows what configurations name (agents, hosts, networks, texts of expressions); sends nothing.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise
from typing import Any

from crossgate.compare.bodies import accepted_body
from crossgate.compare.confirm.answers import Answers, path_of
from crossgate.compare.confirm.aspects import GUARD_KINDS
from crossgate.compare.confirm.expressed import expressed
from crossgate.compare.confirm.modified import looked_for
from crossgate.compare.confirm.patterns import plain_text_of
from crossgate.compare.confirm.surroundings import (
    addresses_of,
    filters_of,
    from_address,
    hosts_of,
    limits_of,
    surroundings,
)
from crossgate.compare.difference import CORS_KINDS, Difference, Example, Kind
from crossgate.compare.requested import on_condition, with_field, with_query
from crossgate.components.bot_detector.config import BotRules
from crossgate.components.circuit_breaker.config import BreakerConfig
from crossgate.components.graphql.config import Operation
from crossgate.components.json_schema.config import BodySchema
from crossgate.components.martian.config import MartianConfig
from crossgate.components.rate_limit.model import RouterLimit, TieredLimit
from crossgate.components.security_http.config import SecurityPolicy
from crossgate.config.model import EndpointConfig
from crossgate.plan import EndpointPlan, Plan
from crossgate.testing.init.approach import client_headers, limits_in
from crossgate.testing.init.samples import document_of
from crossgate.testing.init.tiers import tier_samples

_MOST_NAMES = 8
_FEW = 3
_MOST_PATHS = 12
_MOST_VALUES = 10
_STATUSES = (500, 404, 201, 204, 503, 302, 401)
_DELAYS = (0.5, 1.9, 2.5, 5.0, 10.0, 30.0)


class Attempts:
    """For one difference. `places` are the endpoint's configurations in both files, of those that have it; `ends` what
    is planned for them."""

    def __init__(
        self,
        difference: Difference,
        places: Sequence[EndpointConfig],
        plans: Sequence[Plan],
        ends: Sequence[EndpointPlan],
    ) -> None:
        self._difference = difference
        self._places = places
        self._plans = plans
        self._answers = Answers(ends)
        self._values: list[Any] = [
            *(value for place in places for value in place.components.values()),
            *(value for place in places for backend in place.backends for value in backend.components.values()),
            *(value for plan in plans for value in plan.components.values()),
        ]

    def ways_in(self, example: Example) -> Iterator[Example]:
        """The example with what guards may ask for beside credentials, expressions and schemas among them."""
        seen: list[Example] = []
        for one in self._ways_in(example):
            for each in (one, self._answers.readable(one)):
                if each not in seen:
                    seen.append(each)
                    yield each

    def _ways_in(self, example: Example) -> Iterator[Example]:
        clients = list(surroundings(example, self._values))
        schemas = self._of(BodySchema)
        bodies = dict.fromkeys(accepted_body(some) for some in (schemas, *([one] for one in schemas)) if some)
        if not schemas and any(one.kind == "mutation" for one in self._of(Operation)):
            bodies["{}"] = None  # its variables, without which nothing is asked
        yield clients[0]
        for client in clients:
            yield client
            for number, one in enumerate(expressed(client, self._places)):
                if client is not clients[0] and number >= _FEW:
                    break
                yield one
                for body in bodies:
                    if body is not None:
                        yield replace(with_field(one, "Content-Type", "application/json"), body=body)
            for body in bodies:
                if body is not None:
                    yield replace(with_field(client, "Content-Type", "application/json"), body=body)

    def others(self, example: Example) -> Iterator[Example]:
        """Variations of a request that gets in."""
        kind = self._difference.kind
        if kind in CORS_KINDS:
            yield from self._as_others(example)
        elif kind in GUARD_KINDS:
            yield from self._guarded(example)
            yield from self._answered(example)
            yield from self._answers.mixed(example)
        elif kind is Kind.LIMIT or self._difference.shown_by == "repeats":
            yield from self._repeated(example)
        else:
            yield from self._modified(example)
            yield from self._answered(example)
            yield from self._clients(example)
            yield from self._guarded(example)
            yield from self._answers.mixed(example)

    def _of(self, wanted: Any) -> list[Any]:
        return [value for value in self._values if isinstance(value, wanted)]

    def _as_others(self, example: Example) -> Iterator[Example]:
        """Other paths that a policy is about, and a backend that says something of CORS itself."""
        said = (
            ("Access-Control-Allow-Origin", _origin_of(example)),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Expose-Headers", "X-From-Backend"),
        )
        for there in self._elsewhere(example):
            yield there
            yield replace(there, backend_fields=said)
            if there.method == "OPTIONS":
                simple = tuple(field for field in there.fields if not field[0].lower().startswith("access-control-"))
                asked = next((value for name, value in there.fields if name == "Access-Control-Request-Method"), "GET")
                for method in dict.fromkeys(("GET", asked)):  # the call itself
                    yield replace(there, method=method, fields=simple, condition="")
                    yield replace(there, method=method, fields=simple, condition="", backend_fields=said)
        for name, value in (("Access-Control-Request-Private-Network", "true"),):
            if example.method == "OPTIONS":
                yield with_field(example, name, value)

    def _elsewhere(self, example: Example) -> Iterator[Example]:
        """The same to whatever a policy of the service may be about."""
        yield example
        place = self._difference.new or self._difference.old
        if self._difference.endpoint or (place is not None and place.endpoint >= 0):
            return
        yield replace(example, target="/not/there")
        seen = {example.target}
        for plan in self._plans:
            for route in plan.routes:
                path = "/".join("v" if part[:1] in (":", "*") else part for part in route.pattern.split("/"))
                if path not in seen and len(seen) < _MOST_PATHS:
                    seen.add(path)
                    method = example.method if example.method == "OPTIONS" else route.method
                    yield replace(example, target=path, method=method)

    def _guarded(self, example: Example) -> Iterator[Example]:
        for rules in self._of(BotRules):
            for agent in sorted(rules.allow | rules.deny)[:_MOST_VALUES]:
                yield with_field(example, "User-Agent", agent.decode("latin-1"))
            for pattern in rules.patterns[:_MOST_VALUES]:
                yield with_field(example, "User-Agent", plain_text_of(pattern))
        yield with_field(example, "User-Agent", "")
        for policy in self._of(SecurityPolicy):
            hosts = hosts_of(policy)
            for host in (*hosts, "other.example"):
                yield with_field(example, "Host", host)
                for name in policy.host_fields:
                    yield with_field(example, name.title(), host)
            for name, value in policy.https_fields:
                for host in hosts or [""]:
                    secure = with_field(example, name.title(), value)
                    yield with_field(secure, "Host", host) if host else secure
        yield from self._from_addresses(example)
        for schema in self._of(BodySchema):
            for body in _bodies(schema.schema):
                yield replace(with_field(example, "Content-Type", "application/json"), body=body)
        yield replace(example, body=None)

    def _from_addresses(self, example: Example) -> Iterator[Example]:
        filters = list(filters_of(self._values))
        names = dict.fromkeys(
            str(name) for told in filters for name in told.get("client_ip_headers") or ("X-Forwarded-For",)
        )
        for host in addresses_of(filters) if filters else ():
            yield from_address(example, host)
            for name in names:
                yield with_field(example, name, host)
                for other in addresses_of(filters):
                    yield from_address(with_field(example, name, host), other)

    def _modified(self, example: Example) -> Iterator[Example]:
        """Requests that modifiers of backends look for."""
        for config in self._of(MartianConfig):
            for field, value in looked_for(config.modifier):
                yield with_query(example, field[1:], value) if field[:1] == "?" else with_field(example, field, value)

    def _clients(self, example: Example) -> Iterator[Example]:
        names = {name for plan in self._plans for name in plan.router.remote_ip_headers}
        for host in ("203.0.113.9", "10.0.0.1", "127.0.0.1"):
            for name in sorted(names)[:_MOST_NAMES]:
                yield from_address(with_field(example, name, "198.51.100.7"), host)
        yield with_field(example, "X-Other", "other")
        yield with_query(example, "other", "other")
        for place in self._places:
            for name in place.input_headers[:_MOST_NAMES]:
                if name not in ("*", "Content-Length"):
                    yield with_field(example, name, "other")
            for name in place.input_query_strings[:_MOST_NAMES]:
                if name != "*":
                    yield with_query(example, name, "other")

    def _answered(self, example: Example) -> Iterator[Example]:
        """What backends may answer, how, and when."""
        yield from self._from_one(example)
        documents = [document_of(backend) for place in self._places for backend in place.backends]
        merged = {key: value for one in documents if isinstance(one, dict) for key, value in one.items()}
        plain = replace(example, backend_text=None)
        told = [merged, *documents, {}, [merged]]
        for data in told:
            yield replace(plain, backend_data=data)
        for status in _STATUSES:
            yield replace(plain, backend_status=status, backend_data=merged)
        yield on_condition(replace(example, backend_is_down=True), "no backend can be reached")
        delays = set(_DELAYS)
        times = sorted({place.timeout_seconds for place in self._places})
        delays |= {(one + other) / 2 for one, other in pairwise(times)}
        for seconds in sorted(delays):
            slow = replace(plain, backend_delay_seconds=seconds, backend_data=merged)
            yield on_condition(slow, f"the backend takes {seconds:g}s")
        yield replace(
            plain, backend_data=merged, backend_fields=(("X-From-Backend", "1"), ("Cache-Control", "max-age=60"))
        )
        for accept in ("application/xml", "application/x-yaml"):
            yield with_field(replace(plain, backend_data=merged), "Accept", accept)
        if example.method == "GET":
            yield replace(plain, backend_data=merged, method="HEAD")

    def _from_one(self, example: Example) -> Iterator[Example]:
        """One backend alone has something to say: what it says may else be hidden by what others do."""
        backends = [backend for place in self._places if len(place.backends) > 1 for backend in place.backends]
        paths = {path_of(one): one for one in backends}
        for path, backend in paths.items():
            told = example
            if example.backend_data is None and example.backend_text is None:
                told = replace(example, backend_data=document_of(backend))
            for status in (500, 200):
                yield replace(told, only_backend=path, others_status=status)

    def _repeated(self, example: Example) -> Iterator[Example]:
        """`{n}` is another number in each request: other clients, as limits tell them apart."""
        for tier in self._tiers():
            named = example
            for name, value in client_headers((tier,)).items():
                named = with_field(named, name, value)
            for value, _ in islice(tier_samples(tier), _MOST_VALUES):
                yield with_field(named, tier.field.decode("latin-1").title(), value)
        yield on_condition(replace(example, backend_status=500), "the backend fails")
        yield on_condition(replace(example, backend_is_down=True), "no backend can be reached")
        if self._of(BreakerConfig):  # at no-op endpoints a status is no failure
            longest = max((place.timeout_seconds for place in self._places), default=0.0) + 1
            slow = replace(example, backend_delay_seconds=longest)
            yield on_condition(slow, f"the backend takes {longest:g}s")
        yield from self._answers.failing(example)
        yield on_condition(replace(example, client_host="198.51.100.{n}"), "from another address each time")
        for limit in self._limits():
            client = limit.client
            if client is None or client.strategy == "ip":
                names = {name for plan in self._plans for name in plan.router.remote_ip_headers}
                for name in sorted(names):
                    yield with_field(example, name, "198.51.100.{n}")
                if client is not None and client.key:
                    yield with_field(example, client.key, "198.51.100.{n}")
            elif client.strategy == "header" and client.key:
                yield with_field(example, client.key, "client-{n}")
                yield with_field(example, client.key, "client")
            elif client.strategy == "param":
                path, mark, query = example.target.partition("?")
                yield replace(example, target=f"{path.rpartition('/')[0]}/client-{{n}}{mark}{query}")

    def _limits(self) -> Iterator[RouterLimit]:
        yield from limits_in(limits_of(self._values))

    def _tiers(self) -> Iterator[TieredLimit]:
        yield from (one for one in limits_of(self._values) if isinstance(one, TieredLimit))


def _origin_of(example: Example) -> str:
    return next((value for name, value in example.fields if name == "Origin"), "https://other.example")


def _bodies(schema: Any) -> Iterator[str]:
    yield from ("{}", "[]", '"text"', "1", "null", '{"other": 1}')
    if isinstance(schema, dict) and isinstance(schema.get("properties"), dict):
        for name in list(schema["properties"])[:_MOST_NAMES]:
            for value in ("text", 1, True, None):
                yield json.dumps({name: value})
