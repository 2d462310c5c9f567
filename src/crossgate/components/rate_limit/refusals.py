"""The answers of a limited endpoint: bare, as KrakenD's, or in honest style with what tells a client to wait.

Source of the fields: RFC 9110 section 10.2.3 (Retry-After), draft-ietf-httpapi-ratelimit-headers-10 (RateLimit).
"""

from http import HTTPStatus

from crossgate.components.rate_limit import reasons
from crossgate.components.rate_limit.model import RouterLimit
from crossgate.http.message import Fields, Response, refusal
from crossgate.http.reason import Reason
from crossgate.limits.bucket import Bucket


class Refusals:
    """Of one limit. `tells` says whether answers that pass have fields, too."""

    def __init__(self, limit: RouterLimit, *, is_honest: bool, is_service: bool = False) -> None:
        self.tells = is_honest
        client, total = limit.client, limit.total
        kind = _kind(limit, is_service=is_service)
        self._name_of_client, self._name_of_all = f"{kind}client".encode(), f"{kind}total".encode()
        known = ((self._name_of_client, client.bucket if client else None), (self._name_of_all, total))
        policies = [_policy(name, bucket) for name, bucket in known if bucket is not None]
        self._policy_field = (b"ratelimit-policy", b", ".join(policies))
        self._client = reasons.SERVICE_CLIENT if is_service else reasons.CLIENT
        self._total = reasons.SERVICE_TOTAL if is_service else reasons.TOTAL
        self._has_client, self._has_total = client is not None, total is not None

    def fields(self, left_of_client: int, left: int) -> Fields:
        """What an answer says that has passed."""
        items: list[bytes] = []
        if self._has_client:
            items.append(b'"%b";r=%d' % (self._name_of_client, left_of_client))
        if self._has_total:
            items.append(b'"%b";r=%d' % (self._name_of_all, left))
        return [self._policy_field, (b"ratelimit", b", ".join(items))]

    def without_name(self) -> Response:
        """429: the client has no name, and waiting will not give it one."""
        if not self.tells:
            return refusal(429, reasons.UNNAMED)
        return refusal(429, reasons.UNNAMED, *_problem(429, reasons.UNNAMED))

    def without_count(self) -> Response:
        """503: nobody can say whether there are too many requests."""
        if not self.tells:
            return refusal(503, reasons.UNKNOWN)
        return refusal(503, reasons.UNKNOWN, *_problem(503, reasons.UNKNOWN))

    def of_client(self, wait_ns: int) -> Response:
        """429: the client has to wait."""
        return self._refuse(429, self._name_of_client, wait_ns, self._client)

    def of_all(self, wait_ns: int) -> Response:
        """503: all clients have to wait."""
        return self._refuse(503, self._name_of_all, wait_ns, self._total)

    def _refuse(self, status: int, policy: bytes, wait_ns: int, reason: Reason) -> Response:
        if not self.tells:
            return refusal(status, reason)
        seconds = max(1, -(-wait_ns // 1_000_000_000))
        fields, body = _problem(status, reason)
        fields += [
            (b"retry-after", b"%d" % seconds),
            self._policy_field,
            (b"ratelimit", b'"%b";r=0;t=%d' % (policy, seconds)),
        ]
        return refusal(status, reason, fields, body)


def _kind(limit: RouterLimit, *, is_service: bool) -> str:
    """What tells limits apart that one request meets: each puts a line of its own on the answer."""
    place = "service-" if is_service else ""
    return place if not limit.name else f"{place}tier-" if limit.name.startswith("tier") else f"{place}shared-"


def _policy(name: bytes, bucket: Bucket) -> bytes:
    return b'"%b";q=%d;w=%d' % (name, bucket.capacity, bucket.window_seconds)


def _problem(status: int, reason: Reason) -> tuple[Fields, bytes]:
    title = HTTPStatus(status).phrase
    body = f'{{"detail":"{reason.says}","status":{status},"title":"{title}","type":"about:blank"}}'
    return [(b"content-type", b"application/problem+json")], body.encode()
