"""Which line decides about tokens: the validator's, or that of the provider whose token it is. Knows documents.

Source of the order: `components/jwt/config.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crossgate.config.document import Document, EndpointNode, Namespace
from crossgate.diagnostics.path import child
from crossgate.explain.keyed import key_in

VALIDATOR, OWN = "auth/validator", "crossgate/auth"
_OF_ISSUERS = frozenset(
    f"token.{word}"
    for word in (
        "none-holds", "alg", "key", "signature", "claim", "issuer", "audience", "not-yet", "expired", "from-the-future"
    )
)  # fmt: skip
"""What is a token's issuer's to decide, not the endpoint's."""


@dataclass(frozen=True, slots=True)
class TokenGuard:
    """What guards an endpoint: `validator` is the object with roles, scopes and where tokens are, `issuers` are those
    with keys, algorithm and audience: the validator itself, or providers. `choice` is the path of the providers' list.
    """

    validator: Namespace
    issuers: tuple[Namespace, ...]
    choice: str = ""


def token_guard(node: EndpointNode, document: Document) -> TokenGuard | None:
    """That of an endpoint; None where it has none."""
    service = document.service.namespaces
    own, chosen, of_service = node.namespaces.get(VALIDATOR), node.namespaces.get(OWN), service.get(OWN)
    names_path, names = ("", None) if chosen is None else key_in(chosen, "providers")
    providers = tuple(_providers(of_service))
    if chosen is not None and isinstance(names, list) and names:
        picked = tuple(one for one in providers if one.written in names)
        return TokenGuard(own or chosen, picked, names_path)
    if own is not None:
        return TokenGuard(own, (own,))
    if of_service is not None:
        path, value = key_in(of_service, "validator")
        if path:
            validator = replace(of_service, path=path, value=value)
            return TokenGuard(validator, (validator,))
    whole = service.get(VALIDATOR)
    if whole is not None:
        return TokenGuard(whole, (whole,))
    return None if of_service is None or not providers else TokenGuard(of_service, providers, _list_of(of_service))


def token_place(code: str, guard: TokenGuard, keys: tuple[str, ...], claims: Mapping[str, Any]) -> str:
    """The path of what decides. `keys` are those that the reason is about, `claims` what the token says, if it is
    there."""
    space = guard.validator
    if code == "token.issuer-unknown":
        return guard.choice or guard.validator.path
    if code in _OF_ISSUERS:
        issuer = _issuer(guard, claims)
        if issuer is None:
            return guard.choice or guard.validator.path
        space = issuer
    for key in keys:
        path, _ = key_in(space, key)
        if path:
            return path
    return space.path


def _issuer(guard: TokenGuard, claims: Mapping[str, Any]) -> Namespace | None:
    if len(guard.issuers) == 1:
        return guard.issuers[0]
    return next((one for one in guard.issuers if key_in(one, "issuer")[1] == claims.get("iss", "")), None)


def _providers(space: Namespace | None) -> Iterator[Namespace]:
    """The service's, each `written` under its name."""
    path, listed = ("", None) if space is None else key_in(space, "providers")
    for position, value in enumerate(listed if isinstance(listed, list) else ()):
        one = Namespace(OWN, "", child(path, position), value)
        name = key_in(one, "name")[1] or key_in(one, "issuer")[1]
        yield replace(one, written=str(name))


def _list_of(space: Namespace) -> str:
    return key_in(space, "providers")[0]
