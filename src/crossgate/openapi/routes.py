"""Paths of an OpenAPI document as a gateway's router can have them side by side.

The router knows whole segments as parameters, and one name for the parameter of a place. Pure.
"""

import re
from dataclasses import dataclass, field

_WHOLE = re.compile(r"\{([^{}]+)\}\Z")
_NAME = re.compile(r"[A-Za-z0-9_-]+\Z")
_RESERVED = ("__debug", "__echo", "__health")


class RouteError(ValueError):
    """A path that the router cannot have. `str()` says why."""


@dataclass(slots=True)
class Routes:
    """The paths so far. The first name that a parameter has at a place is the one that all have there."""

    _names: dict[tuple[str, ...], str] = field(default_factory=dict)
    _taken: set[tuple[str, str]] = field(default_factory=set)

    def add(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        """The path for an endpoint, and what its parameters are called there, by their names in the document.

        Raises RouteError.
        """
        if "?" in path or "#" in path:
            raise RouteError("a path ends where a query or a fragment begins")
        place: tuple[str, ...] = ()
        segments: list[str] = []
        renamed: dict[str, str] = {}
        for segment in path.strip("/").split("/") if path.strip("/") else []:
            found = _WHOLE.match(segment)
            if found is None:
                if "{" in segment or "}" in segment:
                    raise RouteError(f"{segment} is a parameter and more: a gateway's parameters are whole segments")
                if segment in _RESERVED:
                    raise RouteError(f"{segment} is reserved for the gateway itself")
                if segment.startswith((":", "*")):
                    raise RouteError(f"a segment of a gateway's path cannot begin with {segment[0]}")
                segments.append(segment)
                place = (*place, segment)
                continue
            wanted = found[1] if _NAME.match(found[1]) else re.sub(r"[^A-Za-z0-9_-]+", "_", found[1])
            name = self._names.setdefault((*place, "{}"), wanted)
            if name in renamed.values():
                raise RouteError(f"two of its parameters would be called {name}")
            renamed[found[1]] = name
            segments.append(f"{{{name}}}")
            place = (*place, "{}")
        end = "/" if segments and path.endswith("/") else ""
        shape = "/" + "/".join(place) + end
        if (method, shape) in self._taken:
            raise RouteError("another path of the document matches the same requests")
        self._taken.add((method, shape))
        return "/" + "/".join(segments) + end, renamed
