"""Backends that fail whatever they answer, and what follows for their endpoints. Knows plans; sends nothing."""

from crossgate.compare.bound import Bound
from crossgate.compare.closed import REMAKING, is_never_asked, method_of, passes_nothing
from crossgate.compare.decoded import UNREAD, read_as
from crossgate.plan import BackendPlan


def always_fails(bound: Bound, backend: BackendPlan) -> bool:
    """Whether no answer of that backend is complete: it is not asked, or what it is asked for has no body."""
    endpoint, plan = bound.endpoint.config, bound.plan
    if is_never_asked(endpoint, backend.config.index, plan) or passes_nothing(backend.config, endpoint, plan):
        return True
    return answers_nothing(bound, backend) and read_as(backend, "") is UNREAD


def answers_nothing(bound: Bound, backend: BackendPlan) -> bool:
    """Whether all answers are without a body: those to HEAD."""
    return method_of(backend.config, bound.endpoint.config) == "HEAD"


def is_behind_a_failure(bound: Bound, backend: BackendPlan) -> bool:
    """Whether it stands in a sequence behind one that always fails: then it is not asked."""
    if not bound.endpoint.config.sequential or backend not in bound.endpoint.backends:
        return False
    before = bound.endpoint.backends[: bound.endpoint.backends.index(backend)]
    return any(always_fails(bound, one) for one in before)


def asks_nobody(bound: Bound) -> bool:
    """Whether none of the endpoint's backends is asked for anything, shadows included."""
    return all(
        is_never_asked(bound.endpoint.config, one.config.index, bound.plan) or is_behind_a_failure(bound, one)
        for one in (*bound.endpoint.backends, *bound.endpoint.shadows)
    )


def is_never_complete(bound: Bound) -> bool:
    """Whether no answer of the endpoint has all of its data."""
    config = bound.endpoint.config
    if REMAKING & {*config.modified_by, *config.wrapped_by}:
        return False
    return any(always_fails(bound, one) for one in bound.endpoint.backends)


def fails_alike(bound: Bound) -> bool:
    """Whether all that clients get of the endpoint is a failure of its backends that says nothing of why."""
    config, plan = bound.endpoint.config, bound.plan
    if REMAKING & {*config.modified_by, *config.wrapped_by} or config.answered_by or config.static is not None:
        return False
    if plan.router.return_error_msg or plan.error_style == "http" or "explain" in plan.components:
        return False
    return all(
        is_never_asked(config, one.config.index, plan)
        or (
            always_fails(bound, one)
            and not (one.config.return_error_code or one.config.return_error_details or one.config.guarded_by)
        )
        for one in bound.endpoint.backends
    )
