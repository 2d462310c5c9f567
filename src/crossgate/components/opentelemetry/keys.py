"""The keys of `telemetry/opentelemetry`, object by object.

Source: krakend-otel `config/config.go`; KrakenD's schema v2.13 for what stands at endpoints and backends.
"""

from crossgate.config.component import ComponentNamespace
from crossgate.config.keys import Key, KeyTable, Kind, Manner

NAME = "telemetry/opentelemetry"
_B, _T, _I, _O, _L = Kind.BOOLEAN, Kind.TEXT, Kind.INTEGER, Kind.OBJECT, Kind.OBJECTS

SERVICE_KEYS = KeyTable(
    NAME,
    Manner.JSON,
    (
        Key("exporters", _O, "Where spans and numbers go: lists `otlp` and `prometheus`."),
        Key("service_name", _T, "The service's name (the file's `name`, else KrakenD)."),
        Key("service_version", _T, "The service's version (crossgate's)."),
        Key("deploy_env", _T, "The environment it is deployed in."),
        Key("trace_sample_rate", Kind.ANY, "The part of requests that is traced, from 0 to 1.", 1),
        Key("metric_reporting_period", _I, "Every how many seconds numbers are sent.", 30),
        Key("skip_paths", Kind.TEXTS, "Paths that are neither traced nor counted."),
        Key("layers", _O, "What is reported of `global`, `proxy` and `backend`; absent: everything."),
        Key("histograms", _O, "Other bounds of histograms: `time_buckets`, `size_buckets`."),
    ),
)
EXPORTERS_KEYS = KeyTable(
    "exporters",
    Manner.JSON,
    (
        Key("otlp", _L, "Collectors that spans and numbers are sent to."),
        Key("prometheus", _L, "Ports where Prometheus reads numbers."),
    ),
)
OTLP_KEYS = KeyTable(
    "an OTLP exporter",
    Manner.JSON,
    (
        Key("name", _T, "Its name, once in the file."),
        Key("host", _T, "The collector's host, with https:// where it has TLS.", "localhost"),
        Key("port", _I, "The collector's port: 4317, with `use_http` 4318."),
        Key("use_http", _B, "HTTP in the place of gRPC.", False),
        Key("disable_metrics", _B, "Send no numbers.", False),
        Key("disable_traces", _B, "Send no spans.", False),
        Key("custom_metric_reporting_period", _I, "As `metric_reporting_period`, for this one.", 0),
        Key("custom_reporting_period", _I, "The same, as older files call it.", 0),
    ),
)
PROMETHEUS_KEYS = KeyTable(
    "a Prometheus exporter",
    Manner.JSON,
    (
        Key("name", _T, "Its name, once in the file."),
        Key("port", _I, "The port where /metrics is.", 9090),
        Key("listen_ip", _T, "The address it listens on; empty: all."),
        Key("host", _T, "The same, as older files call it."),
        Key("process_metrics", _B, "Numbers of the processes, too: memory, processor time, files.", False),
        Key("go_metrics", _B, "Read: there is no Go here.", False),
        Key("disable_metrics", _B, "Leave this one out.", False),
        Key("custom_metric_reporting_period", _I, "Read, and not needed: Prometheus comes by itself.", 0),
    ),
)
LAYERS_KEYS = KeyTable(
    "layers",
    Manner.JSON,
    (
        Key("global", _O, "Requests as clients see them."),
        Key("proxy", _O, "The pipes of endpoints."),
        Key("backend", _O, "Calls of backends."),
    ),
)
_LAYER = (
    Key("disable_metrics", _B, "Count nothing here.", False),
    Key("disable_traces", _B, "No spans here.", False),
    Key("report_headers", _B, "Show the request's fields in the span, but for secrets.", False),
    Key("skip_headers", Kind.TEXTS, "Fields that are not shown."),
    Key("metrics_static_attributes", _L, "Labels for all numbers: objects with `key` and `value`."),
    Key("traces_static_attributes", _L, "Attributes for all spans: objects with `key` and `value`."),
)
GLOBAL_KEYS = KeyTable(
    "layers.global",
    Manner.JSON,
    (
        *_LAYER,
        Key("disable_propagation", _B, "Take no notice of the trace that a client says it belongs to.", False),
        Key("semantic_convention", _T, "`1.27`: numbers have the names of that version.", choices=("1.27",)),
    ),
)
PIPE_KEYS = KeyTable("layers.proxy", Manner.JSON, _LAYER)
BACKEND_KEYS = KeyTable(
    "layers.backend",
    Manner.JSON,
    (Key("metrics", _O, "What is counted of calls."), Key("traces", _O, "Which spans calls have.")),
)
_PART = (
    Key("disable_stage", _B, "Nothing of a call with its decoding.", False),
    Key("round_trip", _B, "The request and its answer alone.", False),
    Key("read_payload", _B, "Read: what reading a body takes is not measured.", False),
    Key("detailed_connection", _B, "Read: what connecting takes is not measured.", False),
    Key("static_attributes", _L, "More labels or attributes: objects with `key` and `value`."),
)
BACKEND_METRICS_KEYS = KeyTable("layers.backend.metrics", Manner.JSON, _PART)
BACKEND_TRACES_KEYS = KeyTable(
    "layers.backend.traces",
    Manner.JSON,
    (
        *_PART,
        Key("report_headers", _B, "Show the fields of calls and answers, but for secrets.", False),
        Key("skip_headers", Kind.TEXTS, "Fields that are not shown."),
        Key("semantic_convention", _T, "Read."),
    ),
)
OVERRIDE_KEYS = KeyTable(
    NAME,
    Manner.JSON,
    (
        Key("proxy", _O, "In the place of the service's `layers.proxy`."),
        Key("backend", _O, "In the place of the service's `layers.backend`."),
        Key("layers", _O, "`proxy` and `backend`, as KrakenD's community edition reads them."),
        Key("exporters_override", _O, "Other exporters (not run by crossgate)."),
    ),
)
HISTOGRAM_KEYS = KeyTable(
    "histograms",
    Manner.JSON,
    (
        Key("time_buckets", Kind.ANY, "Seconds, in order."),
        Key("size_buckets", Kind.ANY, "Bytes, in order."),
    ),
)
ATTRIBUTE_KEYS = KeyTable("an attribute", Manner.JSON, (Key("key", _T, "Its name."), Key("value", _T, "Its value.")))
NAMESPACES = (
    ComponentNamespace(
        NAME,
        "Traces and metrics for collectors, KrakenD's metrics for Prometheus.",
        {"service": SERVICE_KEYS, "endpoint": OVERRIDE_KEYS, "backend": OVERRIDE_KEYS},
    ),
)
