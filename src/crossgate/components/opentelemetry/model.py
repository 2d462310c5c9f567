"""What a file wants of OpenTelemetry, as values."""

from dataclasses import dataclass

from crossgate.components.scraping.place import Place

TIME_BOUNDS = (
    0.01, 0.02, 0.05, 0.075, 0.1, 0.125, 0.15, 0.175, 0.2, 0.25,
    0.3, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 3.5, 5.0, 10.0,
)  # fmt: skip
"""KrakenD's, in seconds."""

SIZE_BOUNDS = tuple(float(2**power) for power in (7, 8, 9, 10, 12, 13, 14, 15, 16, 18, 19, 20, 22, 24, 26))
"""KrakenD's, in bytes."""

Attributes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Otlp:
    """A collector. `period_seconds` is how often it gets numbers."""

    name: str
    host: str
    port: int
    http: bool = False
    secure: bool = False
    metrics: bool = True
    traces: bool = True
    period_seconds: int = 30


@dataclass(frozen=True, slots=True)
class Layer:
    """What is reported of requests, or of pipes. `skipped_fields` are lower-case names."""

    metrics: bool = True
    traces: bool = True
    report_fields: bool = False
    skipped_fields: frozenset[bytes] = frozenset()
    labels: Attributes = ()
    attributes: Attributes = ()


@dataclass(frozen=True, slots=True)
class BackendLayer:
    """What is reported of backends: of the stage, decoding included, and of the round trip alone."""

    stage_metrics: bool = True
    stage_traces: bool = True
    trip_metrics: bool = True
    trip_traces: bool = True
    report_fields: bool = False
    skipped_fields: frozenset[bytes] = frozenset()
    labels: Attributes = ()
    attributes: Attributes = ()


@dataclass(frozen=True, slots=True)
class Overrides:
    """What an endpoint or a backend has in the place of the service's."""

    pipe: Layer
    backend: BackendLayer


@dataclass(frozen=True, slots=True)
class OtelConfig:
    """What the service asks for. `environment` empty: none is named."""

    service_name: str
    service_version: str
    environment: str = ""
    sample_rate: float = 1.0
    skipped_paths: frozenset[str] = frozenset()
    otlp: tuple[Otlp, ...] = ()
    places: tuple[Place, ...] = ()
    process_metrics: bool = False
    requests: Layer = Layer()
    propagates: bool = True
    named_by_convention: bool = False
    pipe: Layer = Layer()
    backend: BackendLayer = BackendLayer()
    time_bounds: tuple[float, ...] = TIME_BOUNDS
    size_bounds: tuple[float, ...] = SIZE_BOUNDS

    @property
    def counts(self) -> bool:
        """Whether anybody gets numbers."""
        return bool(self.places) or any(each.metrics for each in self.otlp)

    @property
    def traces(self) -> bool:
        """Whether anybody gets spans."""
        return any(each.traces for each in self.otlp)
