"""Configurations changed at random, beside what people change by mistake: routes that cross, options, data, spelling.

What is in SPELLINGS means the same afterwards.
"""

import copy
import random
from typing import Any

from tests.support.mutated_configurations import (
    MUTATIONS,
    Mutation,
    Tree,
    backends,
    endpoints,
    in_one,
    one,
    put,
    word,
)
from tests.support.older_configurations import name_as_before

PATHS = ("/users/me", "/users/{id}", "/users/{id}/orders", "/users/{id}/{part}", "/me", "/{kind}/{id}", "/orders/{id}")


def _router(key: str, value: Any) -> Mutation:
    def mutate(tree: Tree, _: random.Random) -> bool:
        router = tree.setdefault("extra_config", {}).setdefault("router", {})
        if router.get(key) == value:
            return False
        router[key] = value
        return True

    return mutate


def _endpoint_added(tree: Tree, random_: random.Random) -> bool:
    path, method = one(random_, PATHS), one(random_, ("GET", "GET", "POST", "DELETE"))
    pattern = f"/{word(random_)}" + ("/{id}" if "{id}" in path and random_.random() < 0.6 else "")
    added = {"endpoint": path, "method": method, "backend": [{"url_pattern": pattern}]}
    tree["endpoints"].insert(random_.randrange(len(tree["endpoints"]) + 1), added)
    return True


def _in_proxy(value: Any) -> Mutation:
    return in_one(
        lambda tree: endpoints(tree, lambda each: each.get("output_encoding") != "no-op"),
        lambda place, _: place.setdefault("extra_config", {}).__setitem__("proxy", value),
    )


def _of_backend(key: str, *values: Any) -> Mutation:
    return in_one(backends, put(key, lambda _, r: one(r, values)))


def _of_endpoint(key: str, *values: Any) -> Mutation:
    return in_one(endpoints, put(key, lambda _, r: one(r, values)))


def _of_root(key: str, value: Any) -> Mutation:
    return lambda tree, _: tree.get(key) != value and not tree.update({key: value})


EXPRESSIONS = (
    "req_method == 'GET'",
    "req_method != 'DELETE' && !('X-Nope' in req_headers)",
    "has(resp_data.name)",
    "req_path.startsWith('/users')",
    "'page' in req_querystring || 'X-Trace' in req_headers",
)
BACKEND_EXPRESSIONS = ("req_method == 'PUT'", "resp_data.id != 'none'", "req_method in ['GET', 'POST']")
NETWORKS = ("10.0.0.0/8", "127.0.0.0/8", "10.1.0.0/16")
FLATMAP = ({"type": "del", "args": ["list"]}, {"type": "move", "args": ["name", "title"]})


