"""The way of a request through a configuration: asked of the real gateway on a test stand, nothing of it sent.

What cannot be judged here (a limit in a Redis, a key that would be fetched) is left out, and that is noted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from crossgate.components.client_credentials.config import ClientConfig
from crossgate.components.component import Component
from crossgate.components.rate_limit.reasons import UNKNOWN as UNKNOWN_LIMIT
from crossgate.components.signer.config import SignerConfig
from crossgate.components.signer.reasons import NO_KEY
from crossgate.config.model import BackendConfig, EndpointConfig, ServiceConfig
from crossgate.explain.asked import AskedRequest
from crossgate.explain.backdrop import TOKEN_ANSWER, backends_of
from crossgate.explain.keys import SignedAnew, fetched_key_sets, signed_anew, validator_of
from crossgate.plan import Plan
from crossgate.testing.answered import Answered
from crossgate.testing.backends import Backends
from crossgate.testing.clock import Clock
from crossgate.testing.mocks import Received
from crossgate.testing.player import rendered
from crossgate.testing.stand import Stand
from crossgate.testing.tokens import COMPONENT as TOKENS
from crossgate.testing.tokens import without_listener

_OUT_OF_REACH = {
    UNKNOWN_LIMIT.code: ("rate_limit", "Limits that are kept in a Redis were left out: there is none here to ask."),
    NO_KEY.code: ("signer", "The answer was not signed: the key to sign with would be fetched."),
}
"""By the reason that comes of asking somebody who is not there: the component to leave out, and what to say."""
SIGNATURE = "the token's key and signature"
"""What is not judged of a token whose keys are elsewhere."""


@dataclass(frozen=True, slots=True)
class Way:
    """What the gateway answered, and what the backends would have got.

    `left_out` says of components what of them was not judged and why.
    """

    answered: Answered
    received: tuple[Received, ...]
    notes: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Ways:
    """Asks one configuration. Use as a context manager. `given_keys` is a key set for all that would be fetched.

    `are_files_unread`: the keys that stand in files are not those.
    """

    config: ServiceConfig
    components: Sequence[Component]
    environ: Mapping[str, str]
    now_seconds: float
    given_keys: bytes | None = None
    are_files_unread: bool = False
    _clock: Clock = field(init=False)
    _backends: Backends = field(init=False)
    _stands: dict[tuple[str, ...], Stand] = field(init=False, default_factory=dict)

    def __enter__(self) -> "Ways":
        self._clock = Clock(self.now_seconds)
        self._backends = Backends(self._clock)
        self._backends.hidden = {**fetched_key_sets(self.config, self.given_keys), **_token_endpoints(self.config)}
        return self

    def __exit__(self, *_: object) -> None:
        for stand in self._stands.values():
            stand.close()

    @property
    def plan(self) -> Plan:
        """What is asked."""
        return self._stand(()).plan

    def endpoint_at(self, method: str, target: str) -> EndpointConfig | None:
        """The endpoint that answers there."""
        number = self._stand(()).endpoint_at(method, target)
        return None if number is None else self.plan.endpoints[number].config

    def endpoint_of(self, answered: Answered) -> EndpointConfig | None:
        """The endpoint that answered."""
        return None if answered.endpoint is None else self.plan.endpoints[answered.endpoint].config

    def go(self, asked: AskedRequest) -> Way:
        """What becomes of a request. Raises TimeoutError where nothing does."""
        at_seconds = asked.at_seconds
        if at_seconds is not None:
            self._clock.advance(at_seconds - self._clock.wall())
        left_out: tuple[str, ...] = ()
        notes: list[str] = []
        not_judged: list[str] = []
        endpoint = self.endpoint_at(asked.method, asked.target)
        validator = None if endpoint is None else validator_of(endpoint)
        anew = None
        if validator is not None and self.given_keys is None:
            anew = signed_anew(asked, validator, are_files_unread=self.are_files_unread)
        while True:
            way = self._go(asked if anew is None else anew.asked, left_out)
            code = "" if way.answered.reason is None else way.answered.reason.code
            found = _OUT_OF_REACH.get(code)
            if found is None or found[0] in left_out or not _asks_elsewhere(found[0], endpoint):
                break
            left_out = (*left_out, found[0])
            notes.append(found[1])
            not_judged.append(found[0])
        beside = dict(zip(left_out, notes, strict=True))
        if anew is None:
            return Way(way.answered, way.received, tuple(notes), tuple(not_judged), beside)
        if TOKENS in (*way.answered.passed_gates, way.answered.refused_by):
            beside[TOKENS] = f"The token's signature was not checked: its keys {anew.come_from}."
            notes.append(beside[TOKENS])
            not_judged.append(SIGNATURE)
        received = tuple(_as_sent(one, anew) for one in way.received)
        return Way(way.answered, received, tuple(notes), tuple(not_judged), beside)

    def _go(self, asked: AskedRequest, left_out: tuple[str, ...]) -> Way:
        stand = self._stand(left_out)
        stand.forget()
        self._backends.forget()
        number = stand.endpoint_at(asked.method, asked.target)
        endpoint = None if number is None else stand.plan.endpoints[number].config
        self._backends.mock([] if endpoint is None else backends_of(endpoint))
        data = rendered(asked.method, asked.target, asked.fields, asked.body, host=asked.host)
        answered = stand.ask(data, client_host=asked.client_host)
        return Way(answered, tuple(self._backends.received))

    def _stand(self, left_out: tuple[str, ...]) -> Stand:
        stand = self._stands.get(left_out)
        if stand is None:
            stand = self._stands[left_out] = Stand(
                _without(self.config, left_out),
                components=self.components,
                environ=self.environ,
                clock=self._clock,
                backends=self._backends,
            )
        return stand


def _asks_elsewhere(component: str, endpoint: EndpointConfig | None) -> bool:
    """Whether it would have asked somebody: keys to sign with may be in a file, too."""
    value = None if endpoint is None else endpoint.components.get(component)
    return not isinstance(value, SignerConfig) or (value.url is not None and not value.refuses)


def _token_endpoints(config: ServiceConfig) -> dict[str, bytes]:
    """Where backends' tokens come from."""
    values = [
        value for endpoint in config.endpoints for backend in endpoint.backends for value in backend.components.values()
    ]
    return {value.token_url: TOKEN_ANSWER for value in values if isinstance(value, ClientConfig)}


def _as_sent(received: Received, anew: SignedAnew) -> Received:
    """With the token that was really sent."""
    fields = tuple((name, value.replace(anew.signed, anew.token)) for name, value in received.fields)
    return replace(received, fields=fields)


def _without(config: ServiceConfig, left_out: tuple[str, ...]) -> ServiceConfig:
    """A configuration without listeners of its own and some components."""

    def kept(components: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in components.items() if name not in left_out}

    def names(given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in given if name not in left_out)

    def backend(one: BackendConfig) -> BackendConfig:
        return replace(
            one, components=kept(one.components), wrapped_by=names(one.wrapped_by), guarded_by=names(one.guarded_by)
        )

    components = {**config.components, **without_listener(config.components.get(TOKENS))}
    if not left_out:
        return replace(config, components=components)
    return replace(
        config,
        components=kept(components),
        endpoints=tuple(
            replace(
                endpoint,
                components=kept(endpoint.components),
                backends=tuple(map(backend, endpoint.backends)),
                answered_by="" if endpoint.answered_by in left_out else endpoint.answered_by,
                wrapped_by=names(endpoint.wrapped_by),
                modified_by=names(endpoint.modified_by),
            )
            for endpoint in config.endpoints
        ),
    )
