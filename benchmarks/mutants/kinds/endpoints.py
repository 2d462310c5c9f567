"""Kinds of mutations of endpoints: paths, methods, times, what they let through to backends, and how they encode."""

import random
import re

from benchmarks.mutants.changes import added, if_there, put, removed, times, word
from benchmarks.mutants.mutations import Mutation, in_one_of, with_its_name
from benchmarks.mutants.trees import Tree, endpoints, service, with_endpoints


def _path_letter(place: Tree, random_: random.Random) -> None:
    parts = [each for each in re.split(r"(\{[^}]*\}|\*\w*|/)", place["endpoint"]) if each]
    plain = [number for number, each in enumerate(parts) if each[0] not in "{*/"]
    if plain:
        number = random_.choice(plain)
        parts[number] += random_.choice("bcd")
        place["endpoint"] = "".join(parts)


ENDPOINTS: dict[str, Mutation] = {
    "path changed": in_one_of(endpoints, _path_letter),
    "path longer": in_one_of(
        endpoints, lambda place, r: place.update(endpoint=f"{place['endpoint'].rstrip('/')}/{word(r)}")
    ),
    "endpoint removed": in_one_of(with_endpoints, removed("endpoints")),
    "endpoint added": in_one_of(
        with_endpoints,
        added("endpoints", lambda r: {"endpoint": f"/{word(r)}", "backend": [{"url_pattern": "/more"}]}),
    ),
    "method changed": in_one_of(endpoints, put("method", "GET", "POST", "PUT", "DELETE")),
    "timeout lengthened": in_one_of(endpoints, if_there("timeout", times(3, "timeout"))),
    "timeout shortened": in_one_of(endpoints, if_there("timeout", times(0.3, "timeout"))),
    "timeout put": in_one_of(endpoints, put("timeout", "7s", "900ms")),
    "service's timeout changed": in_one_of(service, put("timeout", "9s", "700ms")),
    "cache_ttl changed": in_one_of(endpoints, put("cache_ttl", "77s", "1h")),
    "service's cache_ttl changed": in_one_of(service, put("cache_ttl", "77s", "1h")),
    "header let through": with_its_name(endpoints, "input_headers", lambda key: added(key, lambda r: f"X-{word(r)}")),
    "known header let through": with_its_name(
        endpoints,
        "input_headers",
        lambda key: added(key, lambda r: r.choice(["Authorization", "Cookie", "Content-Type", "User-Agent", "Host"])),
    ),
    "every header let through": with_its_name(endpoints, "input_headers", lambda key: put(key, ["*"])),
    "header held back": with_its_name(endpoints, "input_headers", removed),
    "query let through": with_its_name(endpoints, "input_query_strings", lambda key: added(key, word)),
    "every query let through": with_its_name(endpoints, "input_query_strings", lambda key: put(key, ["*"])),
    "query held back": with_its_name(endpoints, "input_query_strings", removed),
    "output encoding changed": in_one_of(
        endpoints, put("output_encoding", "json", "no-op", "negotiate", "string", "json-collection")
    ),
    "service's output encoding changed": in_one_of(service, put("output_encoding", "json", "no-op", "string")),
    "calls at once": in_one_of(endpoints, put("concurrent_calls", 2, 3)),
}
