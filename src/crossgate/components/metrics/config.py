"""The namespaces that ask for metrics: `crossgate/metrics`, and KrakenD's as far as there is an exporter for them.

Source: krakend-metrics v2 `metrics.go`, krakend-opencensus v2 `opencensus.go` and `exporter/prometheus`.
"""

import re
from dataclasses import dataclass
from typing import Literal

from crossgate.components.metrics.census import instead_of
from crossgate.components.scraping.place import Place
from crossgate.config.component import ComponentNamespace
from crossgate.config.fields import Fields
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.section import Section
from crossgate.diagnostics.path import child

OWN, STATS, CENSUS, INFLUX = "crossgate/metrics", "telemetry/metrics", "telemetry/opencensus", "telemetry/influx"
_ADDRESS = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]*)):([0-9]{1,5})")
_B, _T, _I, _O = Kind.BOOLEAN, Kind.TEXT, Kind.INTEGER, Kind.OBJECT

OWN_KEYS = KeyTable(OWN, Manner.OWN, (Key("listen", _T, "Where Prometheus reads /metrics: an address and a port."),))
STATS_KEYS = KeyTable(
    STATS,
    Manner.EXACT,
    (
        Key("listen_address", _T, "Where /__stats is.", ":8090"),
        Key("collection_time", Kind.DURATION, "Read, and not needed: numbers are those of the moment.", "60s"),
        Key("endpoint_disabled", _B, "Count, and have no /__stats.", False),
        Key("router_disabled", _B, "Leave out the numbers of requests and responses.", False),
        Key("proxy_disabled", _B, "Leave out the numbers of endpoints.", False),
        Key("backend_disabled", _B, "Leave out the numbers of backends.", False),
    ),
)
CENSUS_KEYS = KeyTable(
    CENSUS,
    Manner.JSON,
    (
        Key("exporters", _O, "Where numbers and traces go; `prometheus` is run."),
        Key("sample_rate", _I, "How many of a hundred requests were traced; spans are no longer sent so."),
        Key("reporting_period", _I, "Read, and not needed: Prometheus comes by itself."),
        Key("enabled_layers", _O, "Read, and not needed: all layers are counted."),
    ),
)
_PATH_KEYS = KeyTable(
    CENSUS, Manner.JSON, (Key("path_aggregation", _T, "Read, and not needed: routes are as written."),)
)
PROMETHEUS_KEYS = KeyTable(
    "the prometheus exporter",
    Manner.JSON,
    (
        Key("port", _I, "Where /metrics is."),
        Key("namespace", _T, "Read: names begin with crossgate_ all the same."),
        Key("tag_host", _B, "Read."),
        Key("tag_path", _B, "Read."),
        Key("tag_method", _B, "Read."),
        Key("tag_statuscode", _B, "Read."),
    ),
)
INFLUX_KEYS = KeyTable(
    INFLUX,
    Manner.EXACT,
    (
        Key("address", _T, "The address of InfluxDB (nothing is sent to it)."),
        Key("ttl", Kind.DURATION, "How often numbers would be sent."),
        Key("buffer_size", _I, "How many would be kept."),
        Key("db", _T, "The database."),
        Key("username", _T, "The name to log in with."),
        Key("password", _T, "The password."),
    ),
)
NAMESPACES = (
    ComponentNamespace(OWN, "Metrics for Prometheus.", {"service": OWN_KEYS}),
    ComponentNamespace(STATS, "KrakenD's /__stats.", {"service": STATS_KEYS}),
    ComponentNamespace(
        CENSUS,
        "Metrics for Prometheus, as OpenCensus had them.",
        {"service": CENSUS_KEYS, "endpoint": _PATH_KEYS, "backend": _PATH_KEYS},
    ),
    ComponentNamespace(
        INFLUX, "Metrics for InfluxDB; a warning names what takes their place.", {"service": INFLUX_KEYS}
    ),
)


@dataclass(frozen=True, slots=True)
class MetricsConfig:
    """Where metrics are read. `left_out` are the parts that /__stats leaves out: router, proxy, backend."""

    places: tuple[Place, ...]
    left_out: frozenset[str] = frozenset()


def decode_metrics(section: Section) -> MetricsConfig | None:
    """What the service asks for; None where that is nothing."""
    places = [*_own(section), *_census(section)]
    left_out: frozenset[str] = frozenset()
    stats = section.fields(STATS, STATS_KEYS)
    if stats is not None:
        left_out = frozenset(name for name in ("router", "proxy", "backend") if stats.boolean(f"{name}_disabled"))
        stats.nanoseconds("collection_time")
        places += _stats(stats)
    influx = section.fields(INFLUX, INFLUX_KEYS)
    if influx is not None:
        how = f'in its place, write "{OWN}": {{"listen": "127.0.0.1:9091"}}; the prometheus input of Telegraf reads it'
        _not_run(section, influx.path, INFLUX, how)
    if not places and stats is None:
        return None
    return MetricsConfig(tuple(places), left_out)


def _own(section: Section) -> list[Place]:
    namespace = section.namespaces.get(OWN)
    if namespace is None:
        return []
    fields = section.fields(OWN, OWN_KEYS)
    if fields is None:
        hint = 'write {"listen": "127.0.0.1:9091"}'
        section.report.error("CFG220", namespace.path, f'"{OWN}" must be an object', hint=hint)
        return []
    text = fields.text("listen")
    place = _place(text, "prometheus", must=True)
    if place is None:
        message = f'"{text[:60]}" is not an address with a port' if text else '"listen" is missing'
        section.report.error("CFG220", fields.at("listen"), message, hint='write "127.0.0.1:9091"')
        return []
    return [place]


def _place(text: str, form: Literal["prometheus", "stats"], *, must: bool = False) -> Place | None:
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match[3]) > 65_535:
        return None
    return Place(match[1] or match[2] or "", int(match[3]), form, must)


def _stats(fields: Fields) -> list[Place]:
    if fields.boolean("endpoint_disabled"):
        return []
    text = fields.text("listen_address") or ":8090"
    place = _place(text, "stats")
    if place is None:
        fields.report.warning(
            "CFG217",
            fields.at("listen_address"),
            f'/__stats is left out: "{text[:60]}" is not an address with a port',
            hint='write ":8090" or "127.0.0.1:8090"',
            krakend="logs an error and has no /__stats",
        )
        return []
    return [place]


def _census(section: Section) -> list[Place]:
    fields = section.fields(CENSUS, CENSUS_KEYS)
    if fields is None:
        return []
    places: list[Place] = []
    exporters = fields.object("exporters") or {}
    rate = fields.integer("sample_rate", 100)
    for name, value in exporters.items():
        path = child(fields.at("exporters"), name)
        if name == "prometheus" and isinstance(value, dict):
            places += _prometheus(Fields(value, path, PROMETHEUS_KEYS, section.version, section.report))
        elif value is not None:
            _not_run(section, path, name, instead_of(name, value, rate))
    return places


def _prometheus(fields: Fields) -> list[Place]:
    port = fields.integer("port")
    fields.text("namespace")
    if 0 < port < 65_536:
        return [Place("", port, "prometheus")]
    message = '"port" has to be a number from 1 to 65535: the exporter is left out'
    fields.report.warning("CFG217", fields.at("port"), message, hint="write 9091", krakend="logs an error")
    return []


def _not_run(section: Section, path: str, name: str, hint: str) -> None:
    section.report.warning(
        "CFG405",
        path,
        f'crossgate does not run "{name}"; it is left out',
        hint=hint,
        krakend="runs it",
        on_key=True,
    )
