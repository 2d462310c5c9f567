"""Two configurations asked the same on test stands, and requests of every class that either can tell apart."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from functools import lru_cache
from itertools import filterfalse
from typing import Any

from crossgate.compare import compare_plans
from crossgate.compare.confirm import confirmed
from crossgate.compare.difference import Answered, Difference, Example
from crossgate.compare.plans import Compiled
from crossgate.components import COMPONENTS
from crossgate.components.jwt.model import Validator
from crossgate.config.load import load_text
from crossgate.plan import Identity, compile_plan
from crossgate.testing.backends import Backends
from crossgate.testing.clock import Clock
from crossgate.testing.mocks import Answer, Mock
from crossgate.testing.player import rendered
from crossgate.testing.stand import Stand
from crossgate.testing.suite import Token
from crossgate.testing.tokens import Mint

NOW_SECONDS = 1_790_000_000.0
UNTELLING = frozenset(("date", "content-length"))
MOMENT = re.compile(rb'"now":"[^"]*"|"error_id":"[^"]*"')


def loaded(tree: Any) -> Compiled | None:
    """A configuration and its plan, None where it does not start."""
    return _loaded(json.dumps(tree))


@lru_cache(8)
def _loaded(text: str) -> Compiled | None:
    config = load_text(text.encode(), components=COMPONENTS).config
    return None if config is None else Compiled(config, compile_plan(config, identity=Identity.own("1")))


def differences_of(old: Any, new: Any) -> list[Difference]:
    """Of two trees that start."""
    before, after = loaded(old), loaded(new)
    assert before is not None
    assert after is not None
    return list(compare_plans(before, after, COMPONENTS))


def reported(old: Any, new: Any) -> list[Difference]:
    """What `crossgate diff` says of two trees that start: tried, and without what no request gets to."""
    before, after = loaded(old), loaded(new)
    assert before is not None
    assert after is not None
    return confirmed(compare_plans(before, after, COMPONENTS), before, after, COMPONENTS, {})


@dataclass(frozen=True)
class Seen:
    """What a client and the backends saw of one request."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes
    calls: tuple[Any, ...]
    route: str = field(compare=False)
    endpoint: int | None = field(compare=False)


class Gateway:
    """One of them."""

    def __init__(self, compiled: Compiled, stack: ExitStack) -> None:
        self.compiled = compiled
        self._clock = Clock(NOW_SECONDS)
        self._backends = Backends(self._clock)
        self.mint = Mint(compiled.config, self._clock.wall)
        self._backends.hidden = self.mint.key_sets
        self._hosts = {
            host for endpoint in compiled.config.endpoints for backend in endpoint.backends for host in backend.hosts
        }
        self._stand = Stand(
            self.mint.config, components=COMPONENTS, environ={}, clock=self._clock, backends=self._backends
        )
        stack.callback(self._stand.close)

    def endpoint_of(self, example: Example) -> int | None:
        """The number of the endpoint that it leads to."""
        return self._stand.endpoint_at(example.method, example.target)

    def ask(self, example: Example) -> Seen:
        """The first request that it gets."""
        self._stand.forget()
        now = formatdate(self._clock.wall(), usegmt=True)
        headers = (("Content-Type", "application/json"), ("Date", now), *example.backend_fields)
        told = None if example.backend_data is None else json.dumps(example.backend_data).encode()
        if example.backend_text is not None:
            told = example.backend_text.encode()
        fault = "refused" if example.backend_is_down else ""
        delay_seconds = example.backend_delay_seconds
        answer = Answer(example.backend_status, headers=headers, body=told, delay_seconds=delay_seconds, fault=fault)
        mocks = [
            Mock((_said(answer, one),), method=one.method, host=host, path=one.path)
            for one in example.answers
            for host in one.hosts or self._hosts
        ]
        mocks += [Mock((answer,), host=host, path=example.only_backend) for host in self._hosts]
        told = json.dumps(example.others_data).encode()
        nothing = Answer(example.others_status, headers=(("Content-Type", "application/json"),), body=told)
        self._backends.mock([*mocks, *(Mock((nothing,), host=host) for host in self._hosts)])
        self._backends.forget()
        data = rendered(
            example.method, example.target, example.fields, None if example.body is None else example.body.encode()
        )
        got = self._stand.ask(data, client_host=example.client_host)
        fields = tuple(sorted((name.lower(), value) for name, value in got.fields if name.lower() not in UNTELLING))
        body = MOMENT.sub(b"", got.body)
        return Seen(got.status, fields, body, calls_of(self._backends), got.route, got.endpoint)


