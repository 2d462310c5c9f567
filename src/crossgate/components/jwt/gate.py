"""The gate: finds the token, asks whether it holds, and says what of it goes on to backends.

Knows requests and what is remembered of tokens; the judgement is `judge.py`'s. A token never reaches a log.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from typing import Any

from crossgate.components.jwt import reasons
from crossgate.components.jwt.judge import Judge, Verdict
from crossgate.components.jwt.model import Validator
from crossgate.flow.fiber import Flow
from crossgate.golang.header_name import canonical_header_name
from crossgate.golang.json_text import encode_json
from crossgate.http.gate import GateView, RejectsClaims
from crossgate.http.message import Fields, Response, refusal
from crossgate.http.reason import Reason
from crossgate.metrics.decisions import AuthDecisions
from crossgate.metrics.registry import Registry

REMEMBERED_TOKENS = 8192
"""Of all endpoints of a worker together: one takes some 3 KB."""

_COOKIE = b"cookie"
_NO_QUOTES = str.maketrans({'"': "'", "\\": "/"})

Revoked = Callable[[Any], bool]
"""Whether claims are those of a token that was revoked."""


class JwtGate:
    """One endpoint's. `now` is in seconds since the epoch."""

    def __init__(
        self,
        validator: Validator,
        judge: Judge,
        *,
        endpoint: str,
        now: Callable[[], float],
        is_revoked: Revoked | None,
        refusals: "Refusals",
        log: logging.Logger,
        memory: "dict[tuple[int, bytes], Verdict] | None" = None,
        decisions: AuthDecisions | None = None,
        rejecters: Sequence[RejectsClaims] = (),
    ) -> None:
        """`memory` is what gates remember of tokens, shared by those of one worker."""
        self._judge = judge
        self._field = validator.field.encode("latin-1", "replace")
        self._cookie = validator.cookie.encode()
        self._endpoint = endpoint
        self._now = now
        self._is_revoked = is_revoked
        self._refusals = refusals
        self._log = log if validator.logs_refusals else None
        self._rejecters = rejecters
        self._decisions = decisions or AuthDecisions(Registry(), "jwt")
        self._remembered = {} if memory is None else memory
        self.reads = frozenset((self._field, _COOKIE))
        self.params = validator.params

    def __call__(self, view: GateView) -> Response | Flow[Response | None] | None:
        """401 without a token that holds, 403 without the roles or scopes; else the claims go on."""
        text = self._token(view)
        if text is None:
            return self._refuse(401, "", reasons.MISSING)
        digest = (id(self), hashlib.sha256(text).digest())
        known = self._remembered.get(digest)
        if known is not None:
            if self._judge.still_holds(known, self._now()):
                return self._finish(view, known)
            del self._remembered[digest]
        verdict = self._judge.judge(text, self._now())
        if isinstance(verdict, Verdict):
            return self._take(view, digest, verdict)
        return self._wait(view, digest, verdict)

    async def _wait(self, view: GateView, digest: tuple[int, bytes], waiting: Flow[Verdict]) -> Response | None:
        return self._take(view, digest, await waiting)

    def _take(self, view: GateView, digest: tuple[int, bytes], verdict: Verdict) -> Response | None:
        if verdict.key is not None and verdict.status == 0:
            if len(self._remembered) >= REMEMBERED_TOKENS:
                for old in list(self._remembered)[: REMEMBERED_TOKENS // 8]:
                    del self._remembered[old]
            self._remembered[digest] = verdict
        return self._finish(view, verdict)

    def _finish(self, view: GateView, verdict: Verdict) -> Response | None:
        if verdict.reason is not None and verdict.status == 401:
            return self._refuse(401, "invalid_token", verdict.reason, verdict.detail)
        if self._is_revoked is not None and self._is_revoked(verdict.claims):
            return self._refuse(401, "invalid_token", reasons.REVOKED)
        for rejects in self._rejecters:
            if verdict.claims is not None and rejects(verdict.claims):
                return self._refuse(401, "invalid_token", reasons.CLAIMS_REFUSED)
        if verdict.reason is not None:
            return self._refuse(verdict.status, "insufficient_scope", verdict.reason, verdict.detail)
        view.claims = verdict.claims
        for name, values in verdict.fields:
            view.set_field(name, *values)
        for param, value in verdict.params:
            view.set_param(param, value)
        self._decisions.allowed.value += 1
        return None

    def _refuse(self, status: int, error: str, reason: Reason, detail: str = "") -> Response:
        detail = detail or reason.says
        if self._log is not None:
            self._log.info("[ENDPOINT: %s][JWT] %d: %s", self._endpoint, status, detail)
        self._decisions.refused(reason.code)
        return self._refusals.make(status, error, reason, detail)

    def _token(self, view: GateView) -> bytes | None:
        """The token as it was sent: in the field, else in the cookie. None where there is none.

        A field that is there and has no token in it counts as one that does not hold.
        """
        value = view.first(self._field)
        if value:
            scheme, blank, rest = value.partition(b" ")
            return rest.strip(b" ") if blank and scheme.lower() == b"bearer" else value
        return cookie_value(view.lines(_COOKIE), self._cookie)


def cookie_value(lines: Sequence[bytes], name: bytes) -> bytes | None:
    """The value of the first cookie of that name in all lines, None where it is absent or empty.

    Source: Go's `net/http` `Request.Cookie`.
    """
    for line in lines:
        for pair in line.split(b";"):
            known, equals, value = pair.strip(b" \t").partition(b"=")
            if equals and known == name:
                if len(value) > 1 and value[:1] == value[-1:] == b'"':
                    value = value[1:-1]
                return value or None
    return None


class Refusals:
    """The answers to who may not come in."""

    def __init__(self, *, is_honest: bool, failure_fields: Fields) -> None:
        """`failure_fields` are those of an answer that says that the gateway failed."""
        self._is_honest = is_honest
        self._failure_fields = failure_fields

    def make(self, status: int, error: str, reason: Reason, detail: str) -> Response:
        """Bare, as KrakenD's; in honest style with what RFC 6750 and RFC 9457 give a client to read."""
        if status == 500:
            return refusal(500, reason, list(self._failure_fields))
        if not self._is_honest:
            return refusal(status, reason)
        challenge = 'Bearer realm="crossgate"'
        if error:
            described = detail.translate(_NO_QUOTES)  # RFC 6750 section 3: neither quotes nor backslashes
            challenge += f', error="{error}", error_description="{described}"'
        title = "Unauthorized" if status == 401 else "Forbidden"
        body = encode_json({"type": "about:blank", "title": title, "status": status, "detail": detail})
        fields: Fields = [
            (b"content-type", b"application/problem+json"),
            (b"www-authenticate", challenge.encode()),
        ]
        return refusal(status, reason, fields, body)


def field_name(name: str) -> bytes:
    """A field's name as requests have it."""
    return canonical_header_name(name).lower().encode("latin-1", "replace")
