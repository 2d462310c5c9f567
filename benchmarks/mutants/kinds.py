"""Mutations as people make them: a guard dropped, a limit raised, a path moved, a field let through.

A mutation gets a copy of a configuration and a random generator, changes the copy, and says whether it found something
to change.
"""

import copy
import random
import re
from collections.abc import Callable
from typing import Any

from benchmarks.mutants.trees import (
    Tree,
    backends,
    backends_of,
    blocks,
    endpoints,
    key_of,
    objects_in,
    owners,
    set_space,
    spaces,
)

Mutation = Callable[[Tree, random.Random], bool]
Change = Callable[[Tree, random.Random], Any]
_DURATION = re.compile(r"(\d+)([a-zµ]+)")


def word(random_: random.Random) -> str:
    return "".join(random_.choices("bcdfghjk", k=5))


def _in(found: Callable[[Tree], list[Tree]], change: Change) -> Mutation:
    """One of the places found that the change does something to."""

    def mutate(tree: Tree, random_: random.Random) -> bool:
        places = found(tree)
        random_.shuffle(places)
        for place in places:
            before = copy.deepcopy(place)
            change(place, random_)
            if place != before:
                return True
        return False

    return mutate


def _space(name: str, change: Change) -> Mutation:
    return _in(lambda tree: blocks(tree, name), change)


def _within(name: str, change: Change) -> Mutation:
    """In one of the objects in such a namespace, at whatever depth."""
    return _in(
        lambda tree: [
            each for owner in owners(tree) for extra, key in spaces(owner, name) for each in objects_in(extra[key])
        ],
        change,
    )


def _put(key: str, *values: Any) -> Change:
    """One of the values that is not there already."""

    def change(place: Tree, random_: random.Random) -> None:
        others = [value for value in values if value != place.get(key)]
        if others:
            place[key] = random_.choice(others)

    return change


def _if_there(key: str, change: Change) -> Change:
    return lambda place, random_: change(place, random_) if key in place else None


def _added(key: str, make: Callable[[random.Random], Any]) -> Change:
    def change(place: Tree, random_: random.Random) -> None:
        there = place.get(key) or []
        if isinstance(there, list):
            place[key] = [*there, make(random_)]

    return change


def _removed(key: str) -> Change:
    """An item of a list or an object."""

    def change(place: Tree, random_: random.Random) -> None:
        there = place.get(key)
        if isinstance(there, list) and there:
            there.pop(random_.randrange(len(there)))
        elif isinstance(there, dict) and there:
            del there[random_.choice(list(there))]

    return change


def _dropped(*keys: str) -> Change:
    def change(place: Tree, random_: random.Random) -> None:
        there = [key for key in keys if key in place]
        if there:
            del place[random_.choice(there)]

    return change


def _times(factor: float, *keys: str) -> Change:
    """A number or a duration as many times as great."""

    def change(place: Tree, random_: random.Random) -> None:
        there = [key for key in keys if key in place]
        random_.shuffle(there)
        for key in there[:1]:
            value = place[key]
            if isinstance(value, str):
                place[key] = _DURATION.sub(lambda match: f"{max(int(int(match[1]) * factor), 1)}{match[2]}", value)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                place[key] = max(type(value)(value * factor), 1)

    return change


def _flipped(*keys: str) -> Change:
    def change(place: Tree, random_: random.Random) -> None:
        key = random_.choice(keys)
        place[key] = not place.get(key)

    return change


def _reworded(key: str) -> Change:
    """Another text in the place of one."""

    def change(place: Tree, random_: random.Random) -> None:
        value = place.get(key)
        if isinstance(value, str):
            place[key] = value + word(random_)
        elif isinstance(value, list) and value and isinstance(value[0], str):
            value[random_.randrange(len(value))] += word(random_)

    return change


def _space_dropped(name: str) -> Mutation:
    def mutate(tree: Tree, random_: random.Random) -> bool:
        found = [place for owner in owners(tree) for place in spaces(owner, name)]
        if not found:
            return False
        extra, key = random_.choice(found)
        del extra[key]
        return True

    return mutate


def _space_added(scope: Callable[[Tree], list[Tree]], name: str, value: Any) -> Mutation:
    def mutate(tree: Tree, random_: random.Random) -> bool:
        places = scope(tree)
        random_.shuffle(places)
        return any(set_space(tree, place, name, copy.deepcopy(value)) for place in places)

    return mutate


