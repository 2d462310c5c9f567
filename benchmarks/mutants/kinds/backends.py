"""Kinds of mutations of backends: where calls go, what is kept of answers, how they are changed and merged."""

import random
import re

from benchmarks.mutants.changes import added, dropped, flipped, if_there, put, removed, reworded, word
from benchmarks.mutants.mutations import (
    Mutation,
    in_one_of,
    in_space,
    space_dropped,
    space_key,
    with_its_name,
    within_space,
)
from benchmarks.mutants.trees import (
    Tree,
    backends,
    backends_of,
    blocks,
    decoded,
    endpoints,
    merged,
    service,
    with_backends,
)


def _sequential(place: Tree, _: random.Random) -> None:
    if place.get("output_encoding") != "no-op":
        proxy = place.setdefault("extra_config", {}).setdefault("proxy", {})
        proxy["sequential"] = not proxy.get("sequential")


def _pattern_param(place: Tree, _: random.Random) -> None:
    place["url_pattern"] = re.sub(r"\{[^}]*\}", "fixed", str(place.get("url_pattern", "")), count=1)


def _mapped(place: Tree, random_: random.Random) -> None:
    place["mapping"] = {**(place.get("mapping") or {}), "id": word(random_)}


def _target(place: Tree, random_: random.Random) -> None:
    place["target"] = f"{place['target']}.{word(random_)}" if place.get("target") else "data"


BACKENDS: dict[str, Mutation] = {
    "host changed": in_one_of(backends, lambda place, r: place.update(host=[f"http://{word(r)}:8080"])),
    "host added": in_one_of(backends, if_there("host", added("host", lambda r: f"http://{word(r)}:8080"))),
    "service's host changed": in_one_of(
        service, if_there("host", lambda place, r: place.update(host=[f"http://{word(r)}"]))
    ),
    "backend's path changed": in_one_of(
        backends, lambda place, r: place.update(url_pattern=f"/{word(r)}{place.get('url_pattern', '/')}")
    ),
    "backend's path without a parameter": in_one_of(backends, _pattern_param),
    "backend's query added": in_one_of(
        backends, lambda place, r: place.update(url_pattern=f"{place.get('url_pattern', '/')}?{word(r)}=1")
    ),
    "backend's method changed": in_one_of(backends, put("method", "GET", "POST", "PUT", "DELETE")),
    "backend added": in_one_of(
        with_backends, added("backend", lambda r: {"host": ["http://more:80"], "url_pattern": f"/{word(r)}"})
    ),
    "backend removed": in_one_of(merged, removed("backend")),
    "backends reordered": in_one_of(merged, lambda place, _: place["backend"].reverse()),
    "backend's encoding changed": in_one_of(decoded, put("encoding", "json", "safejson", "string", "xml", "no-op")),
    "backend's list or object": in_one_of(decoded, flipped("is_collection")),
    "field kept": with_its_name(decoded, "allow", lambda key: if_there(key, added(key, word))),
    "field kept no longer": with_its_name(decoded, "allow", removed),
    "all fields kept": with_its_name(decoded, "allow", dropped),
    "fields kept alone": with_its_name(decoded, "allow", lambda key: lambda place, r: place.setdefault(key, ["id"])),
    "field dropped": with_its_name(decoded, "deny", lambda key: added(key, lambda r: r.choice(["id", word(r)]))),
    "field no longer dropped": with_its_name(decoded, "deny", removed),
    "mapping added": in_one_of(decoded, _mapped),
    "mapping removed": in_one_of(decoded, removed("mapping")),
    "group changed": in_one_of(decoded, lambda place, r: place.update(group=word(r))),
    "group dropped": in_one_of(decoded, dropped("group")),
    "target changed": in_one_of(decoded, _target),
    "target dropped": in_one_of(decoded, dropped("target")),
    "backend's fields": in_one_of(backends, put("input_headers", ["X-One"], [], ["*"])),
    "backend's queries": in_one_of(backends, put("input_query_strings", ["one"], [], ["*"])),
    "status kept": space_key("backend/http", "return_error_code", True, backends),
    "status details": space_key("backend/http", "return_error_details", "its", backends),
    "status no longer kept": space_dropped("backend/http"),
    "bodies redirected": space_key("backend/http/client", "send_body_on_redirect", True, backends),
    "token client: from elsewhere": in_space("auth/client-credentials", reworded("token_url")),
    "token client: as another": in_space("auth/client-credentials", reworded("client_id")),
    "token client: scopes": in_space("auth/client-credentials", put("scopes", "more", "other")),
    "token client: parameters": in_space(
        "auth/client-credentials", lambda place, r: place.update(endpoint_params={"audience": [word(r)]})
    ),
    "token client dropped": space_dropped("auth/client-credentials"),
    "GraphQL: query changed": in_space("backend/graphql", reworded("query")),
    "GraphQL: kind of call changed": in_space("backend/graphql", put("type", "query", "mutation")),
    "GraphQL: variable dropped": in_space("backend/graphql", removed("variables")),
    "Martian: value changed": within_space("modifier/martian", reworded("value")),
    "Martian: name changed": within_space("modifier/martian", reworded("name")),
    "Martian: modifier removed": within_space("modifier/martian", removed("modifiers")),
    "Martian: names changed": within_space("modifier/martian", reworded("names")),
    "Martian: dropped": space_dropped("modifier/martian"),
    "Lua: script changed": in_one_of(
        lambda tree: [
            block
            for name in ("modifier/lua-endpoint", "modifier/lua-proxy", "modifier/lua-backend")
            for block in blocks(tree, name)
        ],
        dropped("pre", "post"),
    ),
    # -- the ways of merged endpoints
    "sequential switched": in_one_of(merged, _sequential),
    "static data": space_key("proxy", "static", {"strategy": "always", "data": {"static": 1}}, endpoints),
    "static data of errors": space_key("proxy", "static", {"strategy": "errored", "data": {"failed": 1}}, endpoints),
    "static data changed": within_space(
        "proxy", lambda place, r: "data" in place and put("data", {word(r): 1})(place, r)
    ),
    "static data's occasion": within_space(
        "proxy", if_there("strategy", put("strategy", "always", "errored", "complete"))
    ),
    "flatmap step removed": within_space("proxy", removed("flatmap_filter")),
    "flatmap step added": within_space(
        "proxy", added("flatmap_filter", lambda r: {"type": "del", "args": [r.choice(["id", "name"])]})
    ),
    "proxy settings dropped": space_dropped("proxy"),
    "shadow": in_one_of(
        lambda tree: [backends_of(each)[-1] for each in merged(tree)],
        lambda place, _: place.setdefault("extra_config", {}).setdefault("proxy", {"shadow": True}),
    ),
}
