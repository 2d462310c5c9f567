"""The keys of limits, by namespace. What KrakenD Enterprise adds is from its public schema, 2.12."""

from crossgate.config.component import ComponentNamespace
from crossgate.config.keys import Key, KeyTable, Kind, Manner

ROUTER = "qos/ratelimit/router"
ROUTER_REDIS = "qos/ratelimit/router/redis"
SERVICE = "qos/ratelimit/service"
SERVICE_REDIS = "qos/ratelimit/service/redis"
TIERED = "qos/ratelimit/tiered"
PROXY = "qos/ratelimit/proxy"
VALIDATOR = "auth/validator"
"""By which requests have a token whose claims name their client."""
STRATEGIES = ("ip", "header", "param")
ROUTER_KEYS = KeyTable(
    "the rate limit",
    Manner.EXACT,
    (
        Key(
            "max_rate",
            Kind.ANY,
            "Requests of all clients together in each `every`.",
            old="maxRate",
            also_old=True,
            shape="number",
        ),
        Key(
            "capacity",
            Kind.ANY,
            "Most that may come at once; absent: the rate in a second.",
            since3=True,
            shape="number",
        ),
        Key("client_max_rate", Kind.ANY, "Requests of one client.", old="clientMaxRate", also_old=True, shape="number"),
        Key("client_capacity", Kind.ANY, "Most that one client may send at once.", since3=True, shape="number"),
        Key("strategy", Kind.TEXT, "What makes a client: its address, a field, a parameter.", choices=STRATEGIES),
        Key("key", Kind.TEXT, "The field or parameter; with `ip`, a field that has the address."),
        Key("every", Kind.DURATION, "The time in which rates are counted.", "1s", since3=True),
        Key("num_shards", Kind.ANY, "Read and not needed.", since3=True, shape="number"),
        Key("cleanup_period", Kind.ANY, "Read and not needed: memory is bounded.", since3=True, shape="duration"),
        Key("cleanup_threads", Kind.ANY, "Read and not needed.", since3=True, shape="number"),
    ),
)
PROXY_KEYS = KeyTable(
    "the rate limit",
    Manner.EXACT,
    (
        Key(
            "max_rate", Kind.ANY, "Calls of this backend in each `every`.", old="maxRate", also_old=True, shape="number"
        ),
        Key("capacity", Kind.ANY, "Most that may be made at once; absent: the rate in a second.", shape="number"),
        Key("every", Kind.DURATION, "The time in which the rate is counted.", "1s", since3=True),
    ),
)
_OF_ALL = (
    Key("max_rate", Kind.ANY, "Requests of all clients together in each `every`.", shape="number"),
    Key("capacity", Kind.ANY, "Most that may come at once; absent: the rate in a second.", shape="number"),
)
_OF_CLIENTS = (
    Key("client_max_rate", Kind.ANY, "Requests of one client.", shape="number"),
    Key("client_capacity", Kind.ANY, "Most that one client may send at once.", shape="number"),
    Key("strategy", Kind.TEXT, "What makes a client; `jwt`: a claim of its token.", choices=(*STRATEGIES, "jwt")),
    Key("key", Kind.TEXT, "The field, parameter or claim; with `ip`, a field that has the address."),
    Key("every", Kind.DURATION, "The time in which rates are counted.", "1s"),
)
REDIS_KEYS = KeyTable(
    "the rate limit",
    Manner.EXACT,
    (
        *_OF_ALL,
        *_OF_CLIENTS,
        Key("connection_name", Kind.TEXT, "Which Redis: a name of `redis`; absent: that of `crossgate/redis`."),
        Key("connection_pool", Kind.TEXT, "The same, as files before 2.9 have it."),
        Key("on_failure_allow", Kind.BOOLEAN, "Without Redis: let everything pass, or nothing; absent: count here."),
    ),
)
SERVICE_KEYS = KeyTable(
    "the rate limit",
    Manner.EXACT,
    (
        *_OF_ALL,
        *_OF_CLIENTS,
        Key("num_shards", Kind.ANY, "Read and not needed.", shape="number"),
        Key("cleanup_period", Kind.ANY, "Read and not needed: memory is bounded.", shape="duration"),
        Key("cleanup_threads", Kind.ANY, "Read and not needed.", shape="number"),
    ),
)
TIER_KEYS = KeyTable(
    "a tier",
    Manner.EXACT,
    (
        Key("tier_value", Kind.TEXT, "What the field has to be, or the policy that has to be true for it."),
        Key(
            "tier_value_as",
            Kind.TEXT,
            "Whether the field has to be equal, a policy in CEL decides, or anything fits.",
            "literal",
            choices=("literal", "policy", "*"),
        ),
        Key("ratelimit", Kind.OBJECT, "A limit with the keys of `qos/ratelimit/service`.", inner=SERVICE_KEYS),
        Key("ratelimit_redis", Kind.OBJECT, "A limit with those of `qos/ratelimit/service/redis`.", inner=REDIS_KEYS),
    ),
)
TIERED_KEYS = KeyTable(
    "the tiers",
    Manner.EXACT,
    (
        Key("tier_key", Kind.TEXT, "The request field with the name of the client's tier."),
        Key("tiers", Kind.OBJECTS, "The tiers with their limits; the first that fits counts.", inner=TIER_KEYS),
    ),
)
NAMESPACES = (
    ComponentNamespace(ROUTER, "Limits an endpoint's requests, and those of each client.", {"endpoint": ROUTER_KEYS}),
    ComponentNamespace(PROXY, "Limits the calls of a backend.", {"backend": PROXY_KEYS}),
    ComponentNamespace(ROUTER_REDIS, "Limits an endpoint's requests over all gateways.", {"endpoint": REDIS_KEYS}),
    ComponentNamespace(SERVICE, "Limits the requests to all endpoints together.", {"service": SERVICE_KEYS}),
    ComponentNamespace(SERVICE_REDIS, "The same over all gateways.", {"service": REDIS_KEYS}),
    ComponentNamespace(TIERED, "Limits by the tier of a client.", {"service": TIERED_KEYS, "endpoint": TIERED_KEYS}),
)
