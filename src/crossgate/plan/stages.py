"""THE order in which things happen to a request, as two tables. Outermost first; a stage is there if its condition
holds. What a stage does is the business of the file of its name in `pipeline/`.

Source: KrakenD 2.13, `proxy_factory.go` and lura `proxy/factory.go`: see the handler order in ARCHITECTURE.md.
"""

from collections.abc import Callable
from enum import StrEnum

from crossgate.config.model import BackendConfig, EndpointConfig

NO_OP = "no-op"


class EndpointStage(StrEnum):
    """What may wrap an endpoint's backends. The value names the stage where a plan is printed."""

    REFUSE = "refuse"  # 501: it uses something that is not run and not safe to leave out
    PASS_THROUGH = "pass-through"  # noqa: S105 # one no-op backend and nothing else: all of the below in one step
    RESPOND = "respond"  # errors, X-Krakend fields, cache, rendering
    DEADLINE = "deadline"
    WRAP = "wrap"  # components: scripts, expressions, schemas
    COPY_BODY = "copy-body"
    SHADOW = "shadow"
    STATIC = "static"
    MODIFY = "modify"  # components: plugins
    FLATMAP = "flatmap"
    SEQUENCE = "sequence"
    MERGE = "merge"


class BackendStage(StrEnum):
    """What may happen around one backend's call."""

    FILTER_QUERY = "filter-query"
    CONCURRENT = "concurrent"
    WRAP = "wrap"  # components: limits of calls, circuit breakers
    BALANCE = "balance"
    FILTER_FIELDS = "filter-fields"
    CALL = "call"
    STATUS = "status"
    DECODE = "decode"
    MANIPULATE = "manipulate"


EndpointCondition = Callable[[EndpointConfig], bool]
BackendCondition = Callable[[EndpointConfig, BackendConfig], bool]


def regular_backends(endpoint: EndpointConfig) -> tuple[BackendConfig, ...]:
    """The backends whose answers count."""
    return tuple(backend for backend in endpoint.backends if not backend.shadow)


def is_no_op(encoding: str) -> bool:
    """KrakenD compares the text as written: `NO-OP` is another encoding."""
    return encoding == NO_OP


def backend_is_no_op(endpoint: EndpointConfig, backend: BackendConfig) -> bool:
    """A no-op endpoint forces its backend to no-op."""
    return is_no_op(backend.encoding) or is_no_op(endpoint.output_encoding)


def _refused(endpoint: EndpointConfig) -> bool:
    return bool(endpoint.left_out)


def _passes_through(endpoint: EndpointConfig) -> bool:
    return (
        is_no_op(endpoint.output_encoding)
        and len(endpoint.backends) == 1
        and not endpoint.backends[0].shadow
        and endpoint.static is None
        and endpoint.concurrent_calls <= 1
        and not endpoint.answered_by
        and not endpoint.wrapped_by
        and not endpoint.modified_by
        and not endpoint.backends[0].wrapped_by
    )


def _always(_endpoint: EndpointConfig) -> bool:
    return True


def _needs_copies(endpoint: EndpointConfig) -> bool:
    return len(endpoint.backends) > 1 or endpoint.concurrent_calls > 1


def _has_several(endpoint: EndpointConfig) -> bool:
    return len(regular_backends(endpoint)) > 1


WHOLE_WAYS: tuple[tuple[EndpointStage, EndpointCondition], ...] = (
    (EndpointStage.REFUSE, _refused),
    (EndpointStage.PASS_THROUGH, _passes_through),
)
"""The first whose condition holds is all there is; where none does, an endpoint has the stages below."""

ENDPOINT_STAGES: tuple[tuple[EndpointStage, EndpointCondition], ...] = (
    (EndpointStage.RESPOND, _always),
    (EndpointStage.DEADLINE, _always),
    (EndpointStage.WRAP, lambda endpoint: bool(endpoint.wrapped_by)),
    (EndpointStage.COPY_BODY, _needs_copies),
    (EndpointStage.SHADOW, lambda endpoint: any(backend.shadow for backend in endpoint.backends)),
    (EndpointStage.STATIC, lambda endpoint: endpoint.static is not None),
    (EndpointStage.MODIFY, lambda endpoint: bool(endpoint.modified_by)),
    (EndpointStage.FLATMAP, lambda endpoint: bool(endpoint.flatmap) and _has_several(endpoint)),
    (EndpointStage.SEQUENCE, lambda endpoint: endpoint.sequential and _has_several(endpoint)),
    (EndpointStage.MERGE, lambda endpoint: not endpoint.sequential and _has_several(endpoint)),
)

BACKEND_STAGES: tuple[tuple[BackendStage, BackendCondition], ...] = (
    (BackendStage.FILTER_QUERY, lambda _, backend: backend.input_query_strings is not None),
    (BackendStage.CONCURRENT, lambda endpoint, _: endpoint.concurrent_calls > 1),
    (BackendStage.WRAP, lambda _, backend: bool(backend.wrapped_by or backend.guarded_by)),
    (BackendStage.BALANCE, lambda _, backend: len(backend.hosts) > 1 or backend.sd == "dns"),
    (BackendStage.FILTER_FIELDS, lambda _, backend: backend.input_headers is not None),
    (BackendStage.CALL, lambda _endpoint, _backend: True),
    (BackendStage.STATUS, lambda endpoint, backend: not backend_is_no_op(endpoint, backend)),
    (BackendStage.DECODE, lambda endpoint, backend: not backend_is_no_op(endpoint, backend)),
    (
        BackendStage.MANIPULATE,
        lambda endpoint, backend: not backend_is_no_op(endpoint, backend) and _manipulates(backend),
    ),
)


def _manipulates(backend: BackendConfig) -> bool:
    return bool(backend.target or backend.allow or backend.deny or backend.mapping or backend.group or backend.flatmap)


def endpoint_stages(endpoint: EndpointConfig) -> tuple[EndpointStage, ...]:
    """The stages of one endpoint, outermost first."""
    for stage, holds in WHOLE_WAYS:
        if holds(endpoint):
            return (stage,)
    return tuple([stage for stage, condition in ENDPOINT_STAGES if condition(endpoint)])


def backend_stages(endpoint: EndpointConfig, backend: BackendConfig) -> tuple[BackendStage, ...]:
    """The stages of one backend, outermost first."""
    return tuple([stage for stage, condition in BACKEND_STAGES if condition(endpoint, backend)])
