"""What the claims of a token have to be before anybody looks at them, and how one is found.

Source: go-jose v3 `jwt/claims.go` and `validation.go`; krakend-jose `jose.go`, `jwk.go`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossgate.components.jwt import reasons
from crossgate.http.reason import Reason
from crossgate.jose.json_value import decode_token_json

_INT64 = 1 << 63
_TEXTS = ("iss", "sub", "jti")
_TIMES = ("exp", "nbf", "iat")


class ClaimError(Exception):
    """Claims that no token may have. `str()` says which, without their values."""


@dataclass(frozen=True, slots=True)
class Times:
    """When a token holds, in seconds since the epoch; None where it does not say."""

    exp: int | None
    nbf: int | None
    iat: int | None

    def fault(self, now: float, leeway: float) -> Reason | None:
        """Why it does not hold now; None where it does."""
        if self.nbf is not None and now + leeway < self.nbf:
            return reasons.NOT_YET
        if self.exp is not None and now - leeway > self.exp:
            return reasons.EXPIRED
        if self.iat is not None and now + leeway < self.iat:
            return reasons.FROM_THE_FUTURE
        return None


def read_claims(payload: bytes) -> Mapping[str, Any]:
    """The claims of a payload, an object or null. Raises ClaimError."""
    try:
        claims = decode_token_json(payload)
    except ValueError:
        raise ClaimError("its payload is no JSON") from None
    if claims is None:
        return {}
    if not isinstance(claims, dict):
        raise ClaimError("its payload is no object")
    for name in _TEXTS:
        if not isinstance(claims.get(name), str | None):
            raise ClaimError(f'"{name}" is no text')
    if "aud" in claims:
        audience_of(claims)
    return claims


def audience_of(claims: Mapping[str, Any]) -> Sequence[str]:
    """`aud` as a list. Raises ClaimError where it is neither a text nor a list of texts."""
    aud = claims.get("aud", [])
    if isinstance(aud, str):
        return (aud,)
    if not isinstance(aud, list) or not all(isinstance(item, str) for item in aud):
        raise ClaimError('"aud" is neither a text nor a list of texts')
    return aud


def times_of(claims: Mapping[str, Any]) -> Times:
    """The times, fractions cut off. Raises ClaimError.

    DEVIATION(DEV-JWT-6): numbers beyond int64 wrap around in KrakenD, so that a far `nbf` or `iat` counts as past.
    """
    return Times(*[_time(claims, name) for name in _TIMES])


def _time(claims: Mapping[str, Any], name: str) -> int | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ClaimError(f'"{name}" is no number')
    if not -_INT64 <= float(value) < _INT64:  # Go reads every number as a float64
        raise ClaimError(f'"{name}" is out of range')
    return int(value)


def nested_claim(claims: Mapping[str, Any], path: str) -> tuple[bool, Any]:
    """Whether there is a claim at a dotted path, and its value."""
    value: Any = claims
    for step in path.split("."):
        if not isinstance(value, Mapping) or step not in value:
            return False, None
        value = value[step]
    return True, value


def words_of(value: Any) -> Sequence[str]:
    """The roles or scopes that a claim names: its texts where it is a list, its words where it is a text.

    DEVIATION(DEV-JWT-7): KrakenD panics on a list with anything else in it before a match.
    """
    if isinstance(value, str):
        return value.split(" ")
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else ()
