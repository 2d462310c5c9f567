"""What `proxy.static` does to the answers of an endpoint, case by case: the strategies are asked themselves."""

from typing import Any

from crossgate.compare.visible import SHOWN_ALONE, is_plain_no_op, rendered_as
from crossgate.compare.words import listed
from crossgate.config.model import StaticConfig
from crossgate.pipeline.proxy import ProxyResponse
from crossgate.pipeline.static import applies
from crossgate.plan import EndpointPlan


def static_effects(endpoint: EndpointPlan, other: EndpointPlan | None = None) -> dict[str, Any]:
    """The data that are laid over what was answered, or that stand for it where it failed; None: what there is stays.

    The cases that can be: an answer, a failure, and with several backends or details of errors, a part of it. Those of
    the other one count, too: which there are is no matter of static data.
    """
    both = (endpoint,) if other is None else (endpoint, other)
    static = endpoint.config.static
    cases: dict[str, tuple[ProxyResponse | None, bool]] = {
        "answered": (ProxyResponse({}, is_complete=True), False),
        "failed": (None, True),
    }
    if any(len(one.backends) > 1 for one in both):
        cases["failed in part"] = (ProxyResponse({}, is_complete=False), True)
    detailed = (backend.config.return_error_details for one in both for backend in one.backends)
    if any(detailed) or any(one.config.wrapped_by for one in both):
        cases["incomplete"] = (ProxyResponse({}, is_complete=False), False)
    effects: dict[str, Any] = {}
    for case, (response, failed) in cases.items():
        data = static.data if static is not None and applies(static.strategy, response, failed=failed) else None
        if case != "failed":
            data = _shown(endpoint, data) or None
        elif is_plain_no_op(endpoint) and data is not None:
            data = {}
        effects[case] = data
    return effects


def _shown(endpoint: EndpointPlan, data: Any) -> Any:
    """Those that clients see beside an answer, and that there are any: an answer without is incomplete."""
    name = SHOWN_ALONE.get(rendered_as(endpoint))
    if name is None or not data:
        return data
    return ({key: value for key, value in data.items() if key == name}, True)


def static_words(static: StaticConfig | None) -> str:
    """Its names and its strategy."""
    return "none" if static is None else f"{listed(sorted(static.data)) or 'nothing'} ({static.strategy})"
