"""The plan: everything a worker needs to answer requests, as frozen data. Knows no callables, sockets or clocks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from crossgate.config.model import BackendConfig, EndpointConfig, RouterConfig, UpstreamConfig
from crossgate.cors import CorsPolicy
from crossgate.plan.identity import Identity
from crossgate.plan.routes import RoutePlan
from crossgate.plan.stages import BackendStage, EndpointStage
from crossgate.plan.url_template import UrlTemplate


@dataclass(frozen=True, slots=True)
class BackendPlan:
    """One backend: its stages, outermost first, and the pieces of its URL. `no_op`: bodies pass as they are."""

    config: BackendConfig
    stages: tuple[BackendStage, ...]
    template: UrlTemplate
    method: str
    no_op: bool


@dataclass(frozen=True, slots=True)
class EndpointPlan:
    """One endpoint: its stages, outermost first. `timeout_seconds` may be negative: then every request times out."""

    config: EndpointConfig
    stages: tuple[EndpointStage, ...]
    backends: tuple[BackendPlan, ...]
    shadows: tuple[BackendPlan, ...]
    timeout_seconds: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole service. `name` is what the file calls it, empty where it does not."""

    identity: Identity
    routes: tuple[RoutePlan, ...]
    endpoints: tuple[EndpointPlan, ...]
    router: RouterConfig
    upstream: UpstreamConfig
    cors: CorsPolicy | None
    error_style: Literal["krakend", "http"]
    unsupported: tuple[str, ...]  # guards of the whole service that are not run: only the health route answers
    components: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
