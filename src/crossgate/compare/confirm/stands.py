"""The gateways of both files on test stands: asked the same, and what can be told apart of what they do.

Nothing leaves the process. Knows requests as differences have them; does not know what is looked for.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Any, Literal

from crossgate.compare.confirm.purse import Purse
from crossgate.compare.curl import sent_target
from crossgate.compare.difference import Answered as SaidByPath
from crossgate.compare.difference import Example
from crossgate.components.client_credentials.config import ClientConfig
from crossgate.components.component import Component
from crossgate.config.model import ServiceConfig
from crossgate.testing.answered import Answered
from crossgate.testing.backends import Backends
from crossgate.testing.clock import Clock
from crossgate.testing.mocks import Answer, Mock, Received
from crossgate.testing.player import rendered
from crossgate.testing.stand import Stand

_BEGAN_SECONDS = 1_790_000_000.0  # any time will do, and always the same gives the same report
_OTHER_EACH_TIME = frozenset(("date", "content-length", "x-request-id", "traceparent"))
_MOMENT = re.compile(rb'"now":"[^"]*"|"error_id":"[^"]*"|"X-Krakend-Id": ?\["[^"]*"\]')
_SIGNATURE = re.compile(rb'(eyJ[\w-]+\.[\w-]*)\.[\w-]+|"signature":"[\w-]+"')  # some are others each time
_TOKEN = b'{"access_token":"of the gateway","token_type":"bearer","expires_in":3600}'

Call = tuple[str, str, str, str, tuple[tuple[str, str], ...], bytes]
"""Method, scheme, host, target, fields, body."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a client and the backends saw of a request. `refused_by` names a component, `reason` is a code."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes
    calls: tuple[Call, ...]
    refused_by: str
    passed: frozenset[str]
    reason: str


class Side:
    """One of the two gateways."""

    def __init__(
        self,
        config: ServiceConfig,
        purse: Purse,
        clock: Clock,
        components: Sequence[Component],
        environ: Mapping[str, str],
        stack: ExitStack,
    ) -> None:
        """Raises what a component finds wrong with its configuration."""
        mint = purse.mint(config)
        self.config = mint.config
        self.key_sets = mint.key_sets
        self._clock = clock
        self._backends = Backends(clock)
        self._backends.hides_first = True
        self._groups = _host_groups(config)
        self.mocked = [_origin_of(host) for backend in _backends(config) for host in backend.hosts]
        self._stand = Stand(mint.config, components=components, environ=environ, clock=clock, backends=self._backends)
        stack.callback(self._stand.close)

    def know_hosts(self, mocked: Iterable[str]) -> None:
        """Those of both files: what is said of backends holds for both."""
        self.mocked = list(dict.fromkeys(mocked))

    def know(self, documents: Mapping[str, bytes]) -> None:
        """What is fetched beside requests, by its URL."""
        self._backends.hidden = {**documents, **dict.fromkeys(_token_urls(self.config), _TOKEN)}

    def forget(self, example: Example) -> None:
        """As if nothing had been asked. Until the next time, only requests like this one are: see `_is_one_place`."""
        self._stand.forget([(example.method, sent_target(example))] if _is_one_place(example) else ())

    def pass_time(self, seconds: float) -> None:
        """Between requests."""
        self._stand.pass_time(seconds)

    def ask(self, example: Example) -> Seen:
        """A request behind those before."""
        body = None if example.backend_data is None else json.dumps(example.backend_data).encode()
        if example.backend_text is not None:
            body = example.backend_text.encode("utf-8", "surrogateescape")
        named = {name.lower() for name, _ in example.backend_fields}
        usual = (("Content-Type", "application/json"), ("Date", formatdate(self._clock.wall(), usegmt=True)))
        headers = (*(one for one in usual if one[0].lower() not in named), *example.backend_fields)
        fault: Literal["refused", ""] = "refused" if example.backend_is_down else ""
        delay_seconds = example.backend_delay_seconds
        answer = Answer(example.backend_status, headers=headers, body=body, delay_seconds=delay_seconds, fault=fault)
        hosts = list(dict.fromkeys(self.mocked))
        mocks = [
            Mock((_said(answer, one),), method=one.method, host=host, path=one.path)
            for one in example.answers
            for host in (dict.fromkeys(map(_origin_of, one.hosts)) or hosts)
        ]
        mocks += [Mock((answer,), host=host, path=example.only_backend) for host in hosts]
        if example.only_backend:
            told = json.dumps(example.others_data).encode()
            others = Answer(example.others_status, headers=(("Content-Type", "application/json"),), body=told)
            mocks += [Mock((others,), host=host) for host in hosts]
        if example.backend_is_down:  # whichever port they are written with
            mocks += [Mock((answer,), host=host.partition("://")[2]) for host in hosts]
        self._backends.mock(mocks)
        self._backends.forget()
        sent = None if example.body is None else example.body.encode("utf-8", "surrogateescape")
        data = rendered(example.method, sent_target(example), example.fields, sent)
        return self._seen(self._stand.ask(data, client_host=example.client_host))

    def _seen(self, answered: Answered) -> Seen:
        calls = sorted(
            (
                one.method,
                one.scheme,
                self._whom(one),
                one.target,
                tuple(sorted(_known(name.lower(), value) for name, value in one.fields if name.lower() != "host")),
                one.body,
            )
            for one in self._backends.received
        )
        fields = [(name.lower(), value) for name, value in answered.fields]
        return Seen(
            answered.status,
            tuple(sorted(one for one in fields if one[0] not in _OTHER_EACH_TIME)),
            self._without_choice(_SIGNATURE.sub(rb"\1", _MOMENT.sub(b"", answered.body))),
            tuple(calls),
            answered.refused_by,
            frozenset(answered.passed_gates),
            "" if answered.reason is None else answered.reason.code,
        )

    def _whom(self, received: Received) -> str:
        """The host that a call names, and the one that gets it where that is another."""
        named = self._groups.get(received.authority, received.authority)
        host = received.authority.rpartition(":")[0] or received.authority
        is_called = received.called.lower() in (host.lower().strip("[]"), received.authority.lower())
        return named if is_called else f"{named} at {received.called}"

    def _without_choice(self, body: bytes) -> bytes:
        """An echo's body without which host it was."""
        for name, group in self._groups.items():
            body = body.replace(b'"%b"' % name.encode(), b'"%b"' % group.encode())
        return body


