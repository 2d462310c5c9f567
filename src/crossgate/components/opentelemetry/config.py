"""`telemetry/opentelemetry`, decoded.

Source: krakend-otel `config/config.go`, `exporter/otelcollector/otelcollector.go`, `exporter/prometheus`.
DEVIATION(DEV-OTEL-1): a sample rate of 0 traces nothing (KrakenD: everything); OTLP over HTTP has port 4318.
"""

from importlib.util import find_spec
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

import crossgate
from crossgate.components.opentelemetry.keys import (
    EXPORTERS_KEYS,
    HISTOGRAM_KEYS,
    NAME,
    OTLP_KEYS,
    OVERRIDE_KEYS,
    PROMETHEUS_KEYS,
    SERVICE_KEYS,
)
from crossgate.components.opentelemetry.layers import Layers, inner, overridden
from crossgate.components.opentelemetry.model import SIZE_BOUNDS, TIME_BOUNDS, OtelConfig, Otlp, Overrides
from crossgate.components.scraping.place import Place
from crossgate.config.fields import Fields
from crossgate.config.section import Section

_PERIOD_SECONDS = 30
_SKIPPED = ("/__health", "/__ready", "/__debug/", "/__echo/", "/__stats/")
_NEEDED = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.grpc", "opentelemetry.exporter.otlp.proto.http")


def decode_otel(section: Section) -> OtelConfig | None:
    """What the service asks for; None where nobody gets anything."""
    fields = section.fields(NAME, SERVICE_KEYS)
    if fields is None:
        return None
    exporters = _Exporters(fields)
    layers = Layers(fields)
    if exporters.otlp and not _is_installed():
        report = section.report.warning if section.allow_unsupported else section.report.error
        message = "sending spans and numbers to a collector needs libraries that are not installed"
        hint = "pip install 'crossgate[otel]', or leave the otlp exporters out: the prometheus one runs without"
        report("CFG408", fields.at("exporters"), message, hint=hint, krakend="sends them")
        exporters.otlp.clear()
    histograms = inner(fields, "histograms", HISTOGRAM_KEYS)
    config = OtelConfig(
        service_name=fields.text("service_name"),
        service_version=fields.text("service_version") or crossgate.__version__,
        environment=fields.text("deploy_env"),
        sample_rate=_rate(fields),
        skipped_paths=frozenset(fields.texts("skip_paths") or _SKIPPED),
        otlp=tuple(exporters.otlp),
        places=tuple(exporters.places),
        process_metrics=exporters.process_metrics,
        requests=layers.requests,
        propagates=layers.propagates,
        named_by_convention=layers.named_by_convention,
        pipe=layers.pipe,
        backend=layers.backend,
        time_bounds=_bounds(histograms, "time_buckets", TIME_BOUNDS),
        size_bounds=_bounds(histograms, "size_buckets", SIZE_BOUNDS),
    )
    return config if config.counts or config.traces else None


def _is_installed() -> bool:
    try:
        return all(find_spec(name) is not None for name in _NEEDED)
    except ModuleNotFoundError:  # of a parent package
        return False


def decode_overrides(section: Section) -> Overrides | None:
    """What an endpoint or a backend asks for in the place of the service's; None where nothing."""
    fields = section.fields(NAME, OVERRIDE_KEYS)
    if fields is None:
        return None
    service: OtelConfig | None = section.service
    if fields.get("exporters_override") is not None:
        section.report.warning(
            "CFG405",
            fields.at("exporters_override"),
            'crossgate does not run "exporters_override": the exporters of the service have all there is',
            krakend="the community edition ignores it silently",
            on_key=True,
        )
    if service is None:
        message = f'"{NAME}" has no effect here, since the service has no exporter'
        hint = f'give the service "{NAME}" with exporters'
        section.report.warning("CFG217", fields.path, message, hint=hint, krakend="ignores it silently", on_key=True)
        return None
    return Overrides(*overridden(fields, service.pipe, service.backend))


