"""Exporters of OpenCensus, and the block that takes the place of each. Nothing speaks their formats any more.

Source: krakend-opencensus v2 `exporter/*`; KrakenD 2.13, "Migrating from OpenCensus" for what follows which.
"""

import json
from typing import Any
from urllib.parse import urlsplit

OTEL, OWN = "telemetry/opentelemetry", "crossgate/metrics"
_ADDRESSES = {
    "jaeger": ("endpoint", "agent_endpoint"),
    "ocagent": ("address",),
    "datadog": ("trace_address",),
}
"""Of exporters whose receivers take OTLP themselves nowadays: the keys that may say where they are."""

_BY_COLLECTOR = frozenset(("zipkin", "stackdriver", "xray", "aws"))
"""Exporters whose receivers a collector of OpenTelemetry sends to."""


def instead_of(name: str, value: Any, sample_rate: int) -> str:
    """What to write in the place of an exporter; `sample_rate` is the file's, in percent."""
    settings = value if isinstance(value, dict) else {}
    if name in _ADDRESSES:
        host = next((host for key in _ADDRESSES[name] if (host := _host(settings.get(key)))), f"{name}.example")
        exporter = {"name": name, "host": host, "port": 4317}
        return f"it takes OTLP: {_block(exporter, settings, sample_rate)}"
    if name in _BY_COLLECTOR:
        exporter = {"name": "collector", "host": "otel-collector.example", "port": 4317}
        return f"have a collector send there, and write {_block(exporter, settings, sample_rate)}"
    return f'in its place, write "{OWN}": {{"listen": "127.0.0.1:9091"}}; Prometheus reads it'


def _block(exporter: dict[str, Any], settings: dict[str, Any], sample_rate: int) -> str:
    block: dict[str, Any] = {"exporters": {"otlp": [exporter]}}
    service = settings.get("service_name") or settings.get("service")
    if isinstance(service, str) and service:
        block["service_name"] = service
    if 0 <= sample_rate < 100:
        block["trace_sample_rate"] = sample_rate / 100
    return f'"{OTEL}": {json.dumps(block)}'


def _host(address: Any) -> str:
    if not isinstance(address, str) or not address:
        return ""
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
