"""Every reason for which the gateway may refuse a request: the core's, those of CORS, and those of components.

Knows no requests.
"""

from collections.abc import Iterable

from crossgate.components import COMPONENTS
from crossgate.components.component import Component
from crossgate.http.reason import CORE_REASONS, Reason
from crossgate.server.cors_reasons import CORS_REASONS


def all_reasons(components: Iterable[Component] = COMPONENTS) -> dict[str, Reason]:
    """By their codes; crossgate's own where no components are given."""
    parts = [reason for component in components for reason in component.reasons]
    return {reason.code: reason for reason in (*CORE_REASONS, *CORS_REASONS.values(), *parts)}
