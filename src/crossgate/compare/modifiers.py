"""What Martian's modifiers mean, and what of them somebody sees: fields that never arrive cannot be taken away, and
fields of answers whose bodies alone are read are seen by nobody.

Knows what reaches a backend; does not know requests.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from crossgate.compare.backends import Called
from crossgate.compare.forwarded import Forwarded
from crossgate.compare.same import meaning
from crossgate.components.martian.config import MartianConfig
from crossgate.config.keys import is_comment

_LOOKS_AT_ANSWERS = frozenset(("cel", "lua", "plugins"))
_READ = frozenset(("content-encoding", "content-length", "content-type"))
"""Fields of answers that matter to those who read bodies."""
_OF_COMPONENTS = frozenset(("jwt", "client_credentials", "lua", "plugins", "api_keys", "graphql", "opentelemetry"))
"""Components that give calls fields of their own."""
_SETS = ("header.Modifier", "header.Append")
_DOES_NOTHING = ("header.Verifier", "status.Verifier")


def seen_components(called: Called) -> Mapping[str, Any]:
    """Those of a backend but for modifiers that nobody sees."""
    own = called.config.components
    config = own.get("martian")
    if not isinstance(config, MartianConfig):
        return own
    met = {*own, *called.bound.endpoint.config.components, *called.bound.plan.components}
    seen = _seen(config, called.forwarded, met, is_no_op=called.plan.no_op)
    if seen is config:
        return own
    others = {name: value for name, value in own.items() if name != "martian"}
    return others if seen is None else {**others, "martian": seen}


def _seen(
    config: MartianConfig, forwarded: Forwarded, met: AbstractSet[str], *, is_no_op: bool
) -> MartianConfig | None:
    """The same or a plainer one, None where nobody sees what it does. Calls meet components of the names `met`."""
    name = next(name for name in config.modifier if not is_comment(str(name)))
    keys = {str(key).lower(): value for key, value in config.modifier[name].items()}
    scope = keys.get("scope")
    scopes = ("request", "response") if scope is None else scope
    if name in _DOES_NOTHING:
        return None
    if name == "header.Blacklist":
        names = [str(one).lower() for one in keys.get("names") or ()]
        takes = "request" in scopes and any(_may_arrive(one, forwarded, met) for one in names)
        shows = "response" in scopes and _is_seen(names, met, is_no_op=is_no_op)
        return config if takes or shows else None
    if name in _SETS:
        field = str(keys.get("name", "")).lower()
        shows = "response" in scopes and _is_seen([field], met, is_no_op=is_no_op)
        if "request" not in scopes:
            return config if shows else None
        if not shows and not _may_arrive(field, forwarded, met):  # then it is set, whichever of the two it is
            return MartianConfig({"header.Modifier": {**keys, "scope": ["request"]}})
    return config


def _may_arrive(name: str, forwarded: Forwarded, met: AbstractSet[str]) -> bool:
    names = forwarded.fields.names
    if names is None or _OF_COMPONENTS & met:
        return True
    return name in names or name in forwarded.added or name in ("host", "content-length", "authorization")


def _is_seen(names: list[str], met: AbstractSet[str], *, is_no_op: bool) -> bool:
    return is_no_op or bool(_LOOKS_AT_ANSWERS & met) or not _READ.isdisjoint(names)


def modifier_meaning(value: Any, name: str = "") -> Any:
    """Equal for modifiers that are written in other letters or another order. `name` is of the one whose part it is."""
    if isinstance(value, Mapping):
        members = {
            _key(str(key), name): modifier_meaning(member, str(key))
            if is_modifier(str(key))
            else _member(key, member, name)
            for key, member in value.items()
            if not is_comment(str(key))
        }
        return ("object", frozenset(members.items()))
    if isinstance(value, list | tuple):
        return ("list", tuple(modifier_meaning(item) for item in value))
    return meaning(value)


def is_modifier(key: str) -> bool:
    """`header.Modifier`; no other key has a point in it."""
    return "." in key


def _key(key: str, name: str) -> str:
    """Names of keys are the same in any letters; those of an object within them are data: paths."""
    return key.lower() if name and not is_modifier(key) else key


def _member(key: Any, value: Any, name: str) -> Any:
    is_of_fields = name.startswith("header.")
    match str(key).lower():
        case "scope" if isinstance(value, list | tuple):
            return frozenset(value)
        case "name" | "header" | "from" | "to" if is_of_fields and isinstance(value, str):
            return value.lower()
        case "names" if is_of_fields and isinstance(value, list | tuple):
            return frozenset(str(one).lower() for one in value)
    return modifier_meaning(value)