def _listed(nodes: Callable[[Tree], list[Tree]], name: str, change: Callable[[str], Change]) -> Mutation:
    """A change of a key that is called otherwise in version 2."""

    def mutate(tree: Tree, random_: random.Random) -> bool:
        return _in(nodes, lambda place, r: change(key_of(tree, place, name))(place, r))(tree, random_)

    return mutate


def _service(tree: Tree) -> list[Tree]:
    return [tree]


def _endpoint_lists(tree: Tree) -> list[Tree]:
    return [tree] if tree.get("endpoints") else []


def _with_backends(tree: Tree) -> list[Tree]:
    return [each for each in endpoints(tree) if backends_of(each)]


def _merged(tree: Tree) -> list[Tree]:
    return [each for each in endpoints(tree) if len(backends_of(each)) > 1]


def _sequential(place: Tree, _: random.Random) -> None:
    if place.get("output_encoding") != "no-op":
        proxy = place.setdefault("extra_config", {}).setdefault("proxy", {})
        proxy["sequential"] = not proxy.get("sequential")


def _decoded(tree: Tree) -> list[Tree]:
    return [
        backend
        for endpoint in endpoints(tree)
        if (endpoint.get("output_encoding") or tree.get("output_encoding")) != "no-op"
        for backend in backends_of(endpoint)
    ]


def _path_letter(place: Tree, random_: random.Random) -> None:
    parts = [each for each in re.split(r"(\{[^}]*\}|\*\w*|/)", place["endpoint"]) if each]
    plain = [number for number, each in enumerate(parts) if each[0] not in "{*/"]
    if plain:
        number = random_.choice(plain)
        parts[number] += random_.choice("bcd")
        place["endpoint"] = "".join(parts)


def _pattern_param(place: Tree, _: random.Random) -> None:
    place["url_pattern"] = re.sub(r"\{[^}]*\}", "fixed", str(place.get("url_pattern", "")), count=1)


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

    return _within("validation/cel", changed)


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


def _mapped(place: Tree, random_: random.Random) -> None:
    place["mapping"] = {**(place.get("mapping") or {}), "id": word(random_)}


def _target(place: Tree, random_: random.Random) -> None:
    place["target"] = f"{place['target']}.{word(random_)}" if place.get("target") else "data"


def _space_key(name: str, key: str, value: Any, scope: Callable[[Tree], list[Tree]]) -> Mutation:
    """A key put into a namespace, which is made where it is not there."""

    def change(tree: Tree, random_: random.Random) -> bool:
        places = scope(tree)
        random_.shuffle(places)
        for place in places:
            if set_space(tree, place, name, {key: value}):
                return True
            for extra, written in spaces(place, name):
                block = extra[written]
                if isinstance(block, dict) and block.get(key) != value:
                    block[key] = value
                    return True
        return False

    return change


_VALIDATOR = "auth/validator"
_KEYS = "auth/api-keys"
_ROUTER_LIMIT, _PROXY_LIMIT = "qos/ratelimit/router", "qos/ratelimit/proxy"
_SERVICE_LIMIT, _TIERED = "qos/ratelimit/service", "qos/ratelimit/tiered"
_BREAKER = "qos/circuit-breaker"
_SCHEMA = "validation/json-schema"
_MODIFIERS = "plugin/req-resp-modifier"
GUARDS = (_VALIDATOR, _KEYS, "auth/basic", "security/bot-detector", "validation/cel", _SCHEMA, "security/http")


def _cors(change: Change) -> Mutation:
    return _space("security/cors", change)


