"""Paths of endpoints and backends: slashes, `{placeholders}`, reserved names. Source: lura v2 `config/{config,uri}.go`;
gin 1.12 `routergroup.go` calculateAbsolutePath.

Knows the text of a path; does not know routes.
"""

import re
from collections.abc import Sequence
from typing import Literal

_SIMPLE_PLACEHOLDER = re.compile(r"\{([0-9A-Za-z_\-.:/]+)\}")
_PARAM = re.compile(r"/\{([0-9A-Za-z_\-]+)\}")
_TEXT_AFTER_STAR = re.compile(r"\*.")
_RESERVED: dict[int, frozenset[str]] = {2: frozenset(("__debug",)), 3: frozenset(("__debug", "__echo", "__health"))}


def clean_path(path: str) -> str:
    """The path with one leading slash taken away and one put there: `a` → `/a`, `` → `/`, `//a` stays."""
    return "/" + path.removeprefix("/")


def endpoint_placeholders(path: str, *, disable_rest: bool) -> tuple[str, ...]:
    """The names a url_pattern of the endpoint may use, in order, each once."""
    pattern = _SIMPLE_PLACEHOLDER if disable_rest else _PARAM
    return tuple(dict.fromkeys(pattern.findall(path)))


def endpoint_params(path: str, *, disable_rest: bool) -> tuple[str, ...]:
    """What the router calls the path's parameters. The rest of a segment belongs to the name: `/{x}.json` is x.json."""
    path = path.partition("?")[0]
    if disable_rest:
        return endpoint_placeholders(path, disable_rest=True)
    return tuple(match[1] + _rest_of_segment(path, match) for match in _PARAM.finditer(path))


def router_pattern(path: str, params: Sequence[str]) -> str:
    """What gin is given for a path whose parameters have these names: `/users/{id}` is `/users/:id`.

    A placeholder that counts somewhere counts wherever it stands before a `?`. A colon begins a parameter, too.
    """
    if "{" not in path:
        return path
    before, mark, after = path.partition("?")
    names = {match[1] for match in _PARAM.finditer(before) if match[1] + _rest_of_segment(before, match) in params}
    for name in names.union(params):
        before = before.replace("{" + name + "}", ":" + name)
    return before + mark + after


def joined_path(pattern: str) -> str:
    """The pattern that gin registers: without empty, `.` and `..` segments, but with its slash at the end."""
    if pattern.startswith("/") and "//" not in pattern and "/." not in pattern:
        return pattern
    kept: list[str] = []
    for segment in pattern.split("/"):
        if segment == "..":
            kept[-1:] = []
        elif segment not in ("", "."):
            kept.append(segment)
    return "/" + "/".join(kept) + ("/" if kept and pattern.endswith("/") else "")


def _rest_of_segment(path: str, match: re.Match[str]) -> str:
    return path[match.end() :].partition("/")[0]


def backend_placeholders(pattern: str) -> tuple[str, ...]:
    """The names in a url_pattern, in order, each once."""
    return tuple(dict.fromkeys(_SIMPLE_PLACEHOLDER.findall(pattern)))


def is_refused_path(path: str, version: Literal[2, 3]) -> bool:
    """Whether KrakenD does not start with an endpoint on that (clean) path."""
    if _TEXT_AFTER_STAR.search(path):
        return True
    return not _RESERVED[version].isdisjoint(path.split("/")[1:])
