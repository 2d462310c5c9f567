"""The layers of `telemetry/opentelemetry`, decoded: what is reported of requests, pipes and calls.

Source: krakend-otel `config/config.go` (UnsetFieldsToDefaults): a layer that is absent reports everything, one that is
there what it says.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crossgate.components.opentelemetry.keys import (
    ATTRIBUTE_KEYS,
    BACKEND_KEYS,
    BACKEND_METRICS_KEYS,
    BACKEND_TRACES_KEYS,
    GLOBAL_KEYS,
    LAYERS_KEYS,
    PIPE_KEYS,
)
from crossgate.components.opentelemetry.model import Attributes, BackendLayer, Layer
from crossgate.config.fields import Fields, report_choice
from crossgate.config.keys import KeyTable

_LABEL_DOC = 'write {"key": "owner", "value": "team-a"}'


def inner(fields: Fields | None, name: str, table: KeyTable) -> Fields | None:
    """The keys of an object within an object; None where it is absent or no object (which is reported)."""
    value = None if fields is None else fields.object(name)
    if fields is None or value is None:
        return None
    return Fields(value, fields.at(name), table, fields.version, fields.report)


class Layers:
    """The layers of the service. `requests`, `pipe` and `backend` are what holds there."""

    def __init__(self, fields: Fields) -> None:
        layers = inner(fields, "layers", LAYERS_KEYS)
        requests = inner(layers, "global", GLOBAL_KEYS)
        self.requests = _layer(requests)
        self.propagates = requests is None or not requests.boolean("disable_propagation")
        convention = "" if requests is None else requests.text("semantic_convention")
        if requests is not None and convention not in ("", "1.27"):
            report_choice(requests, "semantic_convention", convention, ("1.27",), "takes its own names")
        self.named_by_convention = convention == "1.27"
        self.pipe = _layer(inner(layers, "proxy", PIPE_KEYS))
        self.backend = _backend(inner(layers, "backend", BACKEND_KEYS))


def overridden(fields: Fields, pipe: Layer, backend: BackendLayer) -> tuple[Layer, BackendLayer]:
    """What holds at an endpoint or a backend that says `fields`, given what holds around it.

    Source: KrakenD Enterprise 2.13, documentation of "OpenTelemetry by endpoint"; krakend-otel `state/config.go`
    for `layers`, of which it takes static attributes and adds them.
    """
    own_pipe, own_backend = inner(fields, "proxy", PIPE_KEYS), inner(fields, "backend", BACKEND_KEYS)
    pipe = pipe if own_pipe is None else _layer(own_pipe)
    backend = backend if own_backend is None else _backend(own_backend)
    layers = inner(fields, "layers", LAYERS_KEYS)
    more_pipe, more_backend = inner(layers, "proxy", PIPE_KEYS), inner(layers, "backend", BACKEND_KEYS)
    if more_pipe is not None:
        more = _layer(more_pipe)
        pipe = _with(pipe, more.labels, more.attributes)
    if more_backend is not None:
        more_calls = _backend(more_backend)
        backend = _with(backend, more_calls.labels, more_calls.attributes)
    return pipe, backend


def _with(layer: Any, labels: Attributes, attributes: Attributes) -> Any:
    return replace(layer, labels=(*layer.labels, *labels), attributes=(*layer.attributes, *attributes))


def _layer(fields: Fields | None) -> Layer:
    if fields is None:
        return Layer()
    return Layer(
        metrics=not fields.boolean("disable_metrics"),
        traces=not fields.boolean("disable_traces"),
        report_fields=fields.boolean("report_headers"),
        skipped_fields=_names(fields),
        labels=_attributes(fields, "metrics_static_attributes"),
        attributes=_attributes(fields, "traces_static_attributes"),
    )


def _backend(fields: Fields | None) -> BackendLayer:
    metrics, traces = inner(fields, "metrics", BACKEND_METRICS_KEYS), inner(fields, "traces", BACKEND_TRACES_KEYS)
    for part in (metrics, traces):
        if part is not None:
            part.boolean("read_payload")
            part.boolean("detailed_connection")
    return BackendLayer(
        stage_metrics=metrics is None or not metrics.boolean("disable_stage"),
        stage_traces=traces is None or not traces.boolean("disable_stage"),
        trip_metrics=metrics is None or metrics.boolean("round_trip"),
        trip_traces=traces is None or traces.boolean("round_trip"),
        report_fields=traces is not None and traces.boolean("report_headers"),
        skipped_fields=frozenset() if traces is None else _names(traces),
        labels=() if metrics is None else _attributes(metrics, "static_attributes"),
        attributes=() if traces is None else _attributes(traces, "static_attributes"),
    )


def _names(fields: Fields) -> frozenset[bytes]:
    return frozenset(name.lower().encode("latin-1", "replace") for name in fields.texts("skip_headers"))


def _attributes(fields: Fields, name: str) -> Attributes:
    """Pairs that have both a key and a value; KrakenD leaves others out silently, too."""
    found: dict[str, str] = {}
    for path, item in fields.objects(name):
        if not isinstance(item, Mapping):
            message, krakend = "an attribute must be an object", "ignores the whole configuration of OpenTelemetry"
            fields.report.warning("CFG217", path, message, hint=_LABEL_DOC, krakend=krakend)
            continue
        pair = Fields(item, path, ATTRIBUTE_KEYS, fields.version, fields.report)
        key, value = pair.text("key"), pair.text("value")
        if key and value:
            found[key] = value
    return tuple(found.items())
