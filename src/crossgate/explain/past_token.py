"""A token like one that was refused, but for what it was refused for, signed by a key of ours that the issuer then has.

Knows validators; asks nobody.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jwt as pyjwt
import msgspec

from crossgate.components.jwt.model import Issuer, Validator
from crossgate.config.model import ServiceConfig
from crossgate.explain.asked import AskedRequest
from crossgate.explain.keys import issuer_of, validator_of
from crossgate.testing.tokens import Mint, can_sign, key_names_of, private_key_of

_TIMES = ("nbf", "iat")


def past_token(
    config: ServiceConfig, asked: AskedRequest, code: str, claims: Mapping[str, Any]
) -> tuple[ServiceConfig, AskedRequest] | None:
    """The configuration with our keys, and the request with that token; None where none can be made.

    `config` has one endpoint. `claims` are those of the token that was refused; empty where there is none.
    """
    validator = None if len(config.endpoints) != 1 else validator_of(config.endpoints[0])
    if validator is None or not validator.issuers:
        return None
    now_seconds = time.time() if asked.at_seconds is None else asked.at_seconds
    issuer = issuer_of(validator, claims) or validator.issuers[0]
    if issuer.refuses or not can_sign(issuer.algorithm):
        return None
    mint = Mint(config, lambda: now_seconds)
    _, _, text = mint.token(None, 0)
    good = pyjwt.decode(text, options={"verify_signature": False})
    del good["iat"]
    told = _mended(dict(claims), good, code, validator, issuer) if claims else good
    if code in ("token.claim", "token.claim-unusable") and told == claims:
        return None
    key = private_key_of(issuer.algorithm, is_strangers=False)
    payload = msgspec.json.encode(told)  # whatever types its claims have
    signed = pyjwt.api_jws.encode(payload, key, issuer.algorithm, headers=dict(key_names_of(issuer.algorithm)))
    fields = [field for field in asked.fields if field[0].lower() != validator.field]
    scheme = "Bearer " if validator.field == "authorization" else ""
    fields.append((validator.field.title(), scheme + signed))
    return mint.config, replace(asked, fields=tuple(fields))


def _mended(
    claims: dict[str, Any], good: Mapping[str, Any], code: str, validator: Validator, issuer: Issuer
) -> dict[str, Any]:
    """The claims with what one reason is about as it has to be, and the others as they were."""
    match code:
        case "token.expired":
            claims["exp"] = good["exp"]
        case "token.not-yet":
            del claims["nbf"]
        case "token.from-the-future":
            del claims["iat"]
        case "token.issuer" | "token.issuer-unknown":
            claims["iss"] = issuer.issuer
        case "token.audience":
            claims["aud"] = list(issuer.audience)
        case "token.role" | "token.scope":
            needed = validator.roles if code == "token.role" else validator.scopes
            name = "" if needed is None else needed.key.partition(".")[0] if needed.is_nested else needed.key
            claims |= {name: good[name]} if name in good else {}
        case "token.claim":
            claims = {name: value for name, value in claims.items() if name not in _TIMES} | {"exp": good["exp"]}
        case "token.claim-unusable":
            names = {one.claim.partition(".")[0] if one.is_nested else one.claim for one in validator.propagated}
            claims |= dict.fromkeys(names & claims.keys(), "explained")
        case "token.claim-needed":
            claims |= {
                param.removeprefix("JWT."): "explained"
                for param in validator.params
                if param.removeprefix("JWT.") not in claims
            }
    return claims
