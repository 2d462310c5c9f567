"""Every namespace there is, in one table: names in both versions, where KrakenD reads it, what crossgate does with it.

The table is what decoding, the editors' schema and the lists in the docs are made from. Source: KrakenD 2.13 (alias
table of `cmd/krakend-ce`), KrakenD 1.4 components, the official migration tool, the branches of KrakenD 3.0.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class NamespaceSpec:
    """One namespace. `old` are its names in version 2 files; `scopes` where KrakenD reads it.

    A `guard` must not be missing: leaving it out lets through, or sends on, what the file wants held back. `run` says
    that crossgate runs it. A feature that arrives changes `run` and nothing else.
    """

    name: str
    old: tuple[str, ...]
    scopes: tuple[str, ...]
    guard: bool
    run: bool = False
    doc: str = ""
    renamed: bool = True  # KrakenD 2 reads the old names, too
    gone: bool = False  # no longer in the community edition of KrakenD 3.0
    enterprise: bool = False

    @property
    def standing(self) -> str:
        """What crossgate does with it, in words."""
        if self.run:
            return "run"
        return "not run, and unsafe to leave out" if self.guard else "not run, and safe to leave out"

    def is_read(self, name: str, scope: str, version: Literal[2, 3], *, preview: bool) -> bool:
        """Whether KrakenD reads this namespace under that name in that scope. `preview`: version 4, KrakenD 3.0."""
        if scope not in self.scopes:
            return False
        if name == self.name:
            return version == 3 or self.is_own
        if version == 2:
            return name in self.old
        return self.renamed and not preview

    def name_in(self, version: Literal[2, 3]) -> str:
        """Its name in files of a version; empty where that version does not have it."""
        if version == 3 or self.is_own:
            return self.name
        return self.old[0] if self.old else ""

    @property
    def is_own(self) -> bool:
        """Whether it is crossgate's own, and the same in both versions."""
        return self.name.startswith("crossgate/")


_S, _E, _B, _A = "service", "endpoint", "backend", "async_agent"
_GUARD, _PLAIN = True, False
_GITHUB = "github.com/devopsfaith/"
_ROOT = "github_com/devopsfaith/"

