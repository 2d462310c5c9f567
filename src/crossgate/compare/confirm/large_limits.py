"""Limits beyond as many requests as are sent to try a difference: whether they differ follows from their sizes alone.

Knows limits and where they stand; sends nothing.
"""

from collections.abc import Iterator

from crossgate.compare.confirm.surroundings import limits_of
from crossgate.components.api_keys.config import KeyDemand
from crossgate.components.rate_limit.model import BackendLimit, TieredLimit
from crossgate.config.model import EndpointConfig
from crossgate.limits.bucket import Bucket
from crossgate.plan import Plan

_NONE = 1 << 62


def differ_beyond(count: int, old: tuple[EndpointConfig, int, Plan], new: tuple[EndpointConfig, int, Plan]) -> bool:
    """Whether a client that is let in gets so many answers at once from both, and then not as many from each.

    Each side is an endpoint, the number of the backend that it is about (-1: none) and the plan.
    """
    before, after = (list(_buckets(*one)) for one in (old, new))
    if None in before or None in after:
        return False
    most = [min((one.initial for one in some if one is not None), default=_NONE) for some in (before, after)]
    if min(most) < count:
        return False
    is_alone = len(before) <= 1 and len(after) <= 1  # so that how it fills up is seen, too
    return most[0] != most[1] or (is_alone and before != after)


def _buckets(endpoint: EndpointConfig, number: int, plan: Plan) -> Iterator[Bucket | None]:
    """All that one client's requests draw on; None for what depends on the request.

    Where another of several backends is not asked any more, the rest goes on as it was.
    """
    for limit in limits_of([plan.components.get("rate_limit"), endpoint.components.get("rate_limit")]):
        if isinstance(limit, TieredLimit):
            yield None
            continue
        if limit.total is not None:
            yield limit.total
        if limit.client is not None:
            yield limit.client.bucket
    demand = endpoint.components.get("api_keys")
    if isinstance(demand, KeyDemand) and demand.limit is not None:
        yield demand.limit
    for at, backend in enumerate(endpoint.backends):
        of_calls = backend.components.get("rate_limit")
        if isinstance(of_calls, BackendLimit) and (len(endpoint.backends) == 1 or at == number):
            yield of_calls.bucket
