"""Credentials that the gateways of both files take for their users' own: tokens, API keys, passwords.

Secrets of a configuration are given a stand-in each, the same one in both files: who has that secret gets in where
that stand-in does. Knows what endpoints ask for; does not know which request a credential is for.
"""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import jwt as signing

from crossgate.compare.difference import Fields
from crossgate.components.api_keys.config import KeyDemand, KeyRing, hashed
from crossgate.components.basic_auth.config import Users
from crossgate.components.jwt.model import ClaimsNeeded, Issuer, Validator
from crossgate.config.model import ServiceConfig
from crossgate.golang.url import query_escape
from crossgate.testing.tokens import Mint, can_sign, key_names_of, private_key_of

_MOST_WORDS = 6  # of roles, scopes and audiences that are tried alone
_MOST_KEYS = 8
_LIFETIME_SECONDS = 10 * 365 * 86_400  # stands let hours pass
_CLAIM = "claimed-"  # and its name: the value of claims that are only passed on


@dataclass(frozen=True, slots=True)
class Credential:
    """What to send, and in words what somebody has to have for it; empty for what passes everywhere."""

    fields: Fields
    query: tuple[tuple[str, str], ...] = ()
    words: str = ""


class Purse:
    """Of two configurations. `now` is in seconds since the epoch."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now

    def mint(self, config: ServiceConfig) -> Mint:
        """The configuration with stand-ins, as the mint's `config`, and the key sets that it fetches."""
        mint = Mint(config, self._now, _owner_of)
        ring = config.components.get("api_keys")
        if isinstance(ring, KeyRing):
            roles = {_stand_in(ring, digest)[1]: names for digest, names in ring.roles.items()}
            components = {**mint.config.components, "api_keys": replace(ring, roles=roles)}
            mint.config = replace(mint.config, components=components)
        mint.config = replace(
            mint.config,
            endpoints=tuple(
                replace(one, components={**one.components, "basic_auth": _known(users)})
                if (users := one.components.get("basic_auth"))
                else one
                for one in mint.config.endpoints
            ),
        )
        return mint

    def credentials(self, places: Sequence[Mapping[str, Any]], rings: Sequence[KeyRing | None]) -> Iterator[Credential]:
        """For an endpoint with these components in one file or both; what passes first. `rings` are the keys of both
        services."""
        validators = [one for place in places if isinstance(one := place.get("jwt"), Validator)]
        demands = [one for place in places if isinstance(one := place.get("api_keys"), KeyDemand)]
        users = {
            pair
            for place in places
            for one in place.get("basic_auth", ())
            if isinstance(one, Users)
            for pair in one.hashes.items()
        }
        lists = [
            list(self._tokens(validators)),
            list(_keys(demands, [one for one in rings if one is not None])),
            [_password(name, value) for name, value in sorted(users)[:_MOST_KEYS]],
        ]
        wanted = [one for one in lists if one]
        if not wanted:
            yield Credential(())
            return
        for number, some in enumerate(wanted):  # each of one list with what passes of the others
            others = [one[0] for one in wanted[:number] + wanted[number + 1 :]]
            for one in some if number == 0 else some[1:]:
                yield _together([one, *others])
        for one in wanted if len(wanted) > 1 else ():  # one file may ask for no other
            yield replace(one[0], words=one[0].words or "one of these credentials alone")
        yield Credential((), words="without a credential")

    def _tokens(self, validators: Sequence[Validator]) -> Iterator[Credential]:
        seen: set[Credential] = set()
        for one in self._tokens_with_repeats(validators):
            if one not in seen:
                seen.add(one)
                yield one

    def _tokens_with_repeats(self, validators: Sequence[Validator]) -> Iterator[Credential]:
        asked = [
            (validator, issuer)
            for validator in validators
            for issuer in validator.issuers[:_MOST_WORDS]
            if not issuer.refuses and can_sign(issuer.algorithm)
        ]
        everything = self._claims(validators)
        for validator, issuer in asked:
            yield from self._carried(validators, validator, issuer, everything, "")
        for validator, issuer in asked:
            for claims, words in self._claims_by_word(validators, everything):
                yield from self._carried(validators, validator, issuer, claims, words)

    def _claims(self, validators: Sequence[Validator]) -> dict[str, Any]:
        """What has all that any of them asks for."""
        claims: dict[str, Any] = {"sub": "somebody", "jti": "token", "iat": int(self._now())}
        claims["exp"] = int(self._now()) + _LIFETIME_SECONDS
        for validator in validators:
            names = [(one.claim, one.is_nested) for one in validator.propagated]
            for name, is_nested in [*names, *((name, "." in name) for name in validator.params)]:
                if name not in claims:
                    _put(claims, name, _CLAIM + name, is_nested=is_nested)
        for validator in validators:
            for needed in (validator.roles, validator.scopes):
                if needed is not None and needed.words:
                    _grant(claims, _needed(validators, needed), needed, as_text=needed is validator.scopes)
        return claims

    def _claims_by_word(
        self, validators: Sequence[Validator], everything: Mapping[str, Any]
    ) -> Iterator[tuple[dict[str, Any], str]]:
        for validator in validators:
            for needed, what in ((validator.roles, "role"), (validator.scopes, "scope")):
                if needed is None or not needed.words:
                    continue
                as_text = what == "scope"
                words = _needed(validators, needed)
                where = _where_told(validators, needed)
                for word in words[:_MOST_WORDS]:
                    yield (
                        _granted(everything, (word,), needed, as_text=as_text),
                        f"a token that has the {what} {word} alone{where}",
                    )
                yield _granted(everything, (), needed, as_text=as_text), f"a token that has no {what}{where}"
                for word in words[:_MOST_WORDS] if len(words) > 2 else ():
                    rest = tuple(one for one in words if one != word)
                    yield (
                        _granted(everything, rest, needed, as_text=as_text),
                        f"a token that does not have the {what} {word}{where}",
                    )
        issuers = [one for validator in validators for one in validator.issuers]
        audiences = sorted({name for one in issuers for name in one.audience})
        for name in audiences[:_MOST_WORDS]:
            if len(audiences) > 1:
                yield {**everything, "aud": [name]}, f"a token that has the audience {name} alone"
        if audiences:
            yield {**everything, "aud": []}, "a token that has no audience"
        yield {**everything, "iss": "https://other.example"}, "a token that another issued"
        yield {**everything, "iss": ""}, "a token that names no issuer"
        leeways = sorted({one.leeway_seconds for one in issuers})
        if len(leeways) > 1:
            ago = (leeways[0] + leeways[-1]) / 2
            yield {**everything, "exp": self._now() - ago}, f"a token that expired {ago:g}s ago"
        yield {**everything, "exp": self._now() - _LIFETIME_SECONDS}, "a token that has expired"

    def _carried(
        self,
        validators: Sequence[Validator],
        validator: Validator,
        issuer: Issuer,
        claims: Mapping[str, Any],
        words: str,
    ) -> Iterator[Credential]:
        said = dict(claims)
        said.setdefault("iss", issuer.issuer)
        said.setdefault(
            "aud", list(dict.fromkeys(name for one in validators for i in one.issuers for name in i.audience))
        )
        said = {name: value for name, value in said.items() if value not in ("", [])}
        owner = _owner_of(issuer)
        key = private_key_of(issuer.algorithm, owner, is_strangers=False)
        text = signing.encode(said, key, issuer.algorithm, headers=dict(key_names_of(issuer.algorithm)))
        yield Credential(((validator.field.title(), f"Bearer {text}"),), (), words)
        moved = {(one.field, one.cookie) for one in validators}
        if len(moved) > 1 and validator.cookie and not words:
            yield Credential(
                (("Cookie", f"{validator.cookie}={text}"),), (), f"a token in the cookie {validator.cookie}"
            )


