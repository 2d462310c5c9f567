"""The one KrakenD file of all workloads, as crossgate and KrakenD run it."""

from typing import Any

from benchmarks.gateway.tokens import validator
from benchmarks.gateway.workloads import ORIGIN
from crossgate.components import COMPONENTS

RATE_LIMIT = "qos/ratelimit/router"
_BREAKER = {"qos/circuit-breaker": {"interval": 60, "timeout": 10, "max_errors": 5}}
# So high that nobody meets them: what is measured is that somebody counts.
_LIMITS = {"max_rate": 10_000_000, "client_max_rate": 10_000_000, "strategy": "ip"}


def krakend_file(
    port: int,
    backend: str,
    key_source: dict[str, object],
    *,
    access_logs: bool = False,
    metrics_port: int = 0,
) -> dict[str, Any]:
    """`backend` is an address with its port, `key_source` the keys of the validator that say where the key set is.

    With a `metrics_port` there are metrics, and access logs are JSON.
    """
    guards = {"auth/validator": validator(key_source)} | ({RATE_LIMIT: _LIMITS} if runs(RATE_LIMIT) else {})
    shape = {"allow": ["id", "items"], "mapping": {"items": "things"}, "group": "data"}
    everything: dict[str, Any] = {"input_headers": ["*"], "input_query_strings": ["*"]}
    posted: dict[str, Any] = {"method": "POST", "input_headers": ["Content-Type", "X-Requested-With"]}
    beside: dict[str, Any] = {}
    if metrics_port:
        beside = {"crossgate/metrics": {"listen": f"127.0.0.1:{metrics_port}"}, "crossgate/log": {"access": "json"}}
    return {
        "version": 3,
        "name": "benchmark",
        "listen_ip": "127.0.0.1",
        "port": port,
        "timeout": "3s",
        "host": [f"http://{backend}"],
        "extra_config": {
            "router": {"disable_access_log": not access_logs},
            "security/cors": {
                "allow_origins": [ORIGIN],
                "allow_methods": ["GET", "POST", "PUT"],
                "allow_headers": ["Authorization", "Content-Type"],
                "max_age": "10m",
            },
            **beside,
        },
        "endpoints": [
            _no_op("/plain", "/plain"),
            _no_op("/users/{id}", "/users/{id}", **everything),
            _no_op("/post", "/post", **posted),
            {"endpoint": "/json", "backend": [{"url_pattern": "/json", **shape}]},
            {"endpoint": "/gzip-json", "backend": [{"url_pattern": "/gzip-json", **shape}]},
            {
                "endpoint": "/merge3",
                "backend": [{"url_pattern": f"/{name}", "group": name} for name in ("a", "b", "c")],
            },
            _no_op("/guarded/{id}", "/guarded/{id}", **everything, extra_config=guards),
            _no_op("/everything/{id}", "/everything/{id}", _BREAKER, **everything, extra_config=guards),
        ],
    }


def runs(namespace: str) -> bool:
    """Whether this version has a component for it."""
    return any(namespace == one.name for component in COMPONENTS for one in component.namespaces)


def _no_op(
    endpoint: str, url_pattern: str, around: dict[str, Any] | None = None, method: str = "GET", **more: Any
) -> dict[str, Any]:
    backend = {"url_pattern": url_pattern, "encoding": "no-op", "method": method, "extra_config": around or {}}
    return {"endpoint": endpoint, "method": method, "output_encoding": "no-op", "backend": [backend], **more}
