"""The tokens that a suite asks with, in the written form: one with all that a validator asks for today, and others that
lack something of it.

Knows validators; does not mint.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from crossgate.components.jwt.model import ClaimsNeeded, Validator

_MOST_WORDS = 5
OTHERS: Mapping[str, Mapping[str, Any]] = {
    "expired": {"expires_in": "-1h"},
    "forged": {"signed_by": "stranger"},
    "other-issuer": {"claims": {"iss": "https://other-issuer.example"}},
    "other-audience": {"claims": {"aud": "other-audience"}},
    "without-rights": {"claims": {"sub": "somebody"}},
}
"""Their claims are those that the endpoint wants, but for what is said."""


@dataclass(slots=True)
class Tokens:
    """Those of one suite. `written` grows with what is asked for; tokens of the same content have one name."""

    written: dict[str, Any] = field(default_factory=dict)
    _known: dict[tuple[str, str], str] = field(default_factory=dict)  # by what it was to be called, and content
    _tried: dict[str, int] = field(default_factory=dict)  # how many names were, of what is to be called so

    def good(self, validator: Validator) -> str:
        """The name of one that passes today: it says in so many words what today is asked for."""
        return self._named("today", _token(validator, _claims(validator)))

    def with_one_word(self, validator: Validator) -> Iterator[tuple[str, str]]:
        """Of each role and scope, what to call it and the name of a token that has no other; where both are asked for,
        of tokens without the roles, or the scopes.
        """
        both = [needed for needed in (validator.roles, validator.scopes) if needed is not None and needed.words]
        for what, needed in (("role", validator.roles), ("scope", validator.scopes)):
            if needed in both and len(both) > 1:
                yield f"no {what}", self._named(f"no-{what}", _token(validator, _claims(validator, without=needed)))
            words = () if needed is None else tuple(dict.fromkeys(needed.words))
            if needed is None or len(words) < 2:
                continue
            for word in words[:_MOST_WORDS]:
                claims = {**_claims(validator), **_granted(needed, (word,), as_text=what == "scope")}
                yield f"the {what} {word} alone", self._named(f"{what}-{word}", _token(validator, claims))

    def _named(self, name: str, content: Mapping[str, Any]) -> str:
        text = json.dumps(content, sort_keys=True)
        while (name, text) not in self._known:
            self._tried[name] = number = self._tried.get(name, 0) + 1
            tried = name if number == 1 else f"{name}-{number}"
            taken = json.dumps(self.written.setdefault(tried, content), sort_keys=True)
            self._known.setdefault((name, taken), tried)
        return self._known[name, text]


def _token(validator: Validator, claims: Mapping[str, Any]) -> dict[str, Any]:
    return {"algorithm": validator.issuers[0].algorithm, "claims": claims}


def _claims(validator: Validator, without: ClaimsNeeded | None = None) -> dict[str, Any]:
    """What is not asked for is not there: an issuer or an audience that is asked for tomorrow refuses the token."""
    issuer = validator.issuers[0]
    claims: dict[str, Any] = {"iss": issuer.issuer or None, "aud": list(issuer.audience) or None}
    for part in validator.propagated:
        _put(claims, part.claim.split(".") if part.is_nested else [part.claim], f"its {part.claim}")
    for name in validator.params:
        claims.setdefault(name, f"its-{name}")
    for needed in (validator.roles, validator.scopes):
        if needed is not None and needed.words and needed is not without:
            claims |= _granted(needed, needed.words, as_text=needed is validator.scopes)
    return claims


def _granted(needed: ClaimsNeeded, words: tuple[str, ...], *, as_text: bool) -> dict[str, Any]:
    claims: dict[str, Any] = {}
    value: Any = " ".join(words) if as_text else list(words)
    _put(claims, needed.key.split(".") if needed.is_nested else [needed.key], value)
    return claims


def _put(claims: dict[str, Any], steps: list[str], value: Any) -> None:
    place = claims
    for step in steps[:-1]:
        if not isinstance(place.get(step), dict):
            place[step] = {}
        place = place[step]
    place[steps[-1]] = value
