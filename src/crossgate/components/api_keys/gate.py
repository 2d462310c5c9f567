"""The gate of an endpoint that asks for an API key, and the limit of each key.

A key is looked up by its digest, so that how long that takes says nothing about keys.
"""

from crossgate.components.api_keys import reasons
from crossgate.components.api_keys.config import KeyDemand, KeyRing, hashed
from crossgate.flow.fiber import Flow
from crossgate.golang.url import parse_query
from crossgate.http.gate import GateView
from crossgate.http.message import Fields, Response, refusal
from crossgate.limits.of_clients import LocalClients, SharedClients
from crossgate.metrics.decisions import AuthDecisions
from crossgate.metrics.limits import LimitDecisions


class KeyLimit:
    """429 for a key that is used too often; in honest style with the time to wait."""

    def __init__(self, buckets: LocalClients | SharedClients, decisions: LimitDecisions, *, is_honest: bool) -> None:
        self._buckets = buckets
        self._decisions = decisions
        self._is_honest = is_honest

    def check(self, digest: bytes) -> Response | Flow[Response | None] | None:
        """Take a token of the key with that digest."""
        left = self._buckets.take(digest)
        return self._judge(left) if isinstance(left, int) else self._wait(left)

    async def _wait(self, left: Flow[int]) -> Response | None:
        return self._judge(await left)

    def _judge(self, left: int) -> Response | None:
        if left >= 0:
            self._decisions.passed.value += 1
            return None
        self._decisions.refused_of_client.value += 1
        fields: Fields = [(b"retry-after", b"%d" % max(1, -(left // 1_000_000_000)))] if self._is_honest else []
        return refusal(429, reasons.LIMIT, fields)


class KeyGate:
    """401 without a key that is known, 403 where it lacks the role, then what the limit says."""

    params: tuple[str, ...] = ()

    def __init__(
        self,
        ring: KeyRing,
        demand: KeyDemand,
        decisions: AuthDecisions,
        limit: KeyLimit | None = None,
        *,
        is_honest: bool,
    ) -> None:
        self._ring = ring
        self._decisions = decisions
        self._limit = limit
        self._demand = demand
        self._name = demand.identifier.encode("latin-1", "replace")
        self._field = self._name.lower() if demand.strategy == "header" else b""
        self._role_field = ring.role_field.encode("latin-1", "replace")
        self._challenge: Fields = [(b"www-authenticate", b'ApiKey realm="crossgate"')] if is_honest else []
        self.reads = frozenset((self._field,)) if self._field else frozenset[bytes]()

    def __call__(self, view: GateView) -> Response | Flow[Response | None] | None:
        """Look for the key."""
        key = self._key(view)
        ring = self._ring
        digest = hashed(key, ring.algorithm, ring.salt) if key else b""
        roles = ring.roles.get(digest) if key else None
        if roles is None:
            reason = reasons.UNKNOWN if key else reasons.MISSING
            self._decisions.refused(reason.code)
            return refusal(401, reason, list(self._challenge))
        if self._demand.roles and self._demand.roles.isdisjoint(roles):
            self._decisions.refused(reasons.ROLE.code)
            return refusal(403, reasons.ROLE)
        if self._role_field:
            view.set_field(self._role_field, self._role_told(roles).encode("utf-8", "replace"))
        self._decisions.allowed.value += 1
        return None if self._limit is None else self._limit.check(digest)

    def _role_told(self, roles: tuple[str, ...]) -> str:
        """The key's first role of those that the endpoint asks for."""
        needed = self._demand.roles
        return next((role for role in roles if role in needed), "") if needed else "ANY"

    def _key(self, view: GateView) -> bytes:
        if self._field:
            value = view.first(self._field) or b""
            scheme, blank, rest = value.partition(b" ")
            return rest.strip(b" ") if blank and scheme.lower() == b"bearer" else value
        return parse_query(view.query or b"").get(self._name, [b""])[0]
