"""Which endpoints of a great many are asked: one of each kind. Knows plans; does not know tests."""

from collections.abc import Hashable, Sequence

from crossgate.plan import EndpointPlan

MOST_ASKED = 300
"""So many endpoints are asked for in a second or two, and their tests read by somebody."""


def one_of_each_kind(endpoints: Sequence[EndpointPlan]) -> frozenset[int]:
    """The numbers of the first endpoint of each kind, at most MOST_ASKED."""
    first: dict[Hashable, int] = {}
    for number, endpoint in enumerate(endpoints):
        first.setdefault(kind_of(endpoint), number)
    return frozenset(sorted(first.values())[:MOST_ASKED])


def kind_of(endpoint: EndpointPlan) -> Hashable:
    """What happens to a request there, and what guards it; not with which values."""
    backends = tuple([(each.stages, *sorted(each.config.components)) for each in endpoint.backends])
    return endpoint.stages, tuple(sorted(endpoint.config.components)), endpoint.config.cors is None, backends
