"""What a token says against what its validator asks for, and what would let it pass. Knows tokens and validators."""

from collections.abc import Mapping
from typing import Any

from crossgate.components.jwt.model import Validator
from crossgate.config.model import EndpointConfig
from crossgate.config.url_paths import backend_placeholders
from crossgate.explain.asked import AskedRequest
from crossgate.explain.keys import issuer_of, parts_of, token_of, validator_of
from crossgate.explain.wording import MOST, and_, cut, either, shown, time_of


def token_change(code: str, remedy: str, asked: AskedRequest, endpoint: EndpointConfig | None) -> tuple[str, str]:
    """What there is to say about this very token, and the change; the reason's own `remedy` where nothing is better."""
    validator = None if endpoint is None else validator_of(endpoint)
    if validator is None or endpoint is None:
        return "", remedy
    if code == "token.claim-needed":
        return _needed_claims(asked, validator, endpoint)
    if code == "token.missing":
        in_cookie = f", or a cookie {validator.cookie}" if validator.cookie else ""
        name = validator.field.title()
        scheme = " as Bearer TOKEN" if name == "Authorization" else ""
        return f"The validator looks for it in {name}{in_cookie}.", f"Send a token in {name}{scheme}."
    if code == "token.malformed" and (detail := _malformed(asked, validator)):
        return detail, remedy
    token = token_of(asked, validator)
    header, claims = parts_of(token)
    if not token:
        return _wanted_of_token(code, validator), remedy
    issuer = issuer_of(validator, claims) or validator.issuers[0]
    match code:
        case "token.alg":
            return (
                f'The token is signed with {shown(header.get("alg"))}, the validator requires "{issuer.algorithm}".',
                remedy,
            )
        case "token.issuer" | "token.issuer-unknown":
            wanted = either([f'"{one.issuer}"' for one in validator.issuers if one.issuer][:MOST])
            return f"The token's iss is {shown(claims.get('iss'))}, the validator requires {wanted}.", remedy
        case "token.audience":
            wanted = and_([f'"{one}"' for one in issuer.audience][:MOST])
            return f"The token's aud is {shown(claims.get('aud'))}, the validator requires {wanted}.", remedy
        case "token.expired":
            return f"It expired at {time_of(claims.get('exp'))}.", remedy
        case "token.not-yet":
            return f"It is valid from {time_of(claims.get('nbf'))}.", remedy
        case "token.from-the-future":
            return f"Its iat says it was issued at {time_of(claims.get('iat'))}.", remedy
        case "token.key":
            return f"The token names the key {shown(header.get('kid'))}.", remedy
        case "token.role" | "token.scope":
            needed = validator.roles if code == "token.role" else validator.scopes
            if needed is not None:
                has = shown(_claim(claims, needed.key, is_nested=needed.is_nested))
                words = and_(needed.words[:MOST]) if needed.wants_all else either(needed.words[:MOST])
                return f"The claim {needed.key} is {has}; required: {words}.", remedy
    return "", remedy


def _wanted_of_token(code: str, validator: Validator) -> str:
    """What is asked for, where the token itself is not at hand."""
    needed = {"token.role": validator.roles, "token.scope": validator.scopes}.get(code)
    if needed is None:
        return ""
    words = needed.words[:MOST]
    return f"Required in the claim {needed.key}: {and_(words) if needed.wants_all else either(words)}."


def _claim(claims: Mapping[str, Any], key: str, *, is_nested: bool) -> Any:
    value: Any = claims
    for name in key.split(".") if is_nested else [key]:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _malformed(asked: AskedRequest, validator: Validator) -> str:
    """What stands where the token is looked for, without telling it."""
    scheme, _, rest = next(iter(asked.values(validator.field)), "").strip().partition(" ")
    name = validator.field.title()
    if rest and scheme.lower() != "bearer":
        return f"{name} has the scheme {cut(scheme)}; the validator looks for Bearer."
    text = (rest or scheme).strip()
    count = text.count(".") + 1
    return f"The value of {name} has {count} part{'' if count == 1 else 's'}, not 3." if text and count != 3 else ""


def _needed_claims(asked: AskedRequest, validator: Validator, endpoint: EndpointConfig) -> tuple[str, str]:
    """The claims that the backends' paths have and the token lacks, or all of them where it is not at hand."""
    claims = parts_of(token_of(asked, validator))[1]
    names = [name for one in endpoint.backends for name in backend_placeholders(one.url_pattern)]
    needed = [name.removeprefix("JWT.") for name in dict.fromkeys(names) if name.startswith("JWT.")]
    lacking = [name for name in needed if name not in claims] or needed
    these = "the claim" if len(lacking) == 1 else "the claims"
    return f"The path needs {these} {and_(lacking[:MOST])}.", f"Get a token with {these} {and_(lacking[:MOST])}."
