"""Keys for tokens that are explained: those that are given, or keys of our own with which a token is signed anew.

A token whose keys would have to be fetched can so be judged in all but its key and signature. Knows validators.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jwt as pyjwt
import msgspec

from crossgate.components.jwt.model import Issuer, Validator
from crossgate.config.model import EndpointConfig, ServiceConfig
from crossgate.explain.asked import AskedRequest
from crossgate.jose.base64url import decode_base64url
from crossgate.testing.tokens import COMPONENT, can_sign, key_names_of, key_set_of, private_key_of

_TOKEN = re.compile(r"[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]*")


def fetched_key_sets(config: ServiceConfig, given: bytes | None) -> dict[str, bytes]:
    """By URL, what takes the place of the key sets that the configuration fetches."""
    algorithms: dict[str, set[str]] = {}
    for endpoint in config.endpoints:
        validator = validator_of(endpoint)
        for issuer in () if validator is None else validator.issuers:
            if issuer.url is not None:
                algorithms.setdefault(issuer.url.url, set()).add(issuer.algorithm)
    if given is not None:
        return dict.fromkeys(algorithms, given)
    return {url: own_keys(sorted(names)) for url, names in algorithms.items()}


def own_keys(algorithms: Sequence[str]) -> bytes:
    """A key set of ours for these algorithms, as far as they can be signed with."""
    keys: list[Any] = []
    for name in filter(can_sign, algorithms):
        keys += msgspec.json.decode(key_set_of(name))["keys"]
    return msgspec.json.encode({"keys": keys})


def validator_of(endpoint: EndpointConfig) -> Validator | None:
    """What an endpoint asks of tokens."""
    value = endpoint.components.get(COMPONENT)
    return value if isinstance(value, Validator) else None


def issuer_of(validator: Validator, claims: Mapping[str, Any]) -> Issuer | None:
    """Whose token it says it is, among those that are trusted."""
    if len(validator.issuers) == 1:
        return validator.issuers[0]
    return next((one for one in validator.issuers if one.issuer in (claims.get("iss"), "")), None)


def token_of(asked: AskedRequest, validator: Validator) -> str:
    """The token of a request, empty where it has none that has the form of one."""
    texts = asked.values(validator.field)
    cookies = [pair.strip().partition("=") for text in asked.values("cookie") for pair in text.split(";")]
    texts += [value for name, _, value in cookies if validator.cookie and name == validator.cookie]
    found = next(filter(None, map(_TOKEN.search, texts)), None)
    return "" if found is None else found[0]


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token, whoever signed it; empty where they are none."""
    parts: list[dict[str, Any]] = []
    for text in token.split(".")[:2]:
        try:
            value = msgspec.json.decode(decode_base64url(text.encode()))
        except (ValueError, msgspec.MsgspecError):
            value = None
        parts.append(value if isinstance(value, dict) else {})
    return (parts[0], parts[1]) if len(parts) == 2 else ({}, {})


@dataclass(frozen=True, slots=True)
class SignedAnew:
    """A request whose token was signed by a key of ours, the token before and after, and where its keys would be."""

    asked: AskedRequest
    token: str
    signed: str
    come_from: str


def signed_anew(asked: AskedRequest, validator: Validator, *, are_files_unread: bool = False) -> SignedAnew | None:
    """What to ask where a token's key would have to be fetched; None where it would not, or makes no difference.

    `are_files_unread`: keys that stand in files were not read either.
    """
    token = token_of(asked, validator)
    header, claims = parts_of(token)
    issuer = issuer_of(validator, claims)
    if not token or issuer is None or issuer.refuses:
        return None
    if issuer.url is None and not are_files_unread:
        return None
    algorithm = issuer.algorithm
    if header.get("alg") != algorithm or not can_sign(algorithm):
        return None
    kept = {name: value for name, value in header.items() if name not in ("alg", *key_names_of(algorithm))}
    try:
        payload = decode_base64url(token.split(".")[1].encode())
        key = private_key_of(algorithm, is_strangers=False)
        signed = pyjwt.api_jws.encode(payload, key, algorithm, headers={**kept, **key_names_of(algorithm)})
    except (ValueError, TypeError, pyjwt.PyJWTError):
        return None
    fields = tuple((name, value.replace(token, signed)) for name, value in asked.fields)
    elsewhere = "are in a file, which is not read here"
    come_from = elsewhere if issuer.url is None else f"come from {issuer.url.url}, which was not asked"
    return SignedAnew(replace(asked, fields=fields), token, signed, come_from)
