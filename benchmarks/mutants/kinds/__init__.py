"""Mutations as people make them: a guard dropped, a limit raised, a path moved, a field let through.

Has the names of all kinds, and which of them requests are not to notice; what each does is in the modules beside.
"""

from benchmarks.mutants.kinds.backends import BACKENDS
from benchmarks.mutants.kinds.endpoints import ENDPOINTS
from benchmarks.mutants.kinds.guards import GUARDS
from benchmarks.mutants.kinds.limits import LIMITS
from benchmarks.mutants.kinds.pages import PAGES
from benchmarks.mutants.kinds.service import SERVICE
from benchmarks.mutants.mutations import Mutation

KINDS: dict[str, Mutation] = {**PAGES, **GUARDS, **LIMITS, **ENDPOINTS, **BACKENDS, **SERVICE}

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