CHANGES: dict[str, Mutation] = {
    **MUTATIONS,
    "endpoint added": _endpoint_added,
    "endpoint added again": _endpoint_added,
    "endpoint under a parameter": in_one(endpoints, put("endpoint", lambda _, r: one(r, PATHS))),
    "version hidden": _router("hide_version_header", True),
    "options answered": _router("auto_options", True),
    "no slash redirects": _router("disable_redirect_trailing_slash", True),
    "no case redirects": _router("disable_redirect_fixed_path", True),
    "405 is 404": _router("disable_handle_method_not_allowed", True),
    "slashes taken out": _router("remove_extra_slash", True),
    "health elsewhere": _router("health_path", "/alive"),
    "no health": _router("disable_health", True),
    "404 told": _router("error_body", {"404": {"msg": "no"}}),
    "addresses trusted": _router("trusted_proxies", ["10.0.0.0/8"]),
    "debug": _of_root("debug_endpoint", True),
    "echo": _of_root("echo_endpoint", True),
    "service's timeout": _of_root("timeout", "11s"),
    "no compression": _of_root("disable_compression", True),
    "honest errors": lambda tree, _: (
        not tree.setdefault("extra_config", {}).update({"crossgate/errors": {"style": "http"}})
    ),
    "static data": _in_proxy({"static": {"strategy": "always", "data": {"static": True}}}),
    "static data of errors": _in_proxy({"static": {"strategy": "errored", "data": {"failed": True}}}),
    "static data of incomplete answers": _in_proxy({"static": {"strategy": "incomplete", "data": {"failed": True}}}),
    "sequential": _in_proxy({"sequential": True}),
    "encoding": _of_backend("encoding", "json", "safejson", "string", "xml"),
    "collection": _of_backend("is_collection", True),
    "group": _of_backend("group", "one", "two"),
    "target": _of_backend("target", "data", "data.inner"),
    "allow": _of_backend("allow", ["name"], ["name", "mail"], ["name.first"], ["data"]),
    "deny": _of_backend("deny", ["name"], ["mail"], ["name.first"], ["data.secret"]),
    "mapping": _of_backend("mapping", {"name": "title"}, {"nothing": "else"}, {"name": "mail"}),
    "backend's fields": _of_backend("input_headers", ["X-Trace"], ["User-Agent"], ["*"], ["X-Forwarded-For"]),
    "backend's query": _of_backend("input_query_strings", ["page"], ["*"]),
    "output": _of_endpoint("output_encoding", "json", "negotiate", "string", "json-collection"),
    "calls at once": _of_endpoint("concurrent_calls", 1, 2, 3),
    "agents": _of_endpoint("input_headers", ["User-Agent"], ["X-Trace", "User-Agent"], ["Content-Length"]),
    "backends reordered": in_one(
        lambda tree: endpoints(tree, lambda each: len(each["backend"]) > 1), lambda place, _: place["backend"].reverse()
    ),
    "shadow": in_one(
        lambda tree: [each["backend"][-1] for each in endpoints(tree) if len(each["backend"]) > 1],
        lambda place, _: place.setdefault("extra_config", {}).update({"proxy": {"shadow": True}}),
    ),
    "details of errors": in_one(
        backends,
        lambda place, _: place.setdefault("extra_config", {}).update({"backend/http": {"return_error_details": "b"}}),
    ),
    "bodies redirected": in_one(
        backends,
        lambda place, _: place.setdefault("extra_config", {}).update(
            {"backend/http/client": {"send_body_on_redirect": True}}
        ),
    ),
    "expression": in_one(
        endpoints,
        lambda place, r: place.setdefault("extra_config", {}).update(
            {"validation/cel": [{"check_expr": one(r, ["'X-Nope' in req_headers", "'X-None' in req_headers"])}]}
        ),
    ),
    "schema": in_one(
        lambda tree: endpoints(tree, lambda each: each.get("method") == "POST"),
        lambda place, r: place.setdefault("extra_config", {}).update(
            {"validation/json-schema": {"type": one(r, ["array", "object"])}}
        ),
    ),
    "expression that holds or not": in_one(
        endpoints,
        lambda place, r: place.setdefault("extra_config", {}).update(
            {"validation/cel": [{"check_expr": one(r, EXPRESSIONS)} for _ in range(one(r, (1, 2)))]}
        ),
    ),
    "expression of a backend": in_one(
        backends,
        lambda place, r: place.setdefault("extra_config", {}).update(
            {"validation/cel": [{"check_expr": one(r, BACKEND_EXPRESSIONS)}]}
        ),
    ),
    "networks": in_one(
        endpoints,
        lambda place, r: place.setdefault("extra_config", {}).update(
            {
                "plugin/req-resp-modifier": {
                    "name": ["ip-filter"],
                    "ip-filter": {"CIDR": [one(r, NETWORKS)], "allow": one(r, (True, False))},
                }
            }
        ),
    ),
    "CORS of an endpoint": in_one(
        endpoints,
        lambda place, r: place.setdefault("extra_config", {}).update(
            {"crossgate/cors": {"allow_origins": [one(r, ("https://shop.example", "https://evil.example"))]}}
        ),
    ),
    "data moved": in_one(
        backends,
        lambda place, r: place.setdefault("extra_config", {}).update({"proxy": {"flatmap_filter": [one(r, FLATMAP)]}}),
    ),
    "code of errors": in_one(
        backends,
        lambda place, _: place.setdefault("extra_config", {}).update({"backend/http": {"return_error_code": True}}),
    ),
    "hosts": lambda tree, _: (
        not tree.setdefault("extra_config", {}).update({"security/http": {"allowed_hosts": ["gateway.test"]}})
    ),
}


def _renamed(tree: Tree, random_: random.Random) -> bool:
    text = one(random_, endpoints(tree))
    name = word(random_)
    if "{id}" not in text["endpoint"].split("/"):
        return False  # no parameter, or one whose name goes on behind it and that no backend is asked for
    if any(each["endpoint"].startswith("/users/{") and each is not text for each in tree["endpoints"]):
        return False  # gin wants one name at one place
    text["endpoint"] = text["endpoint"].replace("{id}", f"{{{name}}}")
    for each in text["backend"]:
        each["url_pattern"] = each["url_pattern"].replace("{id}", f"{{{name}}}")
    return True


