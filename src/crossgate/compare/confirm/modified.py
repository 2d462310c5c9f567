"""Requests that modifiers of backends look for. Knows how modifiers are written; does not know what they do then."""

from collections.abc import Iterator, Mapping
from typing import Any

from crossgate.compare.confirm.patterns import plain_text_of
from crossgate.compare.modifiers import is_modifier


def looked_for(value: Any) -> Iterator[tuple[str, str]]:
    """Fields, and parameters of the query behind a `?`, that modifiers look for, each with a value that they take."""
    if isinstance(value, list | tuple):
        for one in value:
            yield from looked_for(one)
    for key, member in value.items() if isinstance(value, Mapping) else ():
        if is_modifier(str(key)) and isinstance(member, Mapping):
            keys = {str(name).lower(): told for name, told in member.items()}
            yield from _looked_for(str(key), keys)
        yield from looked_for(member)


def _looked_for(name: str, keys: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    given = str(keys.get("value") or "shown")
    match name:
        case "header.Filter":
            yield str(keys.get("name")), given
        case "header.RegexFilter":
            yield str(keys.get("header")), plain_text_of(str(keys.get("regex")))
        case "header.Modifier" | "header.Append":
            yield str(keys.get("name")), "shown"
        case "header.Id":
            yield "X-Krakend-Id", "shown"
        case "querystring.Modifier":
            yield f"?{keys.get('name')}", "shown"
        case "header.Copy":
            yield str(keys.get("from")), given
        case "header.Blacklist":
            yield from ((str(one), given) for one in keys.get("names") or ())
        case "querystring.Filter":
            yield f"?{keys.get('name')}", given
        case "cookie.Filter":
            yield "Cookie", f"{keys.get('name')}={given}"
