"""Requests classified and decided, in the order of the Fetch standard's checks.

Knows a compiled policy's parts and field lines; does not know files, transports or what is logged. Total: any bytes in,
a decision out.
"""

from collections.abc import Iterable

from crossgate.cors.config import CorsConfig, Dialect
from crossgate.cors.decision import Decision, Kind, Reason, Step
from crossgate.cors.edits import HANDS_OFF, NO_EDITS, Edits, FieldLines, make_edits
from crossgate.cors.grant import Grant
from crossgate.cors.origin import origin_of_target
from crossgate.cors.origin_set import OriginSet, origin_defect

ORIGIN = b"origin"
REQUEST_METHOD = b"access-control-request-method"
REQUEST_HEADERS = b"access-control-request-headers"
REQUEST_PRIVATE_NETWORK = b"access-control-request-private-network"

_PREFLIGHT_FIELDS = frozenset((ORIGIN, REQUEST_METHOD, REQUEST_HEADERS, REQUEST_PRIVATE_NETWORK))
_MAX_REMEMBERED = 256
_MAX_REMEMBERED_BYTES = 1024  # of one question, so that no more than some 500 KB are ever held

_VARY_ACTUAL = (b"Origin",)
_VARY_PREFLIGHT = (b"Origin", b"Access-Control-Request-Method", b"Access-Control-Request-Headers")


