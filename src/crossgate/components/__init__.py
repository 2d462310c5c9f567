"""The components there are, in one explicit tuple: the order in which they meet a request, outermost first.

Source of the order: KrakenD 2.13, `router_engine.go` and `handler_factory.go` of krakend-ce.
"""

from crossgate.components.api_keys import ApiKeys
from crossgate.components.basic_auth import BasicAuth
from crossgate.components.bot_detector import BotDetector
from crossgate.components.cel import Cel
from crossgate.components.circuit_breaker import CircuitBreaker
from crossgate.components.client_credentials import ClientCredentials
from crossgate.components.component import Component, Credential, Part, Surroundings
from crossgate.components.explain import Explain
from crossgate.components.graphql import GraphQl
from crossgate.components.http_cache import HttpCache
from crossgate.components.installed import installed_components
from crossgate.components.json_schema import JsonSchema
from crossgate.components.jwt import Jwt
from crossgate.components.lua import Lua
from crossgate.components.martian import Martian
from crossgate.components.metrics import Metrics
from crossgate.components.openapi import OpenApi
from crossgate.components.opentelemetry import OpenTelemetry
from crossgate.components.overload import Overload
from crossgate.components.plugins import Plugins
from crossgate.components.rate_limit import RateLimit
from crossgate.components.redis import Redis
from crossgate.components.security_http import SecurityHttp
from crossgate.components.signer import Signer

__all__ = ["COMPONENTS", "Component", "Credential", "Part", "Surroundings", "all_components"]

COMPONENTS: tuple[Component, ...] = (
    OpenTelemetry(),
    Metrics(),
    Redis(),
    Explain(),
    Overload(),
    SecurityHttp(),
    BotDetector(),
    ApiKeys(),
    BasicAuth(),
    Jwt(),
    Signer(),
    Lua(),
    GraphQl(),
    Plugins(),
    CircuitBreaker(),
    RateLimit(),
    Cel(),
    JsonSchema(),
    Martian(),
    ClientCredentials(),
    HttpCache(),
    OpenApi(),
)


def all_components() -> tuple[Component, ...]:
    """Those of crossgate, then other people's. Raises ComponentError where one of theirs cannot be had."""
    return COMPONENTS + installed_components(taken={part.name for part in COMPONENTS})
