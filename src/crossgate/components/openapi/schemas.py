"""What is wrong with schemas by name, beyond each of them: those that are nothing but themselves, and names of none.

Knows references and what applies in place (JSON Schema 2020-12, section 10.2); does not know what schemas mean.
"""

from collections.abc import Iterator, Mapping
from typing import Any

PLACE = "#/components/schemas/"
_IN_PLACE = ("not", "if", "then", "else")
_LISTS_IN_PLACE = ("allOf", "anyOf", "oneOf")


def circles(schemas: Mapping[str, Any]) -> dict[str, list[str]]:
    """The names of schemas by which nothing can be checked, since they lead back to themselves; each with its way."""
    ways = {name: [found for found in _in_place(schema) if found in schemas] for name, schema in schemas.items()}
    found: dict[str, list[str]] = {}
    for name in ways:
        way = _way_back(name, ways)
        if way:
            found[name] = way
    return found


def _way_back(name: str, ways: Mapping[str, list[str]]) -> list[str]:
    """A shortest way from a name to itself, both ends included; empty where there is none."""
    before: dict[str, str] = {}
    ahead = [name]
    for here in ahead:
        for there in ways[here]:
            if there == name:
                way = [name]
                while here != name:
                    way.append(here)
                    here = before[here]
                return [name, *reversed(way)]
            if there not in before:
                before[there] = here
                ahead.append(there)
    return []


def _in_place(schema: Any) -> Iterator[str]:
    """The names of what has to hold wherever the schema has to."""
    if not isinstance(schema, Mapping):
        return
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith(PLACE):
        yield reference.removeprefix(PLACE)
    for key in _IN_PLACE:
        yield from _in_place(schema.get(key))
    for key in _LISTS_IN_PLACE:
        members = schema.get(key)
        for member in members if isinstance(members, list) else ():
            yield from _in_place(member)


def named(value: Any) -> Iterator[str]:
    """The names of schemas that anything in a document refers to."""
    if isinstance(value, Mapping):
        reference = value.get("$ref")
        if isinstance(reference, str) and reference.startswith(PLACE):
            yield reference.removeprefix(PLACE).partition("/")[0]
        for member in value.values():
            yield from named(member)
    elif isinstance(value, list):
        for member in value:
            yield from named(member)
