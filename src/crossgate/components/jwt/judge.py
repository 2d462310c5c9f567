"""Whether a token holds for an endpoint: signature, times, issuer, audience, roles, scopes, in KrakenD's order.

Pure but for keys that have to be waited for. Does not know requests or what is remembered.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from crossgate.components.jwt import reasons
from crossgate.components.jwt.claim_text import claim_text, claim_texts
from crossgate.components.jwt.claims import (
    ClaimError,
    Times,
    audience_of,
    nested_claim,
    read_claims,
    times_of,
    words_of,
)
from crossgate.components.jwt.model import ClaimsNeeded, Issuer, Validator
from crossgate.flow.fiber import Flow
from crossgate.http.reason import Reason
from crossgate.jose.algorithms import verify
from crossgate.jose.keys import Key, Strategy
from crossgate.jose.token import Header, HeaderReader, Token, split_token

_BREAKS = ("\r", "\n", "\0")


class Keys(Protocol):
    """Where keys come from."""

    def known(self, strategy: Strategy, name: str) -> Key | None: ...

    def may_fetch(self, strategy: Strategy, name: str) -> bool: ...

    def fetched(self, strategy: Strategy, name: str) -> Flow[Key | None]: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a token. `status` 0 lets it pass; `key` and what follows is there where its signature holds.

    `fields` and `params` are what goes on to backends.
    """

    status: int
    reason: Reason | None = None
    detail: str = ""
    claims: Mapping[str, Any] | None = None
    times: Times | None = None
    key: Key | None = None
    source: "TrustedIssuer | None" = None
    name: str = ""
    fields: tuple[tuple[bytes, tuple[bytes, ...]], ...] = ()
    params: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An issuer with its keys."""

    issuer: Issuer
    keys: Keys


class Judge:
    """Compiled from a validator. `field_name` is how fields are named in requests."""

    def __init__(
        self,
        validator: Validator,
        issuers: Sequence[TrustedIssuer],
        read_header: HeaderReader,
        field_name: Callable[[str], bytes],
    ) -> None:
        self._validator = validator
        self._only = issuers[0] if len(issuers) == 1 else None
        self._by_name = {trusted.issuer.issuer: trusted for trusted in reversed(issuers)}
        self._read_header = read_header
        self._field_name = field_name

    def still_holds(self, verdict: Verdict, now: float) -> bool:
        """Whether what was found good still is: in time, and by a key that is still its issuer's."""
        trusted, times = verdict.source, verdict.times
        if trusted is None or times is None or times.fault(now, trusted.issuer.leeway_seconds):
            return False
        return trusted.keys.known(trusted.issuer.strategy, verdict.name) is verdict.key

    def judge(self, text: bytes, now: float) -> Verdict | Flow[Verdict]:
        """The verdict, or what to wait for. Total: any bytes, linear time, one signature checked."""
        token = split_token(text, self._read_header)
        if token is None:
            return Verdict(401, reasons.MALFORMED)
        trusted = self._only or self._chosen(token)
        if trusted is None:
            return Verdict(401, reasons.UNTRUSTED_ISSUER)
        issuer = trusted.issuer
        if issuer.refuses:
            return Verdict(401, reasons.NONE_HOLDS)
        if token.header.algorithm != issuer.algorithm:
            return Verdict(401, reasons.OTHER_ALG)
        name = _key_name(token.header, issuer.strategy)
        key = trusted.keys.known(issuer.strategy, name)
        if key is None and trusted.keys.may_fetch(issuer.strategy, name):
            return self._after_fetch(token, trusted, name, now)
        return self._checked(token, trusted, name, key, now)

    async def _after_fetch(self, token: Token, trusted: TrustedIssuer, name: str, now: float) -> Verdict:
        key = await trusted.keys.fetched(trusted.issuer.strategy, name)
        return self._checked(token, trusted, name, key, now)

    def _checked(self, token: Token, trusted: TrustedIssuer, name: str, key: Key | None, now: float) -> Verdict:
        """The verdict, given the key that the token names."""
        if key is None:
            return Verdict(401, reasons.UNKNOWN_KEY)
        if not _is_signed(token, trusted.issuer, key):
            return Verdict(401, reasons.BAD_SIGNATURE)
        return self._believed(token, trusted, name, key, now)

    def _chosen(self, token: Token) -> TrustedIssuer | None:
        """The issuer that a token claims to be from. It is not believed until its key says so."""
        try:
            iss = read_claims(token.payload).get("iss")
        except ClaimError:
            return None
        return self._by_name.get(iss or "") or self._by_name.get("")

    def _believed(self, token: Token, trusted: TrustedIssuer, name: str, key: Key, now: float) -> Verdict:
        """The verdict about a token whose signature holds."""
        issuer = trusted.issuer
        try:
            claims = read_claims(token.payload)
            times = times_of(claims)
            fault = _fault_of_claims(claims, issuer) or times.fault(now, issuer.leeway_seconds)
        except ClaimError as error:
            return Verdict(401, reasons.BAD_CLAIM, str(error))
        if fault is not None:
            return Verdict(401, fault)
        validator = self._validator
        for needed, lack in ((validator.roles, reasons.ROLE), (validator.scopes, reasons.SCOPE)):
            if needed is not None and not _has(claims, needed):
                return Verdict(403, lack, claims=claims)
        try:
            return self._passed(claims, times, key, trusted, name)
        except RecursionError:
            return Verdict(500, reasons.CLAIM_DOES_NOT_FIT, "a claim that is passed on is nested too deep", claims)

    def _passed(self, claims: Mapping[str, Any], times: Times, key: Key, trusted: TrustedIssuer, name: str) -> Verdict:
        fields: dict[bytes, tuple[bytes, ...]] = {}
        for propagated in self._validator.propagated:
            found, value = _claim(claims, propagated.claim, is_nested=propagated.is_nested)
            texts = [""] if not found else _texts(value, one_by_one=self._validator.preserves_arrays)
            if any(mark in text for text in texts for mark in _BREAKS):
                detail = f'the claim "{propagated.claim}" does not fit into a field'
                return Verdict(500, reasons.CLAIM_DOES_NOT_FIT, detail, claims)
            values = tuple([text.encode("utf-8", "surrogateescape") for text in texts])
            fields[self._field_name(propagated.field)] = values
        params: list[tuple[str, bytes]] = []
        for param in self._validator.params:
            claim = param.removeprefix("JWT.")
            if claim not in claims:
                # DEVIATION(DEV-JWT-4): KrakenD sends the text `{{.JWT.claim}}` to the backend.
                return Verdict(403, reasons.NEEDED_CLAIM, claims=claims)
            params.append((param, claim_text(claims[claim]).encode("utf-8", "surrogateescape")))
        return Verdict(0, None, "", claims, times, key, trusted, name, tuple(fields.items()), tuple(params))


