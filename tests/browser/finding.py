"""What a case came to: as the model expects it, and as script and server saw it. Plain values and their making."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from crossgate.cors.fetch import Trace
from crossgate.demo.lab import Seen
from tests.browser.case import Case
from tests.browser.experiments import COOKIE_NAME
from tests.browser.launch import Name

_TELLING = (b"origin", b"access-control-request-method", b"access-control-request-headers")

Made = tuple[str, ...]
"""One request that reached the gateway: method, host, path, origin, what a preflight asked for, and the cookie."""


@dataclass(frozen=True)
class Observation:
    """What one request of a case came to, as far as a script and the server can see."""

    response_type: str
    status: int
    readable: tuple[str, ...]
    requests: tuple[Made, ...]


@dataclass(frozen=True)
class Finding:
    """One case in one browser: what the model expects and what happened, request by request.

    `errors` are what the script was told, `decisions` the engine's, in the order of the requests that arrived.
    """

    case: Case
    browser: Name
    expected: tuple[Observation, ...]
    observed: tuple[Observation, ...]
    errors: tuple[str, ...]
    traces: tuple[Trace, ...]
    decisions: tuple[str, ...]

    @property
    def agreed(self) -> bool:
        """Whether model and browser are of one mind about everything."""
        return self.expected == self.observed


def requests_of(trace: Trace, gateways: tuple[str, ...]) -> tuple[Made, ...]:
    """What the model says the gateway has to see."""
    made = [made.request for made in trace.exchanges if made.request.url.startswith(gateways)]
    return tuple(
        _summary(
            wire.method.encode(), urlsplit(wire.url).path, urlsplit(wire.url).netloc, wire.fields, wire.credentials
        )
        for wire in made
    )


def expected_of(trace: Trace, gateways: tuple[str, ...]) -> Observation:
    """What the model lets one expect."""
    requests = requests_of(trace, gateways)
    if not trace.allowed:
        return Observation(trace.response_type, 0, (), requests)
    return Observation(trace.response_type, trace.status, _comparable(trace.readable_headers), requests)


def observed_of(report: dict[str, Any], requests: tuple[Made, ...]) -> Observation:
    """What the page reported and the gateway saw."""
    return Observation(report["type"], report.get("status", 0), _comparable(report.get("headers", ())), requests)


def deal_out(seen: Sequence[Seen], counts: Sequence[int]) -> list[tuple[Made, ...]]:
    """The requests that were seen, dealt out to the asks as many as each should have made, the rest to the last."""
    rows = [
        _summary(
            one.method,
            "/x/t/" + one.rest.decode(),
            one.host.decode(),
            one.fields,
            f"{COOKIE_NAME}=".encode() in (one.first(b"cookie") or b""),
        )
        for one in seen
    ]
    dealt = []
    for index, count in enumerate(counts):
        last = index == len(counts) - 1
        dealt.append(tuple(rows if last else rows[:count]))
        rows = rows[count:]
    return dealt


def show_decision(seen: Seen) -> str:
    """What the gateway's engine said about one request."""
    if seen.decision is None:
        return "no policy"
    return f"{'yes' if seen.decision.allowed else 'no'}: {seen.decision.reason.value}"


def _summary(
    method: bytes, path: str, host: str, fields: Iterable[tuple[bytes, bytes]], credentials: bool
) -> tuple[str, ...]:
    found = dict(fields)
    asked = [found.get(name, b"-").decode("latin-1") for name in _TELLING]
    rest = path.split("/", 3)[-1]
    return (method.decode(), host, rest, *asked, "cookie" if credentials else "no cookie")


def _comparable(names: Iterable[str]) -> tuple[str, ...]:
    """Names in order, without those of the connection: the model's connections close, a browser's do not."""
    return tuple(sorted({name.lower() for name in names} - {"connection", "keep-alive"}))
