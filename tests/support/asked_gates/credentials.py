"""Tokens, keys and passwords for endpoints: all that any of them asks for, and what lacks something of it.

Knows the models of guards; does not send anything, nor know who gets in.
"""

import base64
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

import jwt as signing

from crossgate.components.api_keys.config import KeyDemand, KeyRing
from crossgate.components.jwt.model import Validator
from crossgate.testing.tokens import can_sign, key_names_of, private_key_of
from tests.support.asked_gates.asked import Fields
from tests.support.asked_gates.gateways import Two, owner_of
from tests.support.random_gates.words import KEYS
from tests.support.two_gateways import NOW_SECONDS


def credentials(two: Two, models: Sequence[Any], random_: random.Random) -> list[tuple[Fields, str]]:
    """Fields and a query."""
    found: list[tuple[Fields, str]] = []
    validators = [one for each in models if isinstance(one := each.components.get("jwt"), Validator)]
    tokens = list(dict.fromkeys(_tokens(validators, random_)))
    demands = [one for each in models if isinstance(one := each.components.get("api_keys"), KeyDemand)]
    rings = [one for side in (two.old, two.new) if isinstance(one := side.config.components.get("api_keys"), KeyRing)]
    keys = list(_keys(demands)) if rings else []
    users = [one for each in models for one in each.components.get("basic_auth", ())]
    names = sorted({name for one in users for name in one.hashes})
    passwords = [
        ((("Authorization", "Basic " + base64.b64encode(f"{name}:{text}".encode()).decode()),), "")
        for name in names
        for text in ("secret", "other")
    ]
    lists = [one for one in (tokens, keys, passwords) if one]
    if not lists:
        return [((), "")]
    for number, some in enumerate(lists):
        others = [one for other, one in enumerate(lists) if other != number]
        for one in some:
            picked = [one, *[random_.choice(each) for each in others]]
            found.append((tuple(f for fields, _ in picked for f in fields), "&".join(q for _, q in picked if q)))
    if len(lists) > 1:
        for _ in range(20):
            picked = [random_.choice(each) for each in lists]
            found.append((tuple(f for fields, _ in picked for f in fields), "&".join(q for _, q in picked if q)))
    return [*dict.fromkeys(found), ((), "")]


def _tokens(validators: Sequence[Validator], r: random.Random) -> Iterator[tuple[Fields, str]]:
    issuers = list(dict.fromkeys((one.algorithm, owner_of(one)) for each in validators for one in each.issuers))
    named = {one.issuer for each in validators for one in each.issuers}
    names = list(dict.fromkeys([*sorted(named), "", "https://nobody.example"]))
    audiences = sorted({name for each in validators for one in each.issuers for name in one.audience})
    carriers = list(dict.fromkeys(("field", each.field) for each in validators))
    carriers += list(dict.fromkeys(("cookie", each.cookie) for each in validators if each.cookie))
    for algorithm, owner in issuers if all(each.issuers for each in validators) else ():
        if not can_sign(algorithm):
            continue
        for number, issuer in enumerate(names):
            for claims in _claims(validators, audiences) if number < 3 else [*_claims(validators, audiences)][:1]:
                kind, name = r.choice(carriers)
                told = claims | ({"iss": issuer} if issuer else {})
                text = _signed(json.dumps(told), algorithm, owner)
                yield _carried(kind, name, text), ""
        for issuer in names:
            text = _signed(
                json.dumps(next(_claims(validators, audiences)) | ({"iss": issuer} if issuer else {})), algorithm, owner
            )
            for kind, name in carriers:
                yield _carried(kind, name, text), ""


def _carried(kind: str, name: str, text: str) -> Fields:
    return (("Cookie", f"{name}={text}") if kind == "cookie" else (name.title(), f"Bearer {text}"),)


def _claims(validators: Sequence[Validator], audiences: Sequence[str]) -> Iterator[dict[str, Any]]:
    """All that any asks for; then each role, scope and audience alone, each left out, none; and what has expired."""
    now = int(NOW_SECONDS)
    needs = [
        (need, need is each.scopes) for each in validators for need in (each.roles, each.scopes) if need is not None
    ]

    def made(words_of: Any = None, aud: Sequence[str] = audiences, **more: Any) -> dict[str, Any]:
        claims: dict[str, Any] = {"sub": "somebody", "jti": "t", "iat": now, "exp": now + 10**7, "realm": {"id": "r1"}}
        claims |= {"aud": list(aud)} if aud else {}
        for need, is_text in needs:
            words = every(need) if words_of is None or words_of[0] != need.key else words_of[1]
            _put(claims, need.key.split(".") if need.is_nested else [need.key], " ".join(words) if is_text else words)
        return claims | more

    def every(need: Any) -> list[str]:
        return sorted({word for other, _ in needs if other.key == need.key for word in other.words})

    yield made()
    for key, words in {need.key: every(need) for need, _ in needs}.items():
        for word in words:
            yield made((key, [word]))
            yield made((key, [one for one in words if one != word]))
        yield made((key, []))
    for name in audiences:
        yield made(aud=[name])
        yield made(aud=[one for one in audiences if one != name])
    yield made(aud=[])
    for seconds in (0, 2, 20, 45, 100):
        yield made(exp=now - seconds)
        yield made(nbf=now + seconds)


_SIGNED: dict[tuple[str, str, str], str] = {}


def _signed(claims: str, algorithm: str, owner: str) -> str:
    key = (claims, algorithm, owner)
    if key not in _SIGNED:
        private = private_key_of(algorithm, owner, is_strangers=False)
        _SIGNED[key] = signing.encode(json.loads(claims), private, algorithm, headers=dict(key_names_of(algorithm)))
    return _SIGNED[key]


def _put(claims: dict[str, Any], steps: Sequence[str], value: Any) -> None:
    for step in steps[:-1]:
        inner = claims.get(step)
        claims[step] = claims = dict(inner) if isinstance(inner, dict) else {}
    claims[steps[-1]] = value


def _keys(demands: Sequence[KeyDemand]) -> Iterator[tuple[Fields, str]]:
    first = next(iter(KEYS))
    for strategy, name in dict.fromkeys((one.strategy, one.identifier) for one in demands):
        for key in (*KEYS, f"{first}x", first.upper()):
            if strategy == "query_string":
                yield (), f"{name}={key}"
            else:
                yield ((name, ("Bearer " if name.lower() == "authorization" else "") + key),), ""