KINDS: dict[str, Mutation] = {
    # -- what pages may do
    "origin added": _cors(_added("allow_origins", lambda r: f"https://{word(r)}.example")),
    "pattern of origins added": _cors(_added("allow_origins", lambda r: f"https://*.{word(r)}.example")),
    "any origin": _cors(_put("allow_origins", ["*"])),
    "origin removed": _cors(_removed("allow_origins")),
    "CORS method added": _cors(_added("allow_methods", lambda r: r.choice(["PURGE", "LINK", "PATCH", "DELETE"]))),
    "CORS method removed": _cors(_removed("allow_methods")),
    "CORS header added": _cors(_added("allow_headers", lambda r: f"X-{word(r)}")),
    "CORS header removed": _cors(_removed("allow_headers")),
    "CORS header exposed": _cors(_added("expose_headers", lambda r: f"X-{word(r)}")),
    "CORS header no longer exposed": _cors(_removed("expose_headers")),
    "credentials switched": _cors(_flipped("allow_credentials")),
    "max_age raised": _cors(_if_there("max_age", _times(10, "max_age"))),
    "private network switched": _cors(_flipped("allow_private_network")),
    "CORS dropped": _space_dropped("security/cors"),
    "CORS added": _space_added(_service, "security/cors", {"allow_origins": ["*"]}),
    # -- guards
    **{f"{name} dropped": _space_dropped(name) for name in GUARDS},
    "token: role added": _space(_VALIDATOR, _if_there("roles", _added("roles", word))),
    "token: role dropped": _space(_VALIDATOR, _removed("roles")),
    "token: roles dropped": _space(_VALIDATOR, _dropped("roles")),
    "token: roles asked for": _space(_VALIDATOR, lambda place, r: place.setdefault("roles", [word(r)])),
    "token: roles' claim changed": _space(
        _VALIDATOR, lambda place, r: "roles" in place and _put("roles_key", word(r))(place, r)
    ),
    "token: scopes dropped": _space(_VALIDATOR, _dropped("scopes")),
    "token: scopes asked for": _space(_VALIDATOR, lambda place, r: place.setdefault("scopes", [word(r)])),
    "token: scopes' matcher changed": _space(_VALIDATOR, _if_there("scopes", _put("scopes_matcher", "any", "all"))),
    "token: audience dropped": _space(_VALIDATOR, _dropped("audience")),
    "token: audience added": _space(_VALIDATOR, _if_there("audience", _added("audience", word))),
    "token: audience asked for": _space(_VALIDATOR, lambda place, r: place.setdefault("audience", [word(r)])),
    "token: issuer dropped": _space(_VALIDATOR, _dropped("issuer")),
    "token: issuer changed": _space(_VALIDATOR, _if_there("issuer", _reworded("issuer"))),
    "token: algorithm changed": _space(_VALIDATOR, _put("alg", "RS256", "ES256", "PS512", "RS512", "HS256")),
    "token: keys from elsewhere": _space(_VALIDATOR, _reworded("jwk_url")),
    "token: cookie read": _space(_VALIDATOR, lambda place, r: place.update({"cookie_key": word(r)})),
    "token: claim passed on": _space(_VALIDATOR, _claims),
    "token: claims no longer passed on": _space(_VALIDATOR, _dropped("propagate_claims")),
    "token: keys kept or not": _space(_VALIDATOR, _flipped("cache")),
    "token: field renamed": _space(_VALIDATOR, lambda place, r: place.update({"auth_header_name": f"X-{word(r)}"})),
    "signer: what is signed": _space("auth/signer", _removed("keys_to_sign")),
    "signer: algorithm or key changed": _space("auth/signer", _reworded("kid")),
    "key: roles dropped": _space(_KEYS, _dropped("roles")),
    "key: role added": _space(_KEYS, _added("roles", word)),
    "key: another key": _space(_KEYS, _key_added),
    "key: a key's role added": _space(_KEYS, _of_keys(_added("roles", word))),
    "key: a key's role removed": _space(_KEYS, _of_keys(_removed("roles"))),
    "key: a key changed": _space(_KEYS, _of_keys(_reworded("key"))),
    "key: read elsewhere": _space(_KEYS, _if_there("keys", _put("strategy", "header", "query_string"))),
    "key: named otherwise": _space(_KEYS, _reworded("identifier")),
    "basic: a user more": _space("auth/basic", _user_added),
    "basic: a user removed": _space("auth/basic", _removed("users")),
    "revoker: lifetime raised": _space("auth/revoker", _times(10, "TTL")),
    "revoker: claim added": _space("auth/revoker", _added("token_keys", word)),
    "revoker: dropped": _space_dropped("auth/revoker"),
    "bots: one let in": _space("security/bot-detector", _removed("deny")),
    "bots: a pattern less": _space("security/bot-detector", _removed("patterns")),
    "bots: one allowed": _space("security/bot-detector", _added("allow", word)),
    "bots: one denied": _space("security/bot-detector", _added("deny", word)),
    "bots: no name": _space("security/bot-detector", _flipped("empty_user_agent_is_bot")),
    "addresses widened": _within(_MODIFIERS, _widened),
    "addresses' sense turned": _within(_MODIFIERS, _if_there("CIDR", _flipped("allow"))),
    "addresses widened (service)": _within("plugin/http-server", _widened),
    "CEL: one removed": _check_removed,
    "CEL: weakened": _checks(lambda text, _: f"({text}) || true"),
    "CEL: operator changed": _checks(_operator),
    "CEL: literal changed": _checks(_literal),
    "schema: property removed": _within(_SCHEMA, _removed("properties")),
    "schema: no longer required": _within(_SCHEMA, _removed("required")),
    "schema: bound widened": _within(_SCHEMA, _bound),
    "schema: type dropped": _within(_SCHEMA, lambda place, _: isinstance(place.get("type"), str) and place.pop("type")),
    "schema: more let in": _within(_SCHEMA, _if_there("properties", _flipped("additionalProperties"))),
    "hosts: one added": _space("security/http", _added("allowed_hosts", lambda r: f"{word(r)}.example")),
    "hosts: one removed": _space("security/http", _removed("allowed_hosts")),
    "https: redirect switched": _space("security/http", _flipped("ssl_redirect")),
    "https: how long": _space("security/http", _times(10, "sts_seconds")),
    "security fields switched": _space(
        "security/http", _flipped("frame_deny", "content_type_nosniff", "browser_xss_filter")
    ),
    # -- limits and memory
    "limit raised": _space(_ROUTER_LIMIT, _times(3, "max_rate", "capacity")),
    "limit lowered": _space(_ROUTER_LIMIT, _times(0.4, "max_rate", "capacity")),
    "limit for all dropped": _space(_ROUTER_LIMIT, _dropped("max_rate")),
    "client's limit raised": _space(_ROUTER_LIMIT, _times(3, "client_max_rate", "client_capacity")),
    "client's limit dropped": _space(_ROUTER_LIMIT, _dropped("client_max_rate")),
    "limit's strategy changed": _space(
        _ROUTER_LIMIT,
        lambda place, r: "strategy" in place and place.update(strategy="header" if place["strategy"] == "ip" else "ip"),
    ),
    "limit's time changed": _space(_ROUTER_LIMIT, _put("every", "1m", "10s")),
    "limit dropped": _space_dropped(_ROUTER_LIMIT),
    "limit added": _space_added(endpoints, _ROUTER_LIMIT, {"max_rate": 50}),
    "backend's limit raised": _space(_PROXY_LIMIT, _times(3, "max_rate", "capacity")),
    "backend's limit dropped": _space_dropped(_PROXY_LIMIT),
    "service's limit raised": _within(_SERVICE_LIMIT, _times(3, "max_rate", "capacity")),
    "service's limit dropped": _space_dropped(_SERVICE_LIMIT),
    "tier's limit raised": _within(_TIERED, _times(3, "max_rate", "capacity", "client_max_rate")),
    "breaker dropped": _space_dropped(_BREAKER),
    "breaker: patience raised": _space(_BREAKER, _times(3, "max_errors")),
    "breaker: open for longer": _space(_BREAKER, _times(3, "timeout")),
    "breaker: counts for longer": _space(_BREAKER, _times(3, "interval")),
    "breaker added": _space_added(backends, _BREAKER, {"interval": 60, "timeout": 10, "max_errors": 1}),
    "cache added": _space_added(backends, "qos/http-cache", {}),
    "cache dropped": _space_dropped("qos/http-cache"),
    "cache shared": _space("qos/http-cache", _flipped("shared")),
    # -- endpoints
    "path changed": _in(endpoints, _path_letter),
    "path longer": _in(endpoints, lambda place, r: place.update(endpoint=f"{place['endpoint'].rstrip('/')}/{word(r)}")),
    "endpoint removed": _in(_endpoint_lists, _removed("endpoints")),
    "endpoint added": _in(
        _endpoint_lists,
        _added("endpoints", lambda r: {"endpoint": f"/{word(r)}", "backend": [{"url_pattern": "/more"}]}),
    ),
    "method changed": _in(endpoints, _put("method", "GET", "POST", "PUT", "DELETE")),
    "timeout lengthened": _in(endpoints, _if_there("timeout", _times(3, "timeout"))),
    "timeout shortened": _in(endpoints, _if_there("timeout", _times(0.3, "timeout"))),
    "timeout put": _in(endpoints, _put("timeout", "7s", "900ms")),
    "service's timeout changed": _in(_service, _put("timeout", "9s", "700ms")),
    "cache_ttl changed": _in(endpoints, _put("cache_ttl", "77s", "1h")),
    "service's cache_ttl changed": _in(_service, _put("cache_ttl", "77s", "1h")),
    "header let through": _listed(endpoints, "input_headers", lambda key: _added(key, lambda r: f"X-{word(r)}")),
    "known header let through": _listed(
        endpoints,
        "input_headers",
        lambda key: _added(key, lambda r: r.choice(["Authorization", "Cookie", "Content-Type", "User-Agent", "Host"])),
    ),
    "every header let through": _listed(endpoints, "input_headers", lambda key: _put(key, ["*"])),
    "header held back": _listed(endpoints, "input_headers", _removed),
    "query let through": _listed(endpoints, "input_query_strings", lambda key: _added(key, word)),
    "every query let through": _listed(endpoints, "input_query_strings", lambda key: _put(key, ["*"])),
    "query held back": _listed(endpoints, "input_query_strings", _removed),
    "output encoding changed": _in(
        endpoints, _put("output_encoding", "json", "no-op", "negotiate", "string", "json-collection")
    ),
    "service's output encoding changed": _in(_service, _put("output_encoding", "json", "no-op", "string")),
    "calls at once": _in(endpoints, _put("concurrent_calls", 2, 3)),
    # -- backends
    "host changed": _in(backends, lambda place, r: place.update(host=[f"http://{word(r)}:8080"])),
    "host added": _in(backends, _if_there("host", _added("host", lambda r: f"http://{word(r)}:8080"))),
    "service's host changed": _in(
        _service, _if_there("host", lambda place, r: place.update(host=[f"http://{word(r)}"]))
    ),
    "backend's path changed": _in(
        backends, lambda place, r: place.update(url_pattern=f"/{word(r)}{place.get('url_pattern', '/')}")
    ),
    "backend's path without a parameter": _in(backends, _pattern_param),
    "backend's query added": _in(
        backends, lambda place, r: place.update(url_pattern=f"{place.get('url_pattern', '/')}?{word(r)}=1")
    ),
    "backend's method changed": _in(backends, _put("method", "GET", "POST", "PUT", "DELETE")),
    "backend added": _in(
        _with_backends, _added("backend", lambda r: {"host": ["http://more:80"], "url_pattern": f"/{word(r)}"})
    ),
    "backend removed": _in(_merged, _removed("backend")),
    "backends reordered": _in(_merged, lambda place, _: place["backend"].reverse()),
    "backend's encoding changed": _in(_decoded, _put("encoding", "json", "safejson", "string", "xml", "no-op")),
    "backend's list or object": _in(_decoded, _flipped("is_collection")),
    "field kept": _listed(_decoded, "allow", lambda key: _if_there(key, _added(key, word))),
    "field kept no longer": _listed(_decoded, "allow", _removed),
    "all fields kept": _listed(_decoded, "allow", _dropped),
    "fields kept alone": _listed(_decoded, "allow", lambda key: lambda place, r: place.setdefault(key, ["id"])),
    "field dropped": _listed(_decoded, "deny", lambda key: _added(key, lambda r: r.choice(["id", word(r)]))),
    "field no longer dropped": _listed(_decoded, "deny", _removed),
    "mapping added": _in(_decoded, _mapped),
    "mapping removed": _in(_decoded, _removed("mapping")),
    "group changed": _in(_decoded, lambda place, r: place.update(group=word(r))),
    "group dropped": _in(_decoded, _dropped("group")),
    "target changed": _in(_decoded, _target),
    "target dropped": _in(_decoded, _dropped("target")),
    "backend's fields": _in(backends, _put("input_headers", ["X-One"], [], ["*"])),
    "backend's queries": _in(backends, _put("input_query_strings", ["one"], [], ["*"])),
    "status kept": _space_key("backend/http", "return_error_code", True, backends),
    "status details": _space_key("backend/http", "return_error_details", "its", backends),
    "status no longer kept": _space_dropped("backend/http"),
    "bodies redirected": _space_key("backend/http/client", "send_body_on_redirect", True, backends),
    "token client: from elsewhere": _space("auth/client-credentials", _reworded("token_url")),
    "token client: as another": _space("auth/client-credentials", _reworded("client_id")),
    "token client: scopes": _space("auth/client-credentials", _put("scopes", "more", "other")),
    "token client: parameters": _space(
        "auth/client-credentials", lambda place, r: place.update(endpoint_params={"audience": [word(r)]})
    ),
    "token client dropped": _space_dropped("auth/client-credentials"),
    "GraphQL: query changed": _space("backend/graphql", _reworded("query")),
    "GraphQL: kind of call changed": _space("backend/graphql", _put("type", "query", "mutation")),
    "GraphQL: variable dropped": _space("backend/graphql", _removed("variables")),
    "Martian: value changed": _within("modifier/martian", _reworded("value")),
    "Martian: name changed": _within("modifier/martian", _reworded("name")),
    "Martian: modifier removed": _within("modifier/martian", _removed("modifiers")),
    "Martian: names changed": _within("modifier/martian", _reworded("names")),
    "Martian: dropped": _space_dropped("modifier/martian"),
    "Lua: script changed": _in(
        lambda tree: [
            block
            for name in ("modifier/lua-endpoint", "modifier/lua-proxy", "modifier/lua-backend")
            for block in blocks(tree, name)
        ],
        _dropped("pre", "post"),
    ),
    # -- the ways of merged endpoints
    "sequential switched": _in(_merged, _sequential),
    "static data": _space_key("proxy", "static", {"strategy": "always", "data": {"static": 1}}, endpoints),
    "static data of errors": _space_key("proxy", "static", {"strategy": "errored", "data": {"failed": 1}}, endpoints),
    "static data changed": _within("proxy", lambda place, r: "data" in place and _put("data", {word(r): 1})(place, r)),
    "static data's occasion": _within(
        "proxy", _if_there("strategy", _put("strategy", "always", "errored", "complete"))
    ),
    "flatmap step removed": _within("proxy", _removed("flatmap_filter")),
    "flatmap step added": _within(
        "proxy", _added("flatmap_filter", lambda r: {"type": "del", "args": [r.choice(["id", "name"])]})
    ),
    "proxy settings dropped": _space_dropped("proxy"),
    "shadow": _in(
        lambda tree: [backends_of(each)[-1] for each in _merged(tree)],
        lambda place, _: place.setdefault("extra_config", {}).setdefault("proxy", {"shadow": True}),
    ),
    # -- the service
    **{
        f"router: {key}": _space_key("router", key, value, _service)
        for key, value in {
            "return_error_msg": True,
            "hide_version_header": True,
            "auto_options": True,
            "disable_redirect_trailing_slash": True,
            "disable_redirect_fixed_path": True,
            "disable_handle_method_not_allowed": True,
            "remove_extra_slash": True,
            "disable_health": True,
            "health_path": "/alive",
            "forwarded_by_client_ip": True,
            "disable_path_decoding": True,
            "error_body": {"404": {"msg": "no"}},
        }.items()
    },
    "debug endpoint": _in(_service, _flipped("debug_endpoint")),
    "echo endpoint": _in(_service, _flipped("echo_endpoint")),
    "honest errors": _space_key("crossgate/errors", "style", "http", _service),
    "REST no longer asked for": _in(_service, _flipped("disable_rest")),
    "settings of connections": _in(_service, _put("idle_timeout", "7s", "9s")),
}