def _owner_of(issuer: Issuer) -> str:
    """Issuers whose keys come from one place have the same."""
    if issuer.url is not None:
        return issuer.url.url
    if issuer.fixed is None:
        return ""
    return hashlib.sha256(b"\0".join(issuer.fixed.identities)).hexdigest()


def _needed(validators: Sequence[Validator], needed: ClaimsNeeded) -> list[str]:
    """What any of the validators asks for in the same claim."""
    every = [one for each in validators for one in (each.roles, each.scopes) if one is not None]
    return list(dict.fromkeys(word for one in every if one.key == needed.key for word in one.words))


def _where_told(validators: Sequence[Validator], needed: ClaimsNeeded) -> str:
    """The claim that it is about, where they do not all look at the same."""
    every = {(one.key, one.is_nested) for each in validators for one in (each.roles, each.scopes) if one is not None}
    alike = {(key, is_nested) for key, is_nested in every if key == needed.key}
    if len(alike) > 1:
        return f" in the claim {needed.key}{', nested' if needed.is_nested else ', not nested'}"
    return ""


def _grant(claims: dict[str, Any], words: Sequence[str], needed: ClaimsNeeded, *, as_text: bool) -> None:
    _put(claims, needed.key, " ".join(words) if as_text else list(words), is_nested=needed.is_nested)


