"""The CORS engine: policies in, decisions and header edits out. Pure, and of the standard library alone."""

from crossgate.cors.config import ConfigError, CorsConfig, Dialect, OriginGrammar, Upstream
from crossgate.cors.counters import Counters
from crossgate.cors.decision import Decision, Kind, Reason, Step
from crossgate.cors.edits import Edits
from crossgate.cors.policy import CorsPolicy
from crossgate.cors.service import ABSENT, ServiceCors, decode_service_cors

__all__ = [
    "ABSENT",
    "ConfigError",
    "CorsConfig",
    "CorsPolicy",
    "Counters",
    "Decision",
    "Dialect",
    "Edits",
    "Kind",
    "OriginGrammar",
    "Reason",
    "ServiceCors",
    "Step",
    "Upstream",
    "decode_service_cors",
]