BY_LISTS = frozenset(
    (
        *("origin added", "pattern of origins added", "CORS method added", "CORS header added"),
        *("token: role added", "token: keys from elsewhere", "token: keys kept or not", "token: cookie read"),
        *("token: field renamed", "signer: what is signed", "signer: algorithm or key changed"),
        *("key: another key", "key: role added", "key: a key changed", "key: a key's role added"),
        *("key: a key's role removed", "basic: a user more", "basic: a user removed"),
        *("revoker: lifetime raised", "revoker: claim added", "revoker: dropped"),
        *("bots: one allowed", "bots: one denied", "hosts: one added", "limit added", "endpoint added"),
        *(
            "header let through",
            "query let through",
            "field kept",
            "token: claim passed on",
            "cache shared",
            "router: hide_version_header",
        ),
        *("token client: as another", "token client: scopes", "token client: parameters", "bodies redirected"),
    )
)
"""Kinds that no request is to notice: more may pass under a name that nobody can guess, or only others hear of it."""


def mutated(tree: Tree, mutate: Mutation, seed: int) -> Tree | None:
    """A copy with that change; None where there is nothing to change."""
    changed = copy.deepcopy(tree)
    try:
        is_changed = mutate(changed, random.Random(seed))
    except (TypeError, AttributeError, ValueError):  # what stands there is of another type than it is to be
        return None
    return changed if is_changed and changed != tree else None
