"""The `proxy` namespace of endpoints and backends: sequential, static, flatmap, shadow.

KrakenD looks every key up by its exact name and drops what has another type. Source: lura v2
`proxy/{merging,static,shadow}.go`, krakend-flatmap `flatmap.go`.
"""

from typing import Any, Literal, NamedTuple, get_args

from crossgate.config.document import Namespace
from crossgate.config.fields import Fields, report_choice
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.model import FlatmapOp, StaticConfig
from crossgate.config.namespaces.opened import open_namespace
from crossgate.config.report import Report
from crossgate.diagnostics.path import child
from crossgate.golang.duration import DurationError, parse_duration

Strategy = Literal["always", "success", "errored", "complete", "incomplete"]
_STRATEGIES: tuple[str, ...] = get_args(Strategy)
_DEFAULT = "uses the default"
STATIC_KEYS = KeyTable(
    "static",
    Manner.EXACT,
    (
        Key("data", Kind.OBJECT, "The data."),
        Key("strategy", Kind.TEXT, "When the data is merged.", "always", choices=_STRATEGIES),
    ),
)
FLATMAP_KEYS = KeyTable(
    "a flatmap operation",
    Manner.EXACT,
    (
        Key("type", Kind.TEXT, "The operation.", choices=("move", "del", "append")),
        Key("args", Kind.TEXTS, "Paths, parted by dots; `*` stands for any name."),
    ),
)
_FLATMAP = Key(
    "flatmap_filter", Kind.OBJECTS, "Moves, deletions and appends inside the data, in order.", inner=FLATMAP_KEYS
)

ENDPOINT_KEYS = KeyTable(
    "the endpoint's proxy namespace",
    Manner.EXACT,
    (
        Key("sequential", Kind.BOOLEAN, "Call the backends one after the other.", False),
        Key(
            "strategy",
            Kind.TEXT,
            "How several backends are called.",
            "parallel",
            since3=True,
            choices=("parallel", "sequential"),
        ),
        Key(
            "sequential_propagated_params",
            Kind.TEXTS,
            "Values of earlier responses that later backends may use.",
            since3=True,
        ),
        Key("combiner", Kind.TEXT, "How responses are merged; there is only one way.", "default", choices=("default",)),
        Key("static", Kind.OBJECT, "Data that is merged over the response.", inner=STATIC_KEYS),
        Key(
            "force_sandboxed_request",
            Kind.BOOLEAN,
            "Give every backend its own copy of the request.",
            False,
            since3=True,
        ),
        _FLATMAP,
    ),
)
BACKEND_KEYS = KeyTable(
    "the backend's proxy namespace",
    Manner.EXACT,
    (
        Key("shadow", Kind.BOOLEAN, "Send a copy of the traffic here and ignore the answer.", False),
        Key("shadow_timeout", Kind.DURATION, "How long the copy may take.", since3=True),
        _FLATMAP,
    ),
)


class EndpointProxy(NamedTuple):
    """What an endpoint's namespace says."""

    sequential: bool = False
    propagated_params: tuple[str, ...] = ()
    static: StaticConfig | None = None
    flatmap: tuple[FlatmapOp, ...] = ()


class BackendProxy(NamedTuple):
    """What a backend's namespace says."""

    shadow: bool = False
    shadow_timeout_seconds: float = 0.0
    flatmap: tuple[FlatmapOp, ...] = ()


def decode_endpoint_proxy(namespace: Namespace | None, version: Literal[2, 3], report: Report) -> EndpointProxy:
    """The namespace of an endpoint, or the defaults where there is none."""
    fields = open_namespace(namespace, ENDPOINT_KEYS, version, report)
    if fields is None:
        return EndpointProxy()
    sequential = fields.boolean("sequential")
    strategy = fields.text("strategy")
    if strategy in ("parallel", "sequential"):
        sequential = strategy == "sequential"
    elif "strategy" in fields.keys and "strategy" not in fields.broken:
        report_choice(fields, "strategy", strategy, ("parallel", "sequential"), _DEFAULT)
    combiner = fields.text("combiner", "default")
    if combiner != "default" and "combiner" not in fields.broken:
        report_choice(fields, "combiner", combiner, ("default",), _DEFAULT)
    return EndpointProxy(
        sequential,
        fields.texts("sequential_propagated_params"),
        _static(fields, version, report),
        _flatmap(fields, report),
    )


def decode_backend_proxy(namespace: Namespace | None, version: Literal[2, 3], report: Report) -> BackendProxy:
    """The namespace of a backend, or the defaults where there is none."""
    fields = open_namespace(namespace, BACKEND_KEYS, version, report)
    if fields is None:
        return BackendProxy()
    timeout_seconds = 0.0
    given = fields.get("shadow_timeout")
    if isinstance(given, str):
        try:
            timeout_seconds = max(0, parse_duration(given)) / 1e9
        except DurationError as error:
            message = f'shadow_timeout has no effect: "{given[:60]}" is not a duration ({error})'
            report.warning("CFG217", fields.at("shadow_timeout"), message, krakend="uses the endpoint's timeout")
    elif given is not None:
        fields.nanoseconds("shadow_timeout")  # for its warning
    return BackendProxy(fields.boolean("shadow"), timeout_seconds, _flatmap(fields, report))


def _static(fields: Fields, version: Literal[2, 3], report: Report) -> StaticConfig | None:
    raw = fields.object("static")
    if raw is None:
        return None
    path = fields.at("static")
    inner = Fields(raw, path, STATIC_KEYS, version, report)
    data = inner.object("data")
    if data is None:
        if "data" not in inner.broken:
            report.warning("CFG217", path, '"static" is ignored: it has no "data"', krakend="ignores it silently")
        return None
    strategy: Strategy = "always"
    given = inner.text("strategy", "always")
    if given in _STRATEGIES:
        strategy = given  # type: ignore[assignment]
    else:
        report_choice(inner, "strategy", given, _STRATEGIES, _DEFAULT)
    return StaticConfig(strategy, data)


def _flatmap(fields: Fields, report: Report) -> tuple[FlatmapOp, ...]:
    if not isinstance(fields.get("flatmap_filter"), (list, type(None))):
        fields.objects("flatmap_filter")
        return ()
    operations = [_operation(item, path, report) for path, item in fields.objects("flatmap_filter")]
    return tuple([operation for operation in operations if operation is not None])


def _operation(item: Any, path: str, report: Report) -> FlatmapOp | None:
    """One operation. An unknown one still counts as one that does nothing: it turns allow and deny off on KrakenD."""
    if not isinstance(item, dict) or not isinstance(item.get("type"), str):
        report.warning(
            "CFG217",
            path,
            'this is ignored: a flatmap operation must be an object with "type" and "args"',
            krakend="ignores it",
        )
        return None
    fields = Fields(item, path, FLATMAP_KEYS, 3, report)
    kind = item["type"]
    args = fields.texts("args")
    if kind in ("move", "append"):
        if len(args) >= 2:
            return FlatmapOp(kind, args[:2])
        message = f'"{kind}" does nothing here: it needs two paths in "args"'
        report.warning("CFG217", child(path, "args") if "args" in item else path, message, krakend="panics on requests")
    elif kind == "del":
        return FlatmapOp("del", args)
    else:
        report_choice(fields, "type", kind, ("move", "del", "append"), "ignores the operation")
    return FlatmapOp("del", ())