def _granted(
    everything: Mapping[str, Any], words: Sequence[str], needed: ClaimsNeeded, *, as_text: bool
) -> dict[str, Any]:
    claims = dict(everything)
    _grant(claims, words, needed, as_text=as_text)
    return claims


def _put(claims: dict[str, Any], name: str, value: Any, *, is_nested: bool) -> None:
    steps = name.split(".") if is_nested else [name]
    place = claims
    for step in steps[:-1]:
        inner = place.get(step)
        place[step] = place = dict(inner) if isinstance(inner, dict) else {}
    place[steps[-1]] = value


def _stand_in(ring: KeyRing, digest: bytes) -> tuple[str, bytes]:
    """A key in the place of the one with that digest, and its digest."""
    secret = b"\0".join((ring.algorithm.encode(), ring.salt, digest))
    key = "key-" + hashlib.sha256(secret).hexdigest()[:16]
    return key, hashed(key.encode(), ring.algorithm, ring.salt).lower()


def _keys(demands: Sequence[KeyDemand], rings: Sequence[KeyRing]) -> Iterator[Credential]:
    """Of each set of roles one key or two, those with most roles first."""
    if not demands:
        return
    digests = {digest: ring for ring in reversed(rings) for digest in ring.roles}
    asked = {role for one in demands for role in one.roles}

    def worth(digest: bytes) -> tuple[int, int]:
        return (
            -sum(len(asked & set(ring.roles.get(digest, ()))) + (digest in ring.roles) for ring in rings),
            len(digests[digest].roles[digest]),
        )

    kinds: dict[object, int] = {}
    for digest in sorted(digests, key=worth):
        held = tuple(ring.roles.get(digest) for ring in rings)
        kinds[held] = kinds.get(held, 0) + 1
        if kinds[held] > 1 or len(kinds) > _MOST_KEYS:
            continue
        key, _ = _stand_in(digests[digest], digest)
        for number, (strategy, name) in enumerate(dict.fromkeys((one.strategy, one.identifier) for one in demands)):
            words = "" if number == 0 and len(kinds) == 1 else _key_words(digests[digest].roles[digest])
            if strategy == "query_string":
                yield Credential((), ((name, key),), words)
            else:
                scheme = "Bearer " if name.lower() == "authorization" else ""
                yield Credential(((name, scheme + key),), (), words)


def _key_words(roles: Sequence[str]) -> str:
    return f"a key that has the roles {', '.join(roles)}" if roles else "a key that has no role"


@cache
def _password_of(wanted: bytes) -> tuple[str, bytes]:
    """A password in the place of the one with that hash, and its hash."""
    import bcrypt  # an extra: the configuration has said where it is missing

    text = "password-" + hashlib.sha256(wanted).hexdigest()[:16]
    return text, bcrypt.hashpw(text.encode(), bcrypt.gensalt(4))


def _known(users: Sequence[Users]) -> tuple[Users, ...]:
    return tuple(Users({name: _password_of(value)[1] for name, value in one.hashes.items()}) for one in users)


def _password(name: str, value: bytes) -> Credential:
    pair = b64encode(f"{name}:{_password_of(value)[0]}".encode()).decode()
    return Credential((("Authorization", f"Basic {pair}"),), (), f"a password of {name}")


def _together(some: Sequence[Credential]) -> Credential:
    words = " and ".join(one.words for one in some if one.words)
    return Credential(
        tuple(field for one in some for field in one.fields), tuple(pair for one in some for pair in one.query), words
    )


def in_query(target: str, pairs: Sequence[tuple[str, str]]) -> str:
    """The target with these parameters, too."""
    for name, value in pairs:
        mark = "&" if "?" in target else "?"
        target += f"{mark}{query_escape(name.encode()).decode()}={query_escape(value.encode()).decode()}"
    return target