def calls_of(backends: Backends) -> tuple[Any, ...]:
    """What they were asked since they forgot, in no order of time."""
    return tuple(
        sorted(
            (one.method, one.scheme, one.authority, one.target, tuple(sorted(one.fields)), one.body)
            for one in backends.received
        )
    )


def _said(answer: Answer, one: Answered) -> Answer:
    if not one.status:
        return Answer(fault="closed")
    return replace(answer, status=one.status, body=one.text.encode(), fault="")


class TwoGateways:
    """Both. Use as a context manager."""

    def __init__(self, old: Compiled, new: Compiled) -> None:
        self._compiled = (old, new)
        self._stack = ExitStack()

    def __enter__(self) -> "TwoGateways":
        self.old, self.new = (Gateway(one, self._stack) for one in self._compiled)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def differ(self, example: Example, *, but_for_cors: bool = False) -> bool:
        """Whether they answer that request otherwise, or ask their backends otherwise."""
        old, new = self.old.ask(example), self.new.ask(example)
        if but_for_cors:
            old, new = (replace(one, fields=tuple(filterfalse(is_cors, one.fields))) for one in (old, new))
        return old != new

    def credentials(self, example: Example) -> Iterator[Example]:
        """The request with every kind of token and key that either looks at, and without."""
        bare = tuple(one for one in example.fields if "(a" not in one[1])
        yield replace(example, fields=bare)
        bare = (*bare, ("X-Nope", "1"), ("X-None", "1"))  # what expressions ask for
        yield replace(example, fields=bare)
        wanted: list[tuple[str, str]] = []
        for gateway in (self.old, self.new):
            index = gateway.endpoint_of(example)
            if index is None:
                continue
            components = gateway.compiled.config.endpoints[index].components
            if isinstance(validator := components.get("jwt"), Validator):
                tokens = _tokens(gateway.mint, index, validator)
                wanted += [*tokens, ("Cookie", f"{validator.cookie}={tokens[0][1].removeprefix('Bearer ')}")]
            if "api_keys" in components:
                wanted += [field for name in ("valid", "no-roles") for field in gateway.mint.key_fields(name, index)]
        for credential in dict.fromkeys(wanted):
            yield replace(example, fields=(*bare, credential))

    def shows(self, difference: Difference) -> bool:
        """Whether its own example shows it, given the credentials that it speaks of."""
        example = difference.example
        assert example is not None
        return any(self.differ(one) for one in self.credentials(example))


def is_cors(field: tuple[str, str]) -> bool:
    return field[0] == "vary" or field[0].startswith("access-control-")


def _tokens(mint: Mint, index: int, validator: Validator) -> list[tuple[str, str]]:
    """Fields with tokens: one that passes, and those that lack something, or have one thing alone."""
    roles = sorted(validator.roles.words) if validator.roles else []
    sets: list[dict[str, Any] | None] = [None, {"roles": []}, {"aud": []}, {"iss": "https://nobody.example"}]
    sets += [{"roles": [role]} for role in roles]
    if validator.scopes is not None:
        sets += [{validator.scopes.key: scope} for scope in validator.scopes.words]
    found = []
    for claims in sets:
        token = None
        if claims is not None:
            passing = _claims(validator)
            token = Token(claims={**passing, **claims})
        header, _, text = mint.token(token, index)
        found.append((header.title(), f"Bearer {text}"))
    return found


def _claims(validator: Validator) -> dict[str, Any]:
    issuer = validator.issuers[0]
    claims: dict[str, Any] = {"sub": "somebody", "iss": issuer.issuer, "aud": list(issuer.audience)}
    if validator.roles is not None:
        claims[validator.roles.key] = list(validator.roles.words)
    if validator.scopes is not None:
        claims[validator.scopes.key] = " ".join(validator.scopes.words)
    return claims
