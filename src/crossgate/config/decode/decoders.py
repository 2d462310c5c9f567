"""Which components decode a share of an object: those with a namespace there, and those with something for the service.

With many endpoints, asking all components about each takes longer than what most of them have to say.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from crossgate.config.component import ConfigComponent
from crossgate.config.namespaces.left_out import Scope
from crossgate.config.section import Section

Decoder = tuple[ConfigComponent, Callable[[Section], Any]]


class Decoders:
    """Those of one file. `of_service` is what components made of the service, by their names."""

    def __init__(self, components: Sequence[ConfigComponent], of_service: Mapping[str, Any]) -> None:
        self._all: Mapping[Scope, list[Decoder]] = {
            "service": [(each, each.decode_service) for each in components],
            "endpoint": [(each, each.decode_endpoint) for each in components],
            "backend": [(each, each.decode_backend) for each in components],
        }
        self._everywhere = frozenset(number for number, each in enumerate(components) if each.name in of_service)
        self._named: dict[str, frozenset[int]] = {}
        for number, each in enumerate(components):
            for namespace in each.namespaces:
                self._named[namespace.name] = self._named.get(namespace.name, frozenset()) | {number}
        self._known: dict[tuple[Scope, frozenset[int]], list[Decoder]] = {}
        self.standing_alone = frozenset(each.name for each in components if each.stands_alone)
        self.answering = frozenset(each.name for each in components if each.answers)
        self.wrapping = frozenset(each.name for each in components if each.wraps_endpoints)
        self.modifying = frozenset(each.name for each in components if each.modifies)
        self.wrapping_calls = frozenset(each.name for each in components if each.wraps_calls)
        self.guarding_calls = frozenset(each.name for each in components if each.guards_calls)

    def of(self, scope: Scope, namespaces: Iterable[str]) -> list[Decoder]:
        """Who is asked about an object with these namespaces, in the order of components."""
        if scope == "service":
            return self._all[scope]
        wanted = self._everywhere.union(*[self._named[name] for name in namespaces if name in self._named])
        known = self._known.get((scope, wanted))
        if known is None:
            known = self._known[scope, wanted] = [self._all[scope][number] for number in sorted(wanted)]
        return known
