"""Kinds of mutations of what pages may do: origins, methods, fields and credentials of `security/cors`."""

from benchmarks.mutants.changes import Change, added, flipped, if_there, put, removed, times, word
from benchmarks.mutants.mutations import Mutation, in_space, space_added, space_dropped
from benchmarks.mutants.trees import service


def _cors(change: Change) -> Mutation:
    return in_space("security/cors", change)


PAGES: dict[str, Mutation] = {
    "origin added": _cors(added("allow_origins", lambda r: f"https://{word(r)}.example")),
    "pattern of origins added": _cors(added("allow_origins", lambda r: f"https://*.{word(r)}.example")),
    "any origin": _cors(put("allow_origins", ["*"])),
    "origin removed": _cors(removed("allow_origins")),
    "CORS method added": _cors(added("allow_methods", lambda r: r.choice(["PURGE", "LINK", "PATCH", "DELETE"]))),
    "CORS method removed": _cors(removed("allow_methods")),
    "CORS header added": _cors(added("allow_headers", lambda r: f"X-{word(r)}")),
    "CORS header removed": _cors(removed("allow_headers")),
    "CORS header exposed": _cors(added("expose_headers", lambda r: f"X-{word(r)}")),
    "CORS header no longer exposed": _cors(removed("expose_headers")),
    "credentials switched": _cors(flipped("allow_credentials")),
    "max_age raised": _cors(if_there("max_age", times(10, "max_age"))),
    "private network switched": _cors(flipped("allow_private_network")),
    "CORS dropped": space_dropped("security/cors"),
    "CORS added": space_added(service, "security/cors", {"allow_origins": ["*"]}),
}
