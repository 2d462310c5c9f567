"""Requests classified and decided, in the order of the Fetch standard's checks.

Knows a compiled policy's parts and field lines; does not know files, transports or what is logged. Total: any bytes in,
a decision out.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from crossgate.cors.config import CorsConfig, Dialect
from crossgate.cors.decision import Decision, Kind, Reason, Step
from crossgate.cors.edits import (
    HANDS_OFF,
    NO_EDITS,
    Edits,
    FieldLines,
    WireLines,
    make_edits,
    preflight_edits,
)
from crossgate.cors.grant import Grant
from crossgate.cors.origin import origin_of_target
from crossgate.cors.origin_set import OriginSet, origin_defect

K = TypeVar("K")
V = TypeVar("V")

ORIGIN = b"origin"
REQUEST_METHOD = b"access-control-request-method"
REQUEST_HEADERS = b"access-control-request-headers"
REQUEST_PRIVATE_NETWORK = b"access-control-request-private-network"

_PREFLIGHT_FIELDS = frozenset((ORIGIN, REQUEST_METHOD, REQUEST_HEADERS, REQUEST_PRIVATE_NETWORK))
_MAX_REMEMBERED = 1024
_MAX_REMEMBERED_BYTES = 384  # of one question, so that no more than some 3 MB are ever held

_VARY_ACTUAL = (b"Origin",)
_VARY_PREFLIGHT = (b"Origin", b"Access-Control-Request-Method", b"Access-Control-Request-Headers")


class Decider:
    """Decides by a list of (origins, grant), of which the first that has the origin counts.

    The answers to actual requests from exact origins are made beforehand: such a request costs one look-up, whatever
    the number of origins. Memory is linear in that number. Granted preflights are remembered by what they ask, with the
    origin and without, a bounded number of them; nothing else changes once it is made, and no answer does.
    """

    __slots__ = (
        "_any",
        "_exact",
        "_granted_lines",
        "_granted_preflights",
        "_grants",
        "_no_origin",
        "_origins",
        "_plain_options",
        "_preflight_vary",
        "_refused_actual",
        "_refused_preflight_edits",
        "_report_only",
    )

    def __init__(self, config: CorsConfig) -> None:
        """Compiles an enabled config."""
        self._report_only = config.report_only
        parts = (*config.rules, config)
        self._origins = tuple(
            OriginSet(part.allow_origins, part.origin_grammar, any_origin=part.any_origin) for part in parts
        )
        asks_private_network = any(part.allow_private_network for part in parts)
        extra = (b"Access-Control-Request-Private-Network",) if asks_private_network else ()
        self._preflight_vary = _VARY_PREFLIGHT + extra
        self._refused_preflight_edits = make_edits((), self._preflight_vary, exclusive=True)
        self._grants = tuple(Grant(part, self._preflight_vary) for part in parts)
        self._refused_actual = _REFUSED_ACTUAL[config.report_only]
        no_more_than_vary = self._refused_actual[Reason.NO_ORIGIN].edits
        self._no_origin = self._make(Kind.NOT_CORS, Step.ORIGIN_PRESENT, Reason.NO_ORIGIN, no_more_than_vary)
        self._granted_preflights: dict[tuple[bytes, bytes, bytes], Decision] = {}
        self._granted_lines: dict[tuple[Grant | bytes, ...], WireLines] = {}
        self._plain_options = config.dialect is not Dialect.KRAKEND_1_4
        # `*` is answered to all alike: made beforehand too.
        self._any = {
            grant: self._granted_actual(grant, Reason.ANY_ORIGIN, b"*")
            for grant in self._grants
            if grant.allow_origin is not None
        }
        # With each origin the methods for which its decision holds without asking the grant.
        self._exact: dict[bytes, tuple[frozenset[bytes], Decision, Grant]] = {}
        for origin in dict.fromkeys(origin for origins in self._origins for origin in origins.exact):
            found = self._find(origin)  # a pattern of an earlier branch may have it first
            if not isinstance(found, Reason):
                self._exact[origin] = self._known(*found, origin)

    def exact_actual(self) -> dict[bytes, tuple[frozenset[str], Decision]]:
        """See CorsPolicy.exact_actual."""
        names: dict[frozenset[bytes], frozenset[str]] = {}
        for methods, _, _ in self._exact.values():
            if methods not in names:
                names[methods] = frozenset(method.decode("latin-1") for method in methods) - {"OPTIONS"}
        # An empty Origin is none, listed or not.
        return {origin: (names[methods], decision) for origin, (methods, decision, _) in self._exact.items() if origin}

    def decide(self, method: bytes, fields: Iterable[tuple[bytes, bytes]]) -> Decision:
        """The decision about a request. One pass over the fields; see CorsPolicy.decide."""
        if method == b"OPTIONS":
            return self.decide_options(fields)
        origin: bytes | None = None
        for name, value in fields:
            if name == b"origin":
                if origin is not None:
                    return self._refused_actual[Reason.SEVERAL_ORIGINS]
                origin = value
        if not origin:
            return self._no_origin
        known = self._exact.get(origin)
        if known is not None and method in known[0]:
            return known[1]
        return self._decide_actual(method, origin)

    def decide_actual(self, method: bytes, origin: bytes | None) -> Decision:
        """The decision about a request other than OPTIONS; see CorsPolicy.decide_actual."""
        if not origin:
            return self._no_origin
        known = self._exact.get(origin)
        if known is not None and method in known[0]:
            return known[1]
        return self._decide_actual(method, origin)

    def decide_websocket(self, fields: Iterable[tuple[bytes, bytes]], scheme: str, host: bytes | None) -> Decision:
        """The decision about a WebSocket handshake; see CorsPolicy.decide_websocket."""
        origins: list[bytes] = []
        for name, value in fields:
            if name == ORIGIN:
                origins.append(value)
            elif name == b"host" and host is None:
                host = value
        if len(origins) > 1:
            return self._refused_handshake(Step.ORIGIN_PRESENT, Reason.SEVERAL_ORIGINS)
        if not origins:
            return self._make(Kind.NOT_CORS, Step.ORIGIN_PRESENT, Reason.NO_ORIGIN, NO_EDITS)
        origin = origins[0]
        if not origin:
            # Present and empty: sent by no browser, and not by those that send none. Nothing says that it is harmless.
            return self._refused_handshake(Step.ORIGIN_PRESENT, Reason.ORIGIN_MALFORMED)
        if len(origin) <= 512 and host is not None and len(host) <= 512 and origin == origin_of_target(scheme, host):
            return self._make(Kind.NOT_CORS, Step.ORIGIN_ALLOWED, Reason.SAME_ORIGIN, NO_EDITS)
        found = self._find(origin)
        if isinstance(found, Reason):
            return self._refused_handshake(Step.ORIGIN_ALLOWED, found)
        return self._make(Kind.ACTUAL, Step.GRANTED, found[1], NO_EDITS, allowed=True)

    def _decide_actual(self, method: bytes, origin: bytes) -> Decision:
        known = self._exact.get(origin)
        if known is None:
            found = self._find(origin)
            if isinstance(found, Reason):
                return self._refused_actual[found]
            known = self._known(*found, origin)
        _, decision, grant = known
        return decision if grant.allows_actual(method) else self._refused_actual[Reason.METHOD_NOT_LISTED]

    def decide_options(self, fields: Iterable[tuple[bytes, bytes]]) -> Decision:
        """The decision about an OPTIONS request, a preflight or not; see CorsPolicy.decide_options."""
        if type(fields) is not list:
            fields = tuple(fields)  # the rare cases look twice
        origin: bytes | None = None
        method: bytes | None = None
        headers: bytes | None = None
        is_usual = True
        for name, value in fields:
            if name in _PREFLIGHT_FIELDS:
                if name == ORIGIN and origin is None:
                    origin = value
                elif name == REQUEST_METHOD and method is None:
                    method = value
                elif name == REQUEST_HEADERS and headers is None:
                    headers = value
                else:
                    is_usual = False
        if not (is_usual and origin and method):
            return self._decide_unusual_options(fields)
        question = origin, method, headers or b""  # no list is answered as an empty one
        known = self._granted_preflights.get(question)
        if known is None:
            known = self._decide_preflight([origin], method, [] if headers is None else [headers], None)
            if known.allowed:
                _remember(self._granted_preflights, question, known, sum(map(len, question)))
        return known

    def decide_options_by_name(self, first: Callable[[bytes], bytes | None]) -> Decision:
        """The decision about an OPTIONS request by lone fields; see CorsPolicy.decide_options_by_name."""
        question = first(ORIGIN), first(REQUEST_METHOD), first(REQUEST_HEADERS) or b""
        known = self._granted_preflights.get(question)  # type: ignore[arg-type] # of None nothing is remembered
        if known is None or first(REQUEST_PRIVATE_NETWORK) is not None:
            fields = [(name, first(name)) for name in _PREFLIGHT_FIELDS]
            return self.decide_options([(name, value) for name, value in fields if value is not None])
        return known

    def _decide_unusual_options(self, fields: Iterable[tuple[bytes, bytes]]) -> Decision:
        """No preflight, or one with lines repeated or missing."""
        values: dict[bytes, list[bytes]] = {name: [] for name in _PREFLIGHT_FIELDS}
        for name, value in fields:
            if name in values:
                values[name].append(value)
        origins, methods = values[ORIGIN], values[REQUEST_METHOD]
        # DEVIATION(DEV-CORS-2): KrakenD 2.13 repeats further lines without having checked them.
        if not methods or not methods[0]:
            return self._decide_plain_options(origins)
        private_network = values[REQUEST_PRIVATE_NETWORK]
        return self._decide_preflight(
            origins, methods[0], values[REQUEST_HEADERS], private_network[0] if private_network else None
        )

    def _decide_preflight(
        self, origins: list[bytes], method: bytes, header_values: list[bytes], private_network: bytes | None
    ) -> Decision:
        own = self._grants[-1]
        if len(origins) != 1 or not origins[0]:
            # DEVIATION(DEV-CORS-1): KrakenD decides on the first and repeats all. No browser sends two.
            return self._refused_preflight(own, Reason.SEVERAL_ORIGINS if len(origins) > 1 else Reason.NO_ORIGIN)
        origin = origins[0]
        found = self._find(origin)
        if isinstance(found, Reason):
            return self._refused_preflight(own, found)
        grant, reason = found
        # Pages of many origins ask the same few questions.
        question: tuple[Grant | bytes, ...] = (grant, method, *header_values)
        lines = None if private_network else self._granted_lines.get(question)
        if lines is None:
            judged = grant.preflight_lines(method, header_values, asks_private_network=private_network == b"true")
            if isinstance(judged, Reason):
                return self._refused_preflight(grant, judged)
            lines = judged
            if not private_network:
                _remember(self._granted_lines, question, lines, len(method) + sum(map(len, header_values)))
        if self._report_only:
            return Decision(Kind.PREFLIGHT, True, Step.GRANTED, reason, None, HANDS_OFF)
        edits = preflight_edits(grant.allow_origin or origin, lines, self._preflight_vary)
        return Decision(Kind.PREFLIGHT, True, Step.GRANTED, reason, grant.preflight_status, edits)

    def _decide_plain_options(self, origins: list[bytes]) -> Decision:
        if self._plain_options:
            if len(origins) > 1:
                return self._refused_actual[Reason.SEVERAL_ORIGINS]
            return self._decide_actual(b"OPTIONS", origins[0]) if origins and origins[0] else self._no_origin
        # KrakenD 1.4 adds nothing at all, not even Vary, and then nothing of the answer depends on Origin.
        if origins and origins[0]:
            return self._make(Kind.ACTUAL, Step.METHOD_ALLOWED, Reason.OPTIONS_NOT_ANSWERED, NO_EDITS)
        return self._make(Kind.NOT_CORS, Step.ORIGIN_PRESENT, Reason.NO_ORIGIN, NO_EDITS)

    def _find(self, origin: bytes) -> tuple[Grant, Reason] | Reason:
        """The first grant for an origin and by what it is allowed, or the reason of the refusal."""
        exact = self._exact.get(origin)
        if exact is not None:
            return exact[2], exact[1].reason
        defect = origin_defect(origin)
        for origins, grant in zip(self._origins, self._grants, strict=True):
            if defect is None or origins.any_origin:
                reason = origins.find(origin)
                if reason is not None:
                    return grant, reason
        return defect or Reason.ORIGIN_NOT_LISTED

    def _known(self, grant: Grant, reason: Reason, origin: bytes) -> tuple[frozenset[bytes], Decision, Grant]:
        return grant.actual_methods, self._any.get(grant) or self._granted_actual(grant, reason, origin), grant

    def _granted_actual(self, grant: Grant, reason: Reason, origin: bytes) -> Decision:
        granted = self._edits(grant.actual_fields(origin))
        return self._make(Kind.ACTUAL, Step.GRANTED, reason, granted, allowed=True)

    def _edits(self, fields: FieldLines) -> Edits:
        return HANDS_OFF if self._report_only else make_edits(fields, _VARY_ACTUAL)

    def _refused_preflight(self, grant: Grant, reason: Reason) -> Decision:
        step = _REFUSALS[reason]
        if self._report_only:
            return Decision(Kind.PREFLIGHT, False, step, reason, None, HANDS_OFF)
        return Decision(Kind.PREFLIGHT, False, step, reason, grant.preflight_status, self._refused_preflight_edits)

    def _refused_handshake(self, step: Step, reason: Reason) -> Decision:
        return self._make(Kind.ACTUAL, step, reason, NO_EDITS)

    def _make(self, kind: Kind, step: Step, reason: Reason, edits: Edits, *, allowed: bool = False) -> Decision:
        """A decision that hands the request on. What is not CORS is not refused."""
        edits = HANDS_OFF if self._report_only else edits
        return Decision(kind, allowed or kind is Kind.NOT_CORS, step, reason, None, edits)


def _remember(known: dict[K, V], question: K, answer: V, size_bytes: int) -> None:
    """Who asks ever other questions costs the rest the memory of theirs, no answer."""
    if size_bytes <= _MAX_REMEMBERED_BYTES:
        if len(known) >= _MAX_REMEMBERED:
            known.clear()
        known[question] = answer


_REFUSALS = {
    Reason.NO_ORIGIN: Step.ORIGIN_PRESENT,
    Reason.SEVERAL_ORIGINS: Step.ORIGIN_PRESENT,
    Reason.ORIGIN_TOO_LONG: Step.ORIGIN_ALLOWED,
    Reason.ORIGIN_MALFORMED: Step.ORIGIN_ALLOWED,
    Reason.ORIGIN_NOT_LISTED: Step.ORIGIN_ALLOWED,
    Reason.METHOD_NOT_LISTED: Step.METHOD_ALLOWED,
    Reason.HEADERS_TOO_LONG: Step.HEADERS_ALLOWED,
    Reason.HEADERS_MALFORMED: Step.HEADERS_ALLOWED,
    Reason.HEADER_NOT_LISTED: Step.HEADERS_ALLOWED,
    Reason.HEADER_NOT_LOWER_CASE: Step.HEADERS_ALLOWED,
    Reason.HEADER_REPEATED: Step.HEADERS_ALLOWED,
    Reason.HEADERS_NOT_SORTED: Step.HEADERS_ALLOWED,
}


def _refused_actual(edits: Edits) -> dict[Reason, Decision]:
    return {reason: Decision(Kind.ACTUAL, False, step, reason, None, edits) for reason, step in _REFUSALS.items()}


_REFUSED_ACTUAL = {False: _refused_actual(make_edits((), _VARY_ACTUAL)), True: _refused_actual(HANDS_OFF)}
"""The refusals of actual requests, whatever the policy; by whether it only reports."""
