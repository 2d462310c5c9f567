"""Kinds of mutations of guards: tokens, keys, passwords, bots, addresses, expressions, schemas, hosts.

Does not know of CORS, nor of limits.
"""

import random
import re
from collections.abc import Callable

from benchmarks.mutants.changes import (
    Change,
    added,
    asked_for,
    dropped,
    flipped,
    if_there,
    put,
    removed,
    reworded,
    times,
    word,
)
from benchmarks.mutants.mutations import Mutation, in_space, space_dropped, within_space
from benchmarks.mutants.trees import Tree, owners, spaces

_VALIDATOR = "auth/validator"
_KEYS = "auth/api-keys"
_SCHEMA = "validation/json-schema"
_MODIFIERS = "plugin/req-resp-modifier"
_NAMES = (_VALIDATOR, _KEYS, "auth/basic", "security/bot-detector", "validation/cel", _SCHEMA, "security/http")


def _widened(place: Tree, _: random.Random) -> None:
    ranges = place.get("CIDR")
    if isinstance(ranges, list) and ranges and isinstance(ranges[0], str):
        address, _, length = ranges[0].partition("/")
        ranges[0] = f"{address}/{max(int(length or 32) - 8, 0)}"


def _claims(place: Tree, random_: random.Random) -> None:
    place["propagate_claims"] = [*(place.get("propagate_claims") or []), ["sub", f"x-{word(random_)}"]]


def _key_added(place: Tree, random_: random.Random) -> None:
    keys = place.get("keys")
    if isinstance(keys, list) and keys:
        keys.append({**keys[0], "key": word(random_)})


def _of_keys(change: Change) -> Change:
    def changed(place: Tree, random_: random.Random) -> None:
        keys = [each for each in place.get("keys") or () if isinstance(each, dict)]
        if keys:
            change(random_.choice(keys), random_)

    return changed


def _user_added(place: Tree, random_: random.Random) -> None:
    users = place.get("users")
    if isinstance(users, dict) and users:
        users[word(random_)] = next(iter(users.values()))


def _checks(change: Callable[[str, random.Random], str]) -> Mutation:
    def changed(place: Tree, random_: random.Random) -> None:
        if isinstance(place.get("check_expr"), str):
            place["check_expr"] = change(place["check_expr"], random_)

    return within_space("validation/cel", changed)


def _operator(text: str, _: random.Random) -> str:
    for one, other in (("==", "!="), ("<=", "<"), (">=", ">"), ("&&", "||"), ("||", "&&"), ("<", "<="), (">", ">=")):
        if one in text:
            return text.replace(one, other, 1)
    return text


def _literal(text: str, _: random.Random) -> str:
    changed = re.sub(r"'([^']*)'", r"'\1x'", text, count=1)
    return changed if changed != text else re.sub(r"(?<!\w)(\d+)", lambda match: str(int(match[1]) + 1), text, count=1)


def _check_removed(tree: Tree, random_: random.Random) -> bool:
    found = [extra[key] for owner in owners(tree) for extra, key in spaces(owner, "validation/cel")]
    found = [each for each in found if isinstance(each, list) and len(each) > 1]
    if not found:
        return False
    checks = random_.choice(found)
    checks.pop(random_.randrange(len(checks)))
    return True


def _bound(place: Tree, random_: random.Random) -> None:
    names = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "exclusiveMinimum")
    there = [name for name in names if isinstance(place.get(name), int)]
    if there:
        name = random_.choice(there)
        place[name] += 1 if "max" in name.lower() else -1 if place[name] > 0 else 1