class _Exporters:
    """The exporters of the service, each under a name of its own."""

    def __init__(self, service: Fields) -> None:
        self.otlp: list[Otlp] = []
        self.places: list[Place] = []
        self.process_metrics = False
        self._names: set[str] = set()
        self._period = service.integer("metric_reporting_period", _PERIOD_SECONDS)
        if self._period <= 0:
            self._period = _PERIOD_SECONDS
        exporters = inner(service, "exporters", EXPORTERS_KEYS)
        if exporters is None:
            if service.get("exporters") is None:
                message, hint = "there are no exporters: nobody gets anything", 'add "exporters"'
                service.report.warning("CFG217", service.path, message, hint=hint, krakend="goes on without")
            return
        for path, item in exporters.objects("otlp"):
            self._read(path, item, exporters, is_otlp=True)
        for path, item in exporters.objects("prometheus"):
            self._read(path, item, exporters, is_otlp=False)

    def _read(self, path: str, item: Any, around: Fields, *, is_otlp: bool) -> None:
        if not isinstance(item, dict):
            message = "an exporter must be an object: it is left out"
            around.report.warning("CFG217", path, message, krakend="goes on without OpenTelemetry")
            return
        fields = Fields(item, path, OTLP_KEYS if is_otlp else PROMETHEUS_KEYS, around.version, around.report)
        name = fields.text("name")
        if name in self._names:
            message = f'another exporter is called "{name[:60]}": this one is left out'
            krakend = "refuses all exporters, and goes on without OpenTelemetry"
            around.report.warning("CFG217", fields.at("name"), message, hint="give each its name", krakend=krakend)
            return
        self._names.add(name)
        if is_otlp:
            self._otlp(fields, name)
        else:
            self._prometheus(fields)

    def _otlp(self, fields: Fields, name: str) -> None:
        host, written_port, secure = _place(fields.text("host") or "localhost")
        if not host:
            message = "this is not a host: the exporter is left out"
            hint, krakend = 'write "otel-collector.example" or "https://otel-collector.example"', "fails to send"
            fields.report.warning("CFG217", fields.at("host"), message, hint=hint, krakend=krakend)
            return
        http = fields.boolean("use_http")
        port = fields.integer("port") or written_port or (4318 if http else 4317)
        if not 0 < port < 65_536:
            _wrong_port(fields)
            return
        own = fields.integer("custom_metric_reporting_period") or fields.integer("custom_reporting_period")
        self.otlp.append(
            Otlp(
                name,
                host,
                port,
                http=http,
                secure=secure,
                metrics=not fields.boolean("disable_metrics"),
                traces=not fields.boolean("disable_traces"),
                period_seconds=own if own > 0 else self._period,
            )
        )

    def _prometheus(self, fields: Fields) -> None:
        port = fields.integer("port") or 9090
        fields.boolean("go_metrics")
        if not 0 < port < 65_536:
            _wrong_port(fields)
        elif not fields.boolean("disable_metrics"):
            self.process_metrics |= fields.boolean("process_metrics")
            host = fields.text("listen_ip") or fields.text("host")
            self.places.append(Place("" if host in ("0.0.0.0", "::") else host, port, "prometheus"))


def _place(text: str) -> tuple[str, int, bool]:
    """Host, port (0: none) and whether there is TLS. An empty host: that is none.

    A port in the host counts; KrakenD puts another behind it, and never gets through.
    """
    if text.count(":") > 1 and "/" not in text and "[" not in text:
        text = f"[{text}]"  # an IPv6 address as people write it
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        return "", 0, False
    is_host = not any(one.isspace() or one in "/?#@" for one in host)
    return (host if is_host and parts.scheme in ("", "http", "https") else ""), port, parts.scheme == "https"


def _wrong_port(fields: Fields) -> None:
    message = '"port" has to be a number from 1 to 65535: the exporter is left out'
    fields.report.warning("CFG217", fields.at("port"), message, krakend="logs an error")


def _rate(fields: Fields) -> float:
    value = fields.get("trace_sample_rate")
    if value is None:
        return 1.0
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    if is_number and 0 <= value <= 1:
        return float(value)
    rate = float(min(max(value, 0), 1)) if is_number else 1.0
    fields.report.warning(
        "CFG217",
        fields.at("trace_sample_rate"),
        f'"trace_sample_rate" has to be a number from 0 to 1; it is taken for {rate:g}',
        hint="write 0.05 to trace 5 of 100 requests",
        krakend="traces everything" if is_number else "goes on without OpenTelemetry",
    )
    return rate


def _bounds(fields: Fields | None, name: str, default: tuple[float, ...]) -> tuple[float, ...]:
    value = None if fields is None else fields.get(name)
    if fields is None or value is None:
        return default
    if isinstance(value, list) and 0 < len(value) <= 100:
        numbers = [float(one) for one in value if isinstance(one, int | float) and not isinstance(one, bool)]
        if len(numbers) == len(value) and numbers == sorted(set(numbers)) and numbers[0] > 0:
            return tuple(numbers)
    message = f'"{name}" has to be a list of growing numbers: the usual ones are taken'
    fields.report.warning("CFG217", fields.at(name), message, krakend="takes them as they are")
    return default
