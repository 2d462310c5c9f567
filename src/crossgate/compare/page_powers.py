"""What pages of one origin can do under a policy: the engine's answers, judged as browsers do.

Knows the engine and the model of a browser; does not know a second policy.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crossgate.cors import CorsPolicy
from crossgate.cors.config import CorsConfig
from crossgate.cors.edits import Edits
from crossgate.cors.fetch import FetchRequest, Trace, WireRequest, WireResponse, run_fetch
from crossgate.cors.fetch.expose import FORBIDDEN_RESPONSE_NAMES, SAFELISTED_RESPONSE_NAMES
from crossgate.cors.fetch.preflight import parse_token_list
from crossgate.cors.fetch.safelist import (
    is_forbidden_header,
    is_forbidden_method,
    is_safelisted,
    is_token,
    normalize_method,
)

TARGET = "https://gateway.example/"
ANY_METHOD = "OTHER"
ANY_HEADERS = ("x-other", "x.other")  # KrakenD 1.4 reads the second one otherwise
EVERY = "*"

_USUAL_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", ANY_METHOD)
_USUAL_VALUE = "1"
_VALUES = (_USUAL_VALUE, "application/json", '"(', "bytes=0-1,4-5")
_ASKS_PRIVATE_NETWORK = (b"access-control-request-private-network", b"true")


@dataclass(frozen=True, slots=True)
class Powers:
    """Of pages of one origin, with cookies or without: what they can read answers to.

    `headers` are beyond those that every page may send, lower-case, one at a time: what is let through one by one is
    let through together. `exposed` are response headers beyond those that every page may read; `*`: all.
    `max_age_seconds` is how long browsers keep a preflight's answer, None where no preflight passes.
    """

    methods: frozenset[str]
    headers: frozenset[str]
    exposed: frozenset[str]
    max_age_seconds: int | None
    private_network: bool


def powers(
    policy: CorsPolicy | None, origin: str, methods: Sequence[str], headers: Sequence[str], *, with_cookies: bool
) -> Powers:
    """What pages of that origin can do, as far as it is about these methods and headers. A policy of None is off."""
    calls = {method: call(policy, origin, method, with_cookies=with_cookies) for method in methods}
    readable = [method for method, trace in calls.items() if trace.allowed]
    let_through: set[str] = set()
    max_age: int | None = None
    private_network = False
    for method in readable:
        traces = {name: call(policy, origin, method, name, with_cookies=with_cookies) for name in headers}
        let_through |= {name for name, trace in traces.items() if trace.allowed}
        kept = [trace.preflight_cache_seconds for trace in (calls[method], *traces.values()) if trace.allowed]
        max_age = next((seconds for seconds in kept if seconds is not None), max_age)
        if max_age is not None:
            private_network = lets_private_network(policy, origin, method)
            if let_through or not headers:
                break
    return Powers(
        frozenset(readable),
        frozenset(let_through),
        _exposed(calls[readable[0]], with_cookies=with_cookies) if readable else frozenset(),
        max_age,
        private_network,
    )


def call(
    policy: CorsPolicy | None, origin: str, method: str, header: str | None = None, *, with_cookies: bool
) -> Trace:
    """One call of a script, in a browser that keeps to the standard; the backend says nothing of CORS itself."""
    sent = () if header is None else ((header, value_of(header)),)
    request = FetchRequest(origin, TARGET, method, sent, "include" if with_cookies else "omit")
    return run_fetch(request, lambda wire: respond(policy, wire))


def respond(policy: CorsPolicy | None, wire: WireRequest) -> WireResponse:
    """The gateway's answer. Whoever else answers a preflight, does so with 204."""
    otherwise = 204 if wire.is_preflight else 200
    if policy is None:
        return WireResponse(otherwise, ())
    decision = policy.decide(wire.method.encode("latin-1"), wire.fields)
    return WireResponse(decision.preflight_status or otherwise, decision.edits.lines)


def lets_private_network(policy: CorsPolicy | None, origin: str, method: str) -> bool:
    """Whether a preflight that asks for it gets Access-Control-Allow-Private-Network."""
    if policy is None:
        return False
    fields = [(b"origin", origin.encode()), (b"access-control-request-method", method.encode()), _ASKS_PRIVATE_NETWORK]
    edits: Edits = policy.decide(b"OPTIONS", fields).edits
    return any(name == b"access-control-allow-private-network" for name, _ in edits.lines)


def methods_of(parts: Iterable[CorsConfig | None]) -> tuple[str, ...]:
    """Methods that scripts can use: those that the policies can tell from others, and one for all others."""
    listed = [method for part in parts if part is not None for method in part.allow_methods]
    spelt = [one for method in listed for one in (method, method.upper(), method.lower())]
    return tuple(
        method
        for method in dict.fromkeys((*_USUAL_METHODS, *spelt))
        if is_token(method) and not is_forbidden_method(method) and normalize_method(method) == method
    )


def headers_of(parts: Iterable[CorsConfig | None]) -> tuple[str, ...]:
    """Names of request headers that scripts can set and that need permission, as above."""
    listed = [name.lower() for part in parts if part is not None for name in part.allow_headers]
    return tuple(
        name
        for name in dict.fromkeys((*listed, *ANY_HEADERS))
        if is_token(name) and name != EVERY and not is_forbidden_header(name, _USUAL_VALUE)
    )


def value_of(header: str) -> str:
    """A value with which that header needs permission."""
    return next((value for value in _VALUES if not is_safelisted(header, value)), _USUAL_VALUE)


def _exposed(trace: Trace, *, with_cookies: bool) -> frozenset[str]:
    response = trace.exchanges[-1].response
    values = response.values(b"access-control-expose-headers") if isinstance(response, WireResponse) else []
    names = {name.lower() for name in parse_token_list(values) or ()}
    if b"*" in names and not with_cookies:
        return frozenset((EVERY,))
    kept = names - SAFELISTED_RESPONSE_NAMES - FORBIDDEN_RESPONSE_NAMES
    return frozenset(name.decode("latin-1") for name in kept if name != b"*")