GUARDS: dict[str, Mutation] = {
    **{f"{name} dropped": space_dropped(name) for name in _NAMES},
    "token: role added": in_space(_VALIDATOR, if_there("roles", added("roles", word))),
    "token: role dropped": in_space(_VALIDATOR, removed("roles")),
    "token: roles dropped": in_space(_VALIDATOR, dropped("roles")),
    "token: roles asked for": in_space(_VALIDATOR, asked_for("roles")),
    "token: roles' claim changed": in_space(
        _VALIDATOR, if_there("roles", lambda place, r: put("roles_key", word(r))(place, r))
    ),
    "token: scopes dropped": in_space(_VALIDATOR, dropped("scopes")),
    "token: scopes asked for": in_space(_VALIDATOR, asked_for("scopes")),
    "token: scopes' matcher changed": in_space(_VALIDATOR, if_there("scopes", put("scopes_matcher", "any", "all"))),
    "token: audience dropped": in_space(_VALIDATOR, dropped("audience")),
    "token: audience added": in_space(_VALIDATOR, if_there("audience", added("audience", word))),
    "token: audience asked for": in_space(_VALIDATOR, asked_for("audience")),
    "token: issuer dropped": in_space(_VALIDATOR, dropped("issuer")),
    "token: issuer changed": in_space(_VALIDATOR, if_there("issuer", reworded("issuer"))),
    "token: algorithm changed": in_space(_VALIDATOR, put("alg", "RS256", "ES256", "PS512", "RS512", "HS256")),
    "token: keys from elsewhere": in_space(_VALIDATOR, reworded("jwk_url")),
    "token: cookie read": in_space(_VALIDATOR, lambda place, r: place.update({"cookie_key": word(r)})),
    "token: claim passed on": in_space(_VALIDATOR, _claims),
    "token: claims no longer passed on": in_space(_VALIDATOR, dropped("propagate_claims")),
    "token: keys kept or not": in_space(_VALIDATOR, flipped("cache")),
    "token: field renamed": in_space(_VALIDATOR, lambda place, r: place.update({"auth_header_name": f"X-{word(r)}"})),
    "signer: what is signed": in_space("auth/signer", removed("keys_to_sign")),
    "signer: algorithm or key changed": in_space("auth/signer", reworded("kid")),
    "key: roles dropped": in_space(_KEYS, dropped("roles")),
    "key: role added": in_space(_KEYS, added("roles", word)),
    "key: another key": in_space(_KEYS, _key_added),
    "key: a key's role added": in_space(_KEYS, _of_keys(added("roles", word))),
    "key: a key's role removed": in_space(_KEYS, _of_keys(removed("roles"))),
    "key: a key changed": in_space(_KEYS, _of_keys(reworded("key"))),
    "key: read elsewhere": in_space(_KEYS, if_there("keys", put("strategy", "header", "query_string"))),
    "key: named otherwise": in_space(_KEYS, reworded("identifier")),
    "basic: a user more": in_space("auth/basic", _user_added),
    "basic: a user removed": in_space("auth/basic", removed("users")),
    "revoker: lifetime raised": in_space("auth/revoker", times(10, "TTL")),
    "revoker: claim added": in_space("auth/revoker", added("token_keys", word)),
    "revoker: dropped": space_dropped("auth/revoker"),
    "bots: one let in": in_space("security/bot-detector", removed("deny")),
    "bots: a pattern less": in_space("security/bot-detector", removed("patterns")),
    "bots: one allowed": in_space("security/bot-detector", added("allow", word)),
    "bots: one denied": in_space("security/bot-detector", added("deny", word)),
    "bots: no name": in_space("security/bot-detector", flipped("empty_user_agent_is_bot")),
    "addresses widened": within_space(_MODIFIERS, _widened),
    "addresses' sense turned": within_space(_MODIFIERS, if_there("CIDR", flipped("allow"))),
    "addresses widened (service)": within_space("plugin/http-server", _widened),
    "CEL: one removed": _check_removed,
    "CEL: weakened": _checks(lambda text, _: f"({text}) || true"),
    "CEL: operator changed": _checks(_operator),
    "CEL: literal changed": _checks(_literal),
    "schema: property removed": within_space(_SCHEMA, removed("properties")),
    "schema: no longer required": within_space(_SCHEMA, removed("required")),
    "schema: bound widened": within_space(_SCHEMA, _bound),
    "schema: type dropped": within_space(
        _SCHEMA, lambda place, _: isinstance(place.get("type"), str) and place.pop("type")
    ),
    "schema: more let in": within_space(_SCHEMA, if_there("properties", flipped("additionalProperties"))),
    "hosts: one added": in_space("security/http", added("allowed_hosts", lambda r: f"{word(r)}.example")),
    "hosts: one removed": in_space("security/http", removed("allowed_hosts")),
    "https: redirect switched": in_space("security/http", flipped("ssl_redirect")),
    "https: how long": in_space("security/http", times(10, "sts_seconds")),
    "security fields switched": in_space(
        "security/http", flipped("frame_deny", "content_type_nosniff", "browser_xss_filter")
    ),
}