class Decider:
    """Decides by a list of (origins, grant), of which the first that has the origin counts.

    The answers to actual requests from exact origins are made beforehand: such a request costs one look-up, whatever
    the number of origins. Memory is linear in that number. Granted preflights are remembered, a bounded number of them;
    nothing else changes once it is made, and no answer does.
    """

    __slots__ = (
        "_any",
        "_asks_private_network",
        "_exact",
        "_granted_preflights",
        "_grants",
        "_no_origin",
        "_origins",
        "_plain_options",
        "_refused_actual",
        "_report_only",
        "_vary_preflight",
    )

    def __init__(self, config: CorsConfig) -> None:
        """Compiles an enabled config."""
        self._report_only = config.report_only
        parts = (*config.rules, config)
        self._origins = tuple(
            OriginSet(part.allow_origins, part.origin_grammar, any_origin=part.any_origin) for part in parts
        )
        self._grants = tuple(map(Grant, parts))
        self._asks_private_network = any(part.allow_private_network for part in parts)
        extra = (b"Access-Control-Request-Private-Network",) if self._asks_private_network else ()
        self._vary_preflight = _VARY_PREFLIGHT + extra
        self._refused_actual = {
            reason: self._make(Kind.ACTUAL, step, reason, self._edits(())) for reason, step in _REFUSALS.items()
        }
        self._no_origin = self._make(Kind.NOT_CORS, Step.ORIGIN_PRESENT, Reason.NO_ORIGIN, self._edits(()))
        self._granted_preflights: dict[FieldLines, Decision] = {}
        self._plain_options = config.dialect is not Dialect.KRAKEND_1_4
        # `*` is answered to all alike: made beforehand too.
        self._any = {
            grant: self._granted_actual(grant, Reason.ANY_ORIGIN, b"*")
            for grant in self._grants
            if grant.allow_origin is not None
        }
        self._exact: dict[bytes, tuple[Grant, Decision]] = {}
        for origin in dict.fromkeys(origin for origins in self._origins for origin in origins.exact):
            found = self._find(origin)  # a pattern of an earlier branch may have it first
            if not isinstance(found, Reason):
                self._exact[origin] = found[0], self._any.get(found[0]) or self._granted_actual(*found, origin)

    def decide(self, method: bytes, fields: Iterable[tuple[bytes, bytes]]) -> Decision:
        """The decision about a request. One pass over the fields; see CorsPolicy.decide."""
        if method == b"OPTIONS":
            return self._decide_options(fields)
        origin: bytes | None = None
        for name, value in fields:
            if name == ORIGIN:
                if origin is not None:
                    return self._refused_actual[Reason.SEVERAL_ORIGINS]
                origin = value
        if not origin:
            return self._no_origin
        known = self._exact.get(origin)
        if known is not None and method in known[0].actual_methods:
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
        if not origins or not origins[0]:
            return self._make(Kind.NOT_CORS, Step.ORIGIN_PRESENT, Reason.NO_ORIGIN, NO_EDITS)
        origin = origins[0]
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
            known = found[0], self._any.get(found[0]) or self._granted_actual(*found, origin)
        grant, decision = known
        return decision if grant.allows_actual(method) else self._refused_actual[Reason.METHOD_NOT_LISTED]

    def _decide_options(self, fields: Iterable[tuple[bytes, bytes]]) -> Decision:
        asked = tuple([(name, value) for name, value in fields if name in _PREFLIGHT_FIELDS])
        known = self._granted_preflights.get(asked)
        if known is not None:
            return known
        origins = [value for name, value in asked if name == ORIGIN]
        method = next((value for name, value in asked if name == REQUEST_METHOD), b"")
        if not method:
            return self._decide_plain_options(origins)
        decision = self._decide_preflight(asked, origins, method)
        if decision.allowed and sum([len(value) for _, value in asked]) <= _MAX_REMEMBERED_BYTES:
            # Browsers ask the same few questions. Whoever asks others again and again costs himself the memory only.
            if len(self._granted_preflights) >= _MAX_REMEMBERED:
                self._granted_preflights.clear()
            self._granted_preflights[asked] = decision
        return decision

    def _decide_preflight(self, asked: FieldLines, origins: list[bytes], method: bytes) -> Decision:
        own = self._grants[-1]
        if len(origins) > 1:
            # DEVIATION(DEV-CORS-1): KrakenD decides on the first and repeats all. No browser sends two.
            return self._refused_preflight(own, Reason.SEVERAL_ORIGINS)
        if not origins or not origins[0]:
            return self._refused_preflight(own, Reason.NO_ORIGIN)
        found = self._find(origins[0])
        if isinstance(found, Reason):
            return self._refused_preflight(own, found)
        grant, reason = found
        # DEVIATION(DEV-CORS-2): KrakenD 2.13 repeats further lines without having checked them.
        allowed_method = grant.preflight_method(method)
        if not allowed_method:
            return self._refused_preflight(grant, Reason.METHOD_NOT_LISTED)
        header_values = grant.header_rule.judge([value for name, value in asked if name == REQUEST_HEADERS])
        if isinstance(header_values, Reason):
            return self._refused_preflight(grant, header_values)
        private_network = next((value for name, value in asked if name == REQUEST_PRIVATE_NETWORK), b"")
        granted = grant.preflight_fields(
            origins[0],
            allowed_method,
            header_values,
            private_network=grant.answers_private_network and private_network == b"true",
        )
        return self._preflight(grant, Step.GRANTED, reason, granted)

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
        defect = origin_defect(origin)
        for origins, grant in zip(self._origins, self._grants, strict=True):
            if defect is None or origins.any_origin:
                reason = origins.find(origin)
                if reason is not None:
                    return grant, reason
        return defect or Reason.ORIGIN_NOT_LISTED

    def _granted_actual(self, grant: Grant, reason: Reason, origin: bytes) -> Decision:
        granted = self._edits(grant.actual_fields(origin))
        return self._make(Kind.ACTUAL, Step.GRANTED, reason, granted, allowed=True)

    def _edits(self, fields: FieldLines) -> Edits:
        return HANDS_OFF if self._report_only else make_edits(fields, _VARY_ACTUAL)

    def _refused_preflight(self, grant: Grant, reason: Reason) -> Decision:
        return self._preflight(grant, _REFUSALS[reason], reason, ())

    def _refused_handshake(self, step: Step, reason: Reason) -> Decision:
        return self._make(Kind.ACTUAL, step, reason, NO_EDITS)

    def _preflight(self, grant: Grant, step: Step, reason: Reason, fields: FieldLines) -> Decision:
        allowed = step is Step.GRANTED
        if self._report_only:
            return Decision(Kind.PREFLIGHT, allowed, step, reason, None, HANDS_OFF)
        status = None if grant.options_passthrough else grant.preflight_status
        edits = make_edits(fields, self._vary_preflight, exclusive=True)
        return Decision(Kind.PREFLIGHT, allowed, step, reason, status, edits)

    def _make(self, kind: Kind, step: Step, reason: Reason, edits: Edits, *, allowed: bool = False) -> Decision:
        """A decision that hands the request on. What is not CORS is not refused."""
        edits = HANDS_OFF if self._report_only else edits
        return Decision(kind, allowed or kind is Kind.NOT_CORS, step, reason, None, edits)


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
    Reason.HEADERS_NOT_SORTED: Step.HEADERS_ALLOWED,
}
