"""Every namespace there is, in one table: names in both versions, where KrakenD reads it, what crossgate does with it.

Source: KrakenD 2.13 (alias table of `cmd/krakend-ce`), KrakenD 1.4 components, the official migration tool.
"""

from dataclasses import dataclass
from enum import Enum


class Fate(Enum):
    """What crossgate does with a namespace."""

    RUN = "run"
    UNSAFE = "not run, and unsafe to leave out"
    SAFE = "not run, and safe to leave out"


@dataclass(frozen=True, slots=True)
class NamespaceSpec:
    """One namespace. `old` are its names in version 2 files; `scopes` where KrakenD reads it."""

    name: str
    old: tuple[str, ...]
    scopes: tuple[str, ...]
    fate: Fate
    doc: str = ""


_S, _E, _B, _A = "service", "endpoint", "backend", "async_agent"
_RUN, _UNSAFE, _SAFE = Fate.RUN, Fate.UNSAFE, Fate.SAFE
_GITHUB = "github.com/devopsfaith/"
_ROOT = "github_com/devopsfaith/"

NAMESPACES: tuple[NamespaceSpec, ...] = (
    NamespaceSpec("security/cors", (_ROOT + "krakend-cors",), (_S,), _RUN, "Cross-origin resource sharing."),
    NamespaceSpec("router", (), (_S,), _RUN, "How requests are matched, and what the gateway answers itself."),
    NamespaceSpec("proxy", (_GITHUB + "krakend/proxy",), (_E, _B), _RUN, "Sequential, static, shadow and flatmap."),
    NamespaceSpec("backend/http", (_GITHUB + "krakend/http",), (_B,), _RUN, "How much of a backend's error is shown."),
    NamespaceSpec("backend/http/client", (), (_B,), _RUN, "How this backend is called."),
    NamespaceSpec("crossgate/cors", (), (_S, _E), _RUN, "crossgate's own CORS policies."),
    NamespaceSpec("crossgate/server", (), (_S,), _RUN, "Limits of the listening side."),
    NamespaceSpec("crossgate/errors", (), (_S,), _RUN, "The form of the gateway's own errors."),
    NamespaceSpec("auth/validator", (_GITHUB + "krakend-jose/validator",), (_S, _E), _UNSAFE),
    NamespaceSpec("auth/signer", (_GITHUB + "krakend-jose/signer",), (_E,), _UNSAFE),
    NamespaceSpec("auth/client-credentials", (_GITHUB + "krakend-oauth2-clientcredentials",), (_B,), _UNSAFE),
    NamespaceSpec("auth/revoker", (_ROOT + "bloomfilter",), (_S,), _UNSAFE),
    NamespaceSpec("auth/api-keys", (_GITHUB + "krakend-apikeys", _ROOT + "krakend-apikeys"), (_S, _E), _UNSAFE),
    NamespaceSpec("qos/ratelimit/router", (_GITHUB + "krakend-ratelimit/juju/router",), (_E,), _UNSAFE),
    NamespaceSpec("qos/ratelimit/proxy", (_GITHUB + "krakend-ratelimit/juju/proxy",), (_B,), _UNSAFE),
    NamespaceSpec("validation/cel", (_GITHUB + "krakend-cel",), (_E, _B), _UNSAFE),
    NamespaceSpec("validation/json-schema", (_GITHUB + "krakend-jsonschema",), (_E,), _UNSAFE),
    NamespaceSpec("security/bot-detector", (_ROOT + "krakend-botdetector",), (_S, _E), _UNSAFE),
    NamespaceSpec("security/http", (_ROOT + "krakend-httpsecure",), (_S,), _UNSAFE),
    NamespaceSpec("modifier/lua-endpoint", (_GITHUB + "krakend-lua/router",), (_S, _E), _UNSAFE),
    NamespaceSpec("modifier/lua-proxy", (_GITHUB + "krakend-lua/proxy",), (_E,), _UNSAFE),
    NamespaceSpec("modifier/lua-backend", (_GITHUB + "krakend-lua/proxy/backend",), (_B,), _UNSAFE),
    NamespaceSpec("modifier/martian", (_GITHUB + "krakend-martian",), (_B,), _UNSAFE),
    NamespaceSpec(
        "plugin/http-server", ("github_com/devopsfaith/krakend/transport/http/server/handler",), (_S,), _UNSAFE
    ),
    NamespaceSpec("plugin/http-client", (_GITHUB + "krakend/transport/http/client/executor",), (_B,), _UNSAFE),
    NamespaceSpec("plugin/req-resp-modifier", (_GITHUB + "krakend/proxy/plugin",), (_E, _B), _UNSAFE),
    NamespaceSpec("backend/graphql", (_GITHUB + "krakend/transport/http/client/graphql",), (_B,), _UNSAFE),
    NamespaceSpec("backend/lambda", (_GITHUB + "krakend-lambda",), (_B,), _UNSAFE),
    NamespaceSpec("backend/amqp/consumer", (_GITHUB + "krakend-amqp/consume",), (_B,), _UNSAFE),
    NamespaceSpec("backend/amqp/producer", (_GITHUB + "krakend-amqp/produce",), (_B,), _UNSAFE),
    NamespaceSpec("backend/pubsub/publisher", (_GITHUB + "krakend-pubsub/publisher",), (_B,), _UNSAFE),
    NamespaceSpec("backend/pubsub/subscriber", (_GITHUB + "krakend-pubsub/subscriber",), (_B,), _UNSAFE),
    NamespaceSpec("async/amqp", (_GITHUB + "krakend-amqp/agent",), (_A,), _UNSAFE),
    NamespaceSpec("qos/http-cache", (_GITHUB + "krakend-httpcache",), (_B,), _SAFE),
    NamespaceSpec("qos/circuit-breaker", (_GITHUB + "krakend-circuitbreaker/gobreaker",), (_B,), _SAFE),
    NamespaceSpec("telemetry/gelf", (_ROOT + "krakend-gelf",), (_S,), _SAFE),
    NamespaceSpec("telemetry/logging", (_ROOT + "krakend-gologging",), (_S,), _SAFE),
    NamespaceSpec("telemetry/logstash", (_ROOT + "krakend-logstash",), (_S,), _SAFE),
    NamespaceSpec("telemetry/metrics", (_ROOT + "krakend-metrics",), (_S,), _SAFE),
    NamespaceSpec("telemetry/opencensus", (_ROOT + "krakend-opencensus",), (_S, _E, _B), _SAFE),
    NamespaceSpec("telemetry/opentelemetry", (), (_S, _E, _B), _SAFE),
    NamespaceSpec("telemetry/influx", ("github_com/letgoapp/krakend-influx", _ROOT + "krakend-influx"), (_S,), _SAFE),
    NamespaceSpec("documentation/openapi", (_GITHUB + "krakend-swagger", _ROOT + "krakend-swagger"), (_S, _E), _SAFE),
)

ROUTER_ADDED_AFTER_1_4 = "github_com/luraproject/lura/router/gin"
"""KrakenD 2 also reads the router options under this name; no stable 1.x had them."""

UNSAFE_FAMILIES = (
    "auth/",
    "qos/ratelimit/",
    "validation/",
    "security/",
    "modifier/",
    "plugin/",
    "backend/graphql",
    "backend/lambda",
    "backend/amqp/",
    "backend/pubsub/",
)
"""Names that begin so are unsafe to leave out even where no single namespace of the table has them."""

SAFE_FAMILIES = ("telemetry/", "documentation/")

ENTERPRISE = (
    "websocket",
    "backend/grpc",
    "backend/soap",
    "backend/conditional",
    "backend/static-filesystem",
    "backend/redis",
    "server/static-filesystem",
    "server/virtualhost",
    "grpc",
    "redis",
    "governance/",
    "workflow",
    "ai/",
    "proxy/decompress-gzip",
    "qos/",
)
"""KrakenD Enterprise has these; the community edition ignores them."""
