"""Two gateways asked one request after the other: the clocks of both go alike, and either knows the keys of both.

Does not know what is worth asking; takes nothing from how differences are found or tried.
"""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from crossgate.compare.plans import Compiled
from crossgate.components import COMPONENTS
from crossgate.components.jwt.model import Issuer
from crossgate.plan.routes import RouteKind
from crossgate.testing.backends import Backends
from crossgate.testing.clock import Clock
from crossgate.testing.mocks import Answer, Mock
from crossgate.testing.player import rendered
from crossgate.testing.stand import Stand
from crossgate.testing.tokens import Mint
from tests.support.asked_gates.asked import JSON, Asked, Seen
from tests.support.two_gateways import MOMENT, NOW_SECONDS, UNTELLING, calls_of

_UNTELLING = UNTELLING | {"x-request-id", "traceparent"}
_SIGNATURE = re.compile(rb"(eyJ[\w-]+\.[\w-]*)\.[\w-]+|\\*\"signature\\*\":\\*\"[\w-]+")  # another each time


class Gateway:
    """One of the two. Its keys, names and passwords are its own, its issuers' keys the mint's."""

    def __init__(self, compiled: Compiled, stack: ExitStack) -> None:
        self.clock = Clock(NOW_SECONDS)
        self._backends = Backends(self.clock)
        self._backends.hides_first = True
        mint = Mint(compiled.config, self.clock.wall, owner_of)
        self._backends.hidden = mint.key_sets
        config = mint.config
        ring = compiled.config.components.get("api_keys")
        components = {**config.components, **({} if ring is None else {"api_keys": ring})}
        endpoints = tuple(
            replace(each, components={**each.components, **_users_of(own.components)})
            for each, own in zip(config.endpoints, compiled.config.endpoints, strict=True)
        )
        self.config = replace(config, components=components, endpoints=endpoints)
        hosts = sorted({host for each in config.endpoints for one in each.backends for host in one.hosts})
        self._hosts = ["/".join(host.split("/")[:3]) for host in hosts]
        self._stand = Stand(self.config, components=COMPONENTS, environ={}, clock=self.clock, backends=self._backends)
        self.key_sets = mint.key_sets
        stack.callback(self._stand.close)

    def know(self, documents: dict[str, bytes]) -> None:
        self._backends.hidden = documents

    def pass_time(self, seconds: float) -> None:
        self._stand.pass_time(seconds)

    def endpoint_of(self, method: str, target: str) -> int | None:
        return self._stand.endpoint_at(method, target)

    def _forget(self, asked: Asked) -> None:
        one_place = "{n}" not in asked.target.partition("?")[0]
        self._stand.forget([(asked.method, asked.target)] if one_place else ())

    def ask(self, asked: Asked) -> Iterator[Seen]:
        """What comes of each."""
        self._forget(asked)
        headers = (JSON, *asked.backend_fields)
        answers = tuple(
            Answer(status, headers=headers, body=asked.data.encode(), delay_seconds=asked.delay_seconds)
            for status in asked.statuses
        )
        for number in range(asked.times):
            one = answers[number % len(answers)]
            self._backends.mock([Mock((one,), host=host) for host in self._hosts])
            if number and asked.gap_seconds:
                self._stand.pass_time(asked.gap_seconds)
            yield self._asked(asked, str(number % 200))

    def _asked(self, asked: Asked, number: str) -> Seen:
        self._backends.forget()
        fields = [(name, value.replace("{n}", number)) for name, value in asked.fields]
        body = None if asked.body is None else asked.body.encode()
        data = rendered(asked.method, asked.target.replace("{n}", number), fields, body)
        got = self._stand.ask(data, client_host=asked.host.replace("{n}", number))
        seen = [(name.lower(), value) for name, value in got.fields if name.lower() not in _UNTELLING]
        return Seen(
            got.status,
            tuple(sorted(seen)),
            _SIGNATURE.sub(rb"\1", MOMENT.sub(b"", got.body)),
            calls_of(self._backends),
            got.refused_by,
            got.route,
        )


def owner_of(issuer: Issuer) -> str:
    """Whose keys: those at one place are the same."""
    return issuer.url.url if issuer.url is not None else repr(issuer.fixed and issuer.fixed.identities)


def _users_of(components: Any) -> dict[str, Any]:
    return {"basic_auth": components["basic_auth"]} if "basic_auth" in components else {}


class Two:
    """Both. Use as a context manager."""

    def __init__(self, old: Compiled, new: Compiled) -> None:
        self.compiled = (old, new)
        self._stack = ExitStack()

    def __enter__(self) -> "Two":
        with ExitStack() as stack:
            self.old, self.new = (Gateway(one, stack) for one in self.compiled)
            documents: dict[str, list[Any]] = {}
            for side in (self.old, self.new):
                for url, text in side.key_sets.items():
                    known = documents.setdefault(url, [])
                    known += [key for key in json.loads(text)["keys"] if key not in known]
            for side in (self.old, self.new):
                side.know({url: json.dumps({"keys": keys}).encode() for url, keys in documents.items()})
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def ask(self, asked: Asked) -> tuple[Seen, Seen]:
        """The first answers that are not alike; the last ones where all are."""
        gap_seconds = self.old.clock.now() - self.new.clock.now()
        if gap_seconds:
            (self.new if gap_seconds > 0 else self.old).pass_time(abs(gap_seconds))
        pair = None
        for pair in zip(self.old.ask(asked), self.new.ask(asked), strict=True):
            if pair[0] != pair[1]:
                return pair
        assert pair is not None
        return pair

    def endpoints_at(self, method: str, target: str) -> list[Any]:
        """The models of the endpoints that it leads to, in order old, new; fewer where none is there."""
        found = []
        for side in (self.old, self.new):
            number = side.endpoint_of(method, target)
            if number is not None:
                found.append(side.config.endpoints[number])
        return found

    def paths(self) -> dict[str, set[str]]:
        """Paths of every class with the methods that either has there."""
        found: dict[str, set[str]] = {}
        texts = {"v1"}
        routes = [route for side in self.compiled for route in side.plan.routes]
        for route in routes:
            texts |= {part for part in route.pattern.split("/") if part and part[0] not in ":*"}
        for route in routes:
            parts = route.pattern.split("/")
            for text in sorted(texts)[:12] if any(part[:1] in (":", "*") for part in parts) else ("v1",):
                path = "/".join(text if part[:1] in (":", "*") else part for part in parts)
                methods = found.setdefault(path, set())
                if text == "v1" or route.kind is RouteKind.ENDPOINT:
                    methods.add(route.method)
        return found
