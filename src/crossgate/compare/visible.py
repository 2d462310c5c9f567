"""What clients see of an endpoint's data: its rendering, asked itself.

Knows plans and renderers; does not know how data came about.
"""

from collections.abc import Callable
from typing import Any

from crossgate.pipeline.encode import NO_OP, encoding_name, renderer_for
from crossgate.plan import EndpointPlan

ACCEPTS = (None, b"application/x-yaml", b"application/xml")
"""What a request may accept, as far as `negotiate` tells it apart."""

SHOWN_ALONE = {"string": "content", "json-collection": "collection", "no-op": ""}
"""Of encodings that show one name, or none."""

Visible = Callable[[Any], Any]


def encodings_of(endpoint: EndpointPlan) -> list[str]:
    """Those of its backends, as their rendering looks at them."""
    return [one.config.encoding for one in endpoint.backends]


def rendered_as(endpoint: EndpointPlan) -> str:
    """The encoding that an endpoint answers in."""
    return encoding_name(endpoint.config.output_encoding, encodings_of(endpoint))


def is_plain_no_op(endpoint: EndpointPlan) -> bool:
    """Whether answers are passed on as they are."""
    return rendered_as(endpoint) == NO_OP


def visible_in_both(old: EndpointPlan, new: EndpointPlan) -> tuple[Visible, Visible]:
    """How to compare data of the two by what is visible: alike, so all of them where that is so in either."""
    if _sees_all(old) or _sees_all(new) or _merges(old) is not _merges(new):
        return lambda data: data, lambda data: data
    return visible_in(old), visible_in(new)


def _merges(endpoint: EndpointPlan) -> bool:
    return len(endpoint.backends) > 1


def _sees_all(endpoint: EndpointPlan) -> bool:
    config = endpoint.config
    if config.wrapped_by or config.modified_by or config.answered_by:
        return True
    return _merges(endpoint) and bool(config.sequential or config.flatmap or rendered_as(endpoint) not in SHOWN_ALONE)


def seen_alone(old: EndpointPlan, new: EndpointPlan) -> str | None:
    """The one name at the top of merged data that is seen in either; None: all may be."""
    names = {SHOWN_ALONE.get(rendered_as(one)) for one in (old, new)}
    if len(names) > 1 or _sees_all(old) or _sees_all(new):
        return None
    return names.pop()


def visible_in(endpoint: EndpointPlan) -> Visible:
    """From the data of a backend to what a client can tell apart of them: all, where components, later calls, or data
    of others may make something of them."""
    config = endpoint.config
    if _sees_all(endpoint):
        return lambda data: data
    if _merges(endpoint):
        name = SHOWN_ALONE[rendered_as(endpoint)]
        return lambda data: (data is None, bool(data), name in (data or ()), (data or {}).get(name))
    render = renderer_for(config.output_encoding, encodings_of(endpoint))
    return lambda data: (render(data, b"application/x-yaml"), bool(data))


def rendered(endpoint: EndpointPlan, data: Any, accept: bytes | None) -> Any:
    """The type and the body that data get."""
    return renderer_for(endpoint.config.output_encoding, encodings_of(endpoint))(data, accept)
