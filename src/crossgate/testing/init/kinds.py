"""Of what kind an endpoint is: those of one kind go the same way. Knows plans; does not know tests."""

from collections.abc import Hashable

from crossgate.plan import EndpointPlan


def kind_of(endpoint: EndpointPlan) -> Hashable:
    """What happens to a request there, and what guards it; not with which values."""
    backends = tuple([(each.stages, *sorted(each.config.components)) for each in endpoint.backends])
    return endpoint.stages, tuple(sorted(endpoint.config.components)), endpoint.config.cors is None, backends
