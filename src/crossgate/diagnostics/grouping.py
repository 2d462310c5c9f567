"""Diagnostics put together by their cause: what is wrong at a hundred places for one reason is said once.

Knows groups and places; does not know how they are shown.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from crossgate.diagnostics.diagnostic import Diagnostic, Severity

_BACKEND = re.compile(r"\$\.endpoints\[[0-9]+\]\.backend\[[0-9]+\]")
_ENDPOINT = re.compile(r"\$\.endpoints\[[0-9]+\]")


@dataclass(frozen=True, slots=True)
class Group:
    """Diagnostics with one cause and one severity: the first, and those at the other places, in order."""

    first: Diagnostic
    others: tuple[Diagnostic, ...] = ()

    @property
    def size(self) -> int:
        """At how many places it stands."""
        return 1 + len(self.others)

    @property
    def places(self) -> str:
        """What its places are, in the plural: endpoints or backends where each is another one, else places."""
        paths = [diagnostic.path for diagnostic in (self.first, *self.others)]
        for pattern, name in ((_BACKEND, "backends"), (_ENDPOINT, "endpoints")):
            owners = {match[0] for path in paths if (match := pattern.match(path))}
            if len(owners) == len(paths):
                return name
        return "places"


def group_by_cause(diagnostics: Iterable[Diagnostic]) -> list[Group]:
    """The groups in the order of their first members. Cost is linear."""
    groups: dict[tuple[Severity, str], list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        groups.setdefault((diagnostic.severity, diagnostic.group), []).append(diagnostic)
    return [Group(members[0], tuple(members[1:])) for members in groups.values()]