def _key_name(header: Header, strategy: Strategy) -> str:
    if strategy == "x5t":
        return header.x5t or header.kid
    if strategy == "x5t#S256":
        return header.x5t_s256 or header.kid
    if strategy == "kid_x5t":
        return header.kid + (header.x5t or header.kid)
    return header.kid


def _is_signed(token: Token, issuer: Issuer, key: Key) -> bool:
    return key.may_verify(issuer.algorithm) and verify(
        issuer.algorithm, key.material, token.signing_input, token.signature
    )


def _fault_of_claims(claims: Mapping[str, Any], issuer: Issuer) -> Reason | None:
    if issuer.issuer and claims.get("iss") != issuer.issuer:
        return reasons.OTHER_ISSUER
    if issuer.audience:
        audience = audience_of(claims)
        if not all(item in audience for item in issuer.audience):
            return reasons.OTHER_AUDIENCE
    return None


def _claim(claims: Mapping[str, Any], name: str, *, is_nested: bool) -> tuple[bool, Any]:
    return nested_claim(claims, name) if is_nested else (name in claims, claims.get(name))


def _has(claims: Mapping[str, Any], needed: ClaimsNeeded) -> bool:
    words = words_of(_claim(claims, needed.key, is_nested=needed.is_nested)[1])
    return (all if needed.wants_all else any)(word in words for word in needed.words)


def _texts(value: Any, *, one_by_one: bool) -> list[str]:
    return claim_texts(value) if one_by_one else [claim_text(value)]