NAMESPACES: tuple[NamespaceSpec, ...] = (
    NamespaceSpec(
        "security/cors", (_ROOT + "krakend-cors",), (_S,), _PLAIN, run=True, doc="Cross-origin resource sharing."
    ),
    NamespaceSpec(
        "router", (), (_S,), _PLAIN, run=True, doc="How requests are matched, and what the gateway answers itself."
    ),
    NamespaceSpec(
        "proxy", (_GITHUB + "krakend/proxy",), (_E, _B), _PLAIN, run=True, doc="Sequential, static, shadow and flatmap."
    ),
    NamespaceSpec(
        "backend/http",
        (_GITHUB + "krakend/http",),
        (_B,),
        _PLAIN,
        run=True,
        doc="How much of a backend's error is shown.",
    ),
    NamespaceSpec("backend/http/client", (), (_B,), _PLAIN, run=True, doc="How this backend is called."),
    NamespaceSpec("crossgate/cors", (), (_S, _E), _PLAIN, run=True, doc="crossgate's own CORS policies."),
    NamespaceSpec("crossgate/server", (), (_S,), _PLAIN, run=True, doc="Limits of the listening side."),
    NamespaceSpec("crossgate/errors", (), (_S,), _PLAIN, run=True, doc="The form of the gateway's own errors."),
    NamespaceSpec("crossgate/drain", (), (_S,), _PLAIN, run=True, doc="The gateway's last moments."),
    NamespaceSpec("crossgate/auth", (), (_S, _E), _GUARD),
    NamespaceSpec("crossgate/overload", (), (_S,), _GUARD),
    NamespaceSpec("crossgate/plugins", (), (_S,), _GUARD),
    NamespaceSpec("crossgate/revoker", (), (_S,), _GUARD),
    NamespaceSpec("crossgate/redis", (), (_S,), _GUARD),
    NamespaceSpec("crossgate/metrics", (), (_S,), _PLAIN),
    NamespaceSpec("crossgate/log", (), (_S,), _PLAIN, run=True, doc="The access log, levels, request ids."),
    NamespaceSpec("crossgate/explain", (), (_S,), _PLAIN),
    NamespaceSpec("auth/validator", (_GITHUB + "krakend-jose/validator",), (_S, _E), _GUARD),
    NamespaceSpec("auth/signer", (_GITHUB + "krakend-jose/signer",), (_E,), _GUARD),
    NamespaceSpec("auth/client-credentials", (_GITHUB + "krakend-oauth2-clientcredentials",), (_B,), _GUARD),
    NamespaceSpec("auth/revoker", (_ROOT + "bloomfilter",), (_S,), _GUARD),
    NamespaceSpec(
        "auth/api-keys", (_GITHUB + "krakend-apikeys", _ROOT + "krakend-apikeys"), (_S, _E), _GUARD, enterprise=True
    ),
    NamespaceSpec("qos/ratelimit/router", (_GITHUB + "krakend-ratelimit/juju/router",), (_E,), _GUARD, renamed=False),
    NamespaceSpec("qos/ratelimit/proxy", (_GITHUB + "krakend-ratelimit/juju/proxy",), (_B,), _GUARD, renamed=False),
    NamespaceSpec("validation/cel", (_GITHUB + "krakend-cel",), (_E, _B), _GUARD),
    NamespaceSpec("validation/json-schema", (_GITHUB + "krakend-jsonschema",), (_E,), _GUARD),
    NamespaceSpec("security/bot-detector", (_ROOT + "krakend-botdetector",), (_S, _E), _GUARD),
    NamespaceSpec("security/http", (_ROOT + "krakend-httpsecure",), (_S,), _GUARD),
    NamespaceSpec("modifier/lua-endpoint", (_GITHUB + "krakend-lua/router",), (_S, _E), _GUARD),
    NamespaceSpec("modifier/lua-proxy", (_GITHUB + "krakend-lua/proxy",), (_E,), _GUARD),
    NamespaceSpec("modifier/lua-backend", (_GITHUB + "krakend-lua/proxy/backend",), (_B,), _GUARD),
    NamespaceSpec("modifier/martian", (_GITHUB + "krakend-martian",), (_B,), _GUARD),
    NamespaceSpec(
        "plugin/http-server",
        ("github_com/devopsfaith/krakend/transport/http/server/handler",),
        (_S,),
        _GUARD,
        gone=True,
    ),
    NamespaceSpec(
        "plugin/http-client", (_GITHUB + "krakend/transport/http/client/executor",), (_B,), _GUARD, gone=True
    ),
    NamespaceSpec("plugin/req-resp-modifier", (_GITHUB + "krakend/proxy/plugin",), (_E, _B), _GUARD, gone=True),
    NamespaceSpec("backend/graphql", (_GITHUB + "krakend/transport/http/client/graphql",), (_B,), _GUARD),
    NamespaceSpec("backend/lambda", (_GITHUB + "krakend-lambda",), (_B,), _GUARD),
    NamespaceSpec("backend/amqp/consumer", (_GITHUB + "krakend-amqp/consume",), (_B,), _GUARD),
    NamespaceSpec("backend/amqp/producer", (_GITHUB + "krakend-amqp/produce",), (_B,), _GUARD),
    NamespaceSpec("backend/pubsub/publisher", (_GITHUB + "krakend-pubsub/publisher",), (_B,), _GUARD),
    NamespaceSpec("backend/pubsub/subscriber", (_GITHUB + "krakend-pubsub/subscriber",), (_B,), _GUARD),
    NamespaceSpec("async/amqp", (_GITHUB + "krakend-amqp/agent",), (_A,), _GUARD),
    NamespaceSpec("qos/http-cache", (_GITHUB + "krakend-httpcache",), (_B,), _PLAIN),
    NamespaceSpec("qos/circuit-breaker", (_GITHUB + "krakend-circuitbreaker/gobreaker",), (_B,), _PLAIN),
    NamespaceSpec("telemetry/gelf", (_ROOT + "krakend-gelf",), (_S,), _PLAIN, run=True, doc="Log lines for Graylog."),
    NamespaceSpec(
        "telemetry/logging",
        (_ROOT + "krakend-gologging",),
        (_S,),
        _PLAIN,
        run=True,
        doc="The gateway's own log lines.",
    ),
    NamespaceSpec(
        "telemetry/logstash", (_ROOT + "krakend-logstash",), (_S,), _PLAIN, run=True, doc="Log lines for Logstash."
    ),
    NamespaceSpec("telemetry/metrics", (_ROOT + "krakend-metrics",), (_S,), _PLAIN, gone=True),
    NamespaceSpec("telemetry/opencensus", (_ROOT + "krakend-opencensus",), (_S, _E, _B), _PLAIN, gone=True),
    NamespaceSpec("telemetry/opentelemetry", (), (_S, _E, _B), _PLAIN),
    NamespaceSpec(
        "telemetry/influx", ("github_com/letgoapp/krakend-influx", _ROOT + "krakend-influx"), (_S,), _PLAIN, gone=True
    ),
    NamespaceSpec("documentation/openapi", (_GITHUB + "krakend-swagger", _ROOT + "krakend-swagger"), (_S, _E), _PLAIN),
)

ROUTER_ADDED_AFTER_1_4 = "github_com/luraproject/lura/router/gin"
"""KrakenD 2 also reads the router options under this name; no stable 1.x had them."""

GUARD_FAMILIES = (
    "auth/",
    "qos/ratelimit",
    "validation/",
    "security/",
    "modifier/",
    "plugin/",
    "governance/",
    "backend/graphql",
    "backend/lambda",
    "backend/amqp",
    "backend/pubsub",
    "crossgate/",
)
"""Names that begin so guard something even where no single namespace of the table has them."""

PLAIN_FAMILIES = ("telemetry/", "documentation/")

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
    "workflow",
    "ai/",
    "proxy/decompress-gzip",
)
"""KrakenD Enterprise has these; the community edition ignores them."""


def by_any_name(specs: Collection[NamespaceSpec] = NAMESPACES) -> dict[str, NamespaceSpec]:
    """Namespaces by every name that either version uses. The router is among them."""
    names = {spec.name: spec for spec in specs}
    for spec in specs:
        for old in spec.old:
            names[old] = spec
    names[ROUTER_ADDED_AFTER_1_4] = names["router"]
    return names
