"""A test to be: a request in the written form, with nothing expected of it yet. Knows no gateway."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Draft:
    """A test to be. `until` asks for repeats: until the answer changes, or until no backend is called. With `times`, it
    is asked so often where it is answered alike each time, and else once; with `needs_times`, else not at all.
    """

    name: str
    test: dict[str, Any]
    until: str = ""
    times: int = 1
    needs_times: bool = False
    needs_difference: bool = False  # worth a test only where it is answered otherwise than the plain request
    endpoint: int = -1


def with_header(plain: Mapping[str, Any], name: str, value: str) -> dict[str, Any]:
    """The same request with a field in the place of any of that name."""
    return with_headers(plain, {name: value})


def with_headers(plain: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
    """Likewise with some of them."""
    asked = plain["in"]
    return {**plain, "in": {**asked, "headers": {**asked.get("headers", {}), **headers}}}
