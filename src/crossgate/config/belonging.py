"""Where a key belongs that stands in an object which does not have it.

Knows the tables of keys and the names of namespaces; does not know files.
"""

from difflib import get_close_matches
from typing import Literal

from crossgate.config.keys import KeyTable
from crossgate.config.namespaces.table import by_any_name
from crossgate.config.tables import BACKEND_KEYS, ENDPOINT_KEYS, SERVICE_KEYS

_NAMESPACES = by_any_name()
_OWNERS = ((ENDPOINT_KEYS, "the endpoint"), (BACKEND_KEYS, "the backend"), (SERVICE_KEYS, "the root of the file"))
_COMMENT = 'remove it; a key that begins with "@" is a comment'


def where_it_belongs(written: str, table: KeyTable, version: Literal[2, 3]) -> str:
    """A hint for an unknown key of that table: its right name, its right place, or what else to do with it."""
    if written in _NAMESPACES:
        scopes = _NAMESPACES[written].scopes
        here = {SERVICE_KEYS: "service", ENDPOINT_KEYS: "endpoint", BACKEND_KEYS: "backend"}.get(table)
        if here in scopes:
            return 'move it into "extra_config" beside it'
        places = {"service": "the root of the file", "endpoint": "an endpoint", "backend": "a backend"}
        return f'move it into the "extra_config" of {" or ".join([places.get(scope, scope) for scope in scopes])}'
    name = written.lower()
    known = table.names[version]
    for owner, place in _OWNERS:
        key = owner.names[version].get(name) or owner.names[2 if version == 3 else 3].get(name)
        if key is None or owner is table:
            continue
        right = key.name if version == 3 else key.old or key.name
        if right in known:
            return f'write "{right}"'
        return f"move it to {place}" + (f', as "{right}"' if right != name else "")
    close = get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f'did you mean "{close[0]}"?' if close else _COMMENT