def _said(answer: Answer, one: SaidByPath) -> Answer:
    if not one.status:
        return Answer(fault="closed")
    return replace(answer, status=one.status, body=one.text.encode(), fault="")


def _known(name: str, value: str) -> tuple[str, str]:
    """A field of a call, without what is drawn by lot."""
    return name, "" if name == "x-krakend-id" else value


class TwoStands:
    """Both gateways, at the same time of day. Use as a context manager.

    `asked` counts requests. Raises what a component finds wrong with its configuration.
    """

    def __init__(
        self, old: ServiceConfig, new: ServiceConfig, components: Sequence[Component], environ: Mapping[str, str]
    ) -> None:
        self._configs = (old, new)
        self._components = components
        self._environ = environ
        self._stack = ExitStack()
        self.asked = 0

    def __enter__(self) -> "TwoStands":
        with ExitStack() as stack:
            self._clocks = clocks = (Clock(_BEGAN_SECONDS), Clock(_BEGAN_SECONDS))
            self.purse = Purse(clocks[0].wall)
            self.old, self.new = (
                Side(config, self.purse, clock, self._components, self._environ, stack)
                for config, clock in zip(self._configs, clocks, strict=True)
            )
            documents = _merged(self.old.key_sets, self.new.key_sets)
            mocked = [*self.old.mocked, *self.new.mocked]
            for side in (self.old, self.new):
                side.know(documents)
                side.know_hosts(mocked)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def ask(self, example: Example) -> tuple[Seen, Seen]:
        """What both do with it as their first request."""
        self.forget(example)
        return self.ask_on(example)

    def forget(self, example: Example) -> None:
        """As if nothing had been asked of either. Until the next time, nothing but this is, numbered or not."""
        for side in (self.old, self.new):
            side.forget(example)
        gap_seconds = self._clocks[0].now() - self._clocks[1].now()
        if gap_seconds:  # one of them has waited for backends
            (self.new if gap_seconds > 0 else self.old).pass_time(abs(gap_seconds))

    def ask_on(self, example: Example) -> tuple[Seen, Seen]:
        """What both do with it behind what was asked before."""
        self.asked += 2
        return self.old.ask(example), self.new.ask(example)


def _is_one_place(example: Example) -> bool:
    """Whether it leads to one endpoint, however it is numbered."""
    return "{n}" not in example.target.partition("?")[0]


def _backends(config: ServiceConfig) -> Iterable[Any]:
    return (backend for endpoint in config.endpoints for backend in endpoint.backends)


def _host_groups(config: ServiceConfig) -> dict[str, str]:
    """Of hosts that are taken in turn, all of them: which one is chosen tells nothing."""
    groups: dict[str, set[str]] = {}
    for backend in _backends(config):
        names = {_origin_of(host).partition("://")[2] for host in backend.hosts}
        if len(names) > 1:
            for name in names:
                groups.setdefault(name, set()).update(names)
    return {name: "|".join(sorted(names)) for name, names in groups.items()}


def _origin_of(host: str) -> str:
    """A host without what else may stand there: a user, a path."""
    scheme, _, rest = host.partition("://")
    return f"{scheme}://{rest.partition('/')[0].rpartition('@')[2]}"


def _token_urls(config: ServiceConfig) -> list[str]:
    values = (one.components.get("client_credentials") for one in _backends(config))
    return [one.token_url for one in values if isinstance(one, ClientConfig)]


def _merged(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> dict[str, bytes]:
    """Key sets by URL, the keys of both where both have the URL."""
    merged = dict(one)
    for url, text in other.items():
        keys = json.loads(merged.get(url, b'{"keys": []}'))["keys"]
        more = [key for key in json.loads(text)["keys"] if key not in keys]
        merged[url] = json.dumps({"keys": keys + more}).encode()
    return merged


def with_endpoints(config: ServiceConfig, indexes: Iterable[int]) -> ServiceConfig:
    """The same with those endpoints alone, by their numbers in the file."""
    wanted = frozenset(indexes)
    return replace(config, endpoints=tuple(one for one in config.endpoints if one.index in wanted))