def _shuffled(key: str) -> Mutation:
    def change(place: Tree, random_: random.Random) -> None:
        items = list(place.get(key, ()))
        random_.shuffle(items)
        if items:
            place[key] = items + items[:1]

    return in_one(lambda tree: [tree["extra_config"].get("security/cors", {}), *tree["endpoints"]], change)


def _written(key: str, value: Any) -> Mutation:
    return in_one(
        lambda tree: endpoints(tree, lambda each: key not in each), lambda place, _: place.__setitem__(key, value)
    )


def _endpoints_shuffled(tree: Tree, random_: random.Random) -> bool:
    before = list(tree["endpoints"])
    random_.shuffle(tree["endpoints"])
    return before != tree["endpoints"]


def _keys_shuffled(tree: Tree, random_: random.Random) -> bool:
    items = list(tree.items())
    random_.shuffle(items)
    tree.clear()
    tree.update(items)
    return True


def _roles_shuffled(tree: Tree, _: random.Random) -> bool:
    for each in tree["endpoints"]:
        validator = each.get("extra_config", {}).get("auth/validator")
        if validator and "roles" in validator:
            validator["roles"] = [*reversed(validator["roles"]), validator["roles"][0]]
            return True
    return False


def _expressions_rewritten(tree: Tree, random_: random.Random) -> bool:
    found = [
        each["extra_config"]["validation/cel"]
        for each in (*endpoints(tree), *backends(tree))
        if "validation/cel" in each.get("extra_config", {})
    ]
    for check in (check for checks in found for check in checks):
        text = check["check_expr"].replace("'", '"').replace(" == ", "==").replace(" && ", "  &&\n")
        check["check_expr"] = one(random_, (f"({text})", f"!!({text})", f" {text} ", f"true && {text}"))
    for checks in found:
        checks.extend(checks[:1])
    return bool(found)


def _asked_anyway(tree: Tree, random_: random.Random) -> bool:
    place = one(random_, endpoints(tree, lambda each: "validation/cel" not in each.get("extra_config", {})) or [None])
    if place is None:
        return False
    check = {"check_expr": f"req_method == '{place.get('method', 'GET')}'"}
    place.setdefault("extra_config", {})["validation/cel"] = [check]
    return True


SPELLINGS: dict[str, Mutation] = {
    "expressions rewritten": _expressions_rewritten,
    "expression that holds anyway": _asked_anyway,
    "parameter renamed": _renamed,
    "namespace under its old name": name_as_before,
    "origins shuffled": _shuffled("allow_origins"),
    "headers shuffled": _shuffled("input_headers"),
    "queries shuffled": _shuffled("input_query_strings"),
    "methods shuffled": _shuffled("allow_methods"),
    "method written": _written("method", "GET"),
    "encoding written": _written("output_encoding", "json"),
    "calls written": _written("concurrent_calls", 1),
    "comment": lambda tree, _: not tree.update({"@comment": "what for"}),
    "comment of an endpoint": _written("@comment", "what for"),
    "endpoints shuffled": _endpoints_shuffled,
    "keys shuffled": _keys_shuffled,
    "roles shuffled": _roles_shuffled,
    "timeout in milliseconds": lambda tree, _: tree.get("timeout") == "3s" and not tree.update({"timeout": "3000ms"}),
    "host written": in_one(
        lambda tree: backends(tree, lambda each: "host" not in each),
        lambda place, _: place.__setitem__("host", ["http://shop:8000/"]),
    ),
    "header in other letters": in_one(
        endpoints,
        lambda place, _: place.update({"input_headers": [name.lower() for name in place.get("input_headers", [])]}),
    ),
    "name": lambda tree, r: not tree.update({"name": word(r)}),
}


def changed(tree: Tree, random_: random.Random, kinds: dict[str, Mutation], count: int) -> tuple[list[str], Tree]:
    """A copy with so many changes, as far as there is something to change; and their names."""
    copied = copy.deepcopy(tree)
    names = []
    for _ in range(count):
        name = one(random_, kinds)
        if kinds[name](copied, random_):
            names.append(name)
    return names, copied
