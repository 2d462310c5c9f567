"""The typed model of a KrakenD configuration file, of either version.

A value of these types is valid: decoding found nothing that prevents a start. Defaults have been filled in, both
versions' names have become one, durations are seconds. `components` are what components made of their namespaces,
by the component's name: frozen values that mean something to it alone. Does not know JSON, files or diagnostics.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from crossgate.config.log_model import LogConfig
from crossgate.cors import CorsPolicy

NOTHING: Mapping[str, Any] = MappingProxyType({})


def _nothing() -> Mapping[str, Any]:
    """A default: Python 3.11 takes an immutable mapping for a mutable one, so it has to come from a call."""
    return NOTHING


@dataclass(frozen=True, slots=True)
class StaticConfig:
    """`proxy.static`: data merged over the response when the strategy says so."""

    strategy: Literal["always", "success", "errored", "complete", "incomplete"]
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FlatmapOp:
    """One operation of `proxy.flatmap_filter`."""

    type: Literal["move", "del", "append"]
    args: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BackendConfig:
    """One backend of an endpoint. `hosts` are sanitised unless the file disabled that; none means `no hosts available`.

    `input_headers` and `input_query_strings` are None where the backend does not filter (what the endpoint lets through
    passes). `url_pattern` begins with a slash and keeps its `{placeholders}`. `mapping` targets are cut at their first
    dot already. `wrapped_by` names the components that stand around its calls, `guarded_by` those that do so without
    looking at them.
    """

    index: int
    hosts: tuple[str, ...]
    url_pattern: str
    method: str
    encoding: str = "json"
    is_collection: bool = False
    target: str = ""
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=_nothing)
    group: str = ""
    input_headers: tuple[str, ...] | None = None
    input_query_strings: tuple[str, ...] | None = None
    sd: Literal["static", "dns"] = "static"
    sd_scheme: str = "http"
    flatmap: tuple[FlatmapOp, ...] = ()
    shadow: bool = False
    shadow_timeout_seconds: float = 0.0
    return_error_details: str = ""
    return_error_code: bool = False
    send_body_on_redirect: bool = False
    unsupported: tuple[str, ...] = ()  # namespaces that are unsafe to leave out and not run
    components: Mapping[str, Any] = field(default_factory=_nothing)
    wrapped_by: tuple[str, ...] = ()
    guarded_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndpointConfig:
    """One endpoint. `path` begins with a slash; `params` are the names of its `{param}` segments, in order.

    `input_headers` are canonical (`X-Request-Id`) or `*`; empty means that only Content-Type passes.
    `cors` is None where the service's policy holds. `answered_by` names the component that makes the response in the
    place of rendering, if there is one; `wrapped_by` those that stand around all its backends together,
    `modified_by` those that do so within static data and shadows.
    """

    index: int
    path: str
    method: str
    backends: tuple[BackendConfig, ...]
    params: tuple[str, ...] = ()
    timeout_seconds: float = 2.0
    cache_ttl_seconds: float = 0.0
    output_encoding: str = "json"
    concurrent_calls: int = 1
    input_headers: tuple[str, ...] = ()
    input_query_strings: tuple[str, ...] = ()
    sequential: bool = False
    sequential_propagated_params: tuple[str, ...] = ()
    static: StaticConfig | None = None
    flatmap: tuple[FlatmapOp, ...] = ()
    cors: CorsPolicy | None = None
    unsupported: tuple[str, ...] = ()
    components: Mapping[str, Any] = field(default_factory=_nothing)
    answered_by: str = ""
    wrapped_by: tuple[str, ...] = ()
    modified_by: tuple[str, ...] = ()

    @property
    def left_out(self) -> tuple[str, ...]:
        """The guards before it and its backends that are not run, as written. Where there are any, it answers 501."""
        return (*self.unsupported, *[name for backend in self.backends for name in backend.unsupported])


@dataclass(frozen=True, slots=True)
class RouterConfig:
    """The `router` namespace. Health answers on `health_path`. `error_bodies` maps 404 and 405 to JSON text."""

    auto_options: bool = False
    disable_health: bool = False
    health_path: str = "/__health"
    disable_access_log: bool = False
    logger_skip_paths: tuple[str, ...] = ()
    disable_redirect_trailing_slash: bool = False
    disable_redirect_fixed_path: bool = False
    disable_handle_method_not_allowed: bool = False
    remove_extra_slash: bool = False
    disable_path_decoding: bool = False
    hide_version_header: bool = False
    return_error_msg: bool = False
    error_bodies: Mapping[int, Any] = field(default_factory=dict)
    forwarded_by_client_ip: bool = True
    remote_ip_headers: tuple[str, ...] = ("X-Forwarded-For", "X-Real-IP")
    trusted_proxies: tuple[str, ...] = ("0.0.0.0/0", "::/0")
    app_engine: bool = False


@dataclass(frozen=True, slots=True)
class LimitsConfig:
    """`crossgate/server`, after KrakenD's own root keys. Zero means no limit, but for the timeouts' zero: none.

    `half_close` is what becomes of requests whose client has ended its side of the connection.
    """

    max_head_bytes: int = 65_536
    max_headers: int = 128
    max_target_bytes: int = 16_384
    max_body_bytes: int = 0
    max_connections: int = 16_384
    max_connections_per_client: int = 0
    max_requests_per_connection: int = 0
    header_timeout_seconds: float = 10.0
    idle_timeout_seconds: float = 75.0
    write_timeout_seconds: float = 60.0
    read_timeout_seconds: float = 0.0
    half_close: Literal["cancel", "answer"] = "cancel"


@dataclass(frozen=True, slots=True)
class UpstreamConfig:
    """How backends are called: KrakenD's root keys for its HTTP client. Zero means none, as in KrakenD."""

    max_idle_connections: int = 0
    max_idle_connections_per_host: int = 250
    idle_connection_timeout_seconds: float = 0.0
    dialer_timeout_seconds: float = 0.0
    response_header_timeout_seconds: float = 0.0
    expect_continue_timeout_seconds: float = 0.0
    disable_keep_alives: bool = False
    disable_compression: bool = False
    allow_insecure_connections: bool = False
    dns_cache_ttl_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """A whole file. `listen_ip` empty means all interfaces. `cors` is None where CORS is off."""

    version: Literal[2, 3]
    name: str = ""
    port: int = 8080
    listen_ip: str = ""
    endpoints: tuple[EndpointConfig, ...] = ()
    cors: CorsPolicy | None = None
    cors_debug: bool = False
    router: RouterConfig = field(default_factory=RouterConfig)
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    upstream: UpstreamConfig = field(default_factory=UpstreamConfig)
    error_style: Literal["krakend", "http"] = "krakend"
    log: LogConfig = field(default_factory=LogConfig)
    debug_endpoint: bool = False
    echo_endpoint: bool = False
    max_shutdown_wait_seconds: float = 0.0  # 0: as long as it takes
    drain_delay_seconds: float = 0.0
    unsupported: tuple[str, ...] = ()  # guards of the whole service that are not run; each endpoint names them, too
    components: Mapping[str, Any] = field(default_factory=_nothing)
