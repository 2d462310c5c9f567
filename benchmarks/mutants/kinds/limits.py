"""Kinds of mutations of limits and of what is remembered: rates, circuit breakers, caches."""

from benchmarks.mutants.changes import dropped, flipped, put, times
from benchmarks.mutants.mutations import Mutation, in_space, space_added, space_dropped, within_space
from benchmarks.mutants.trees import backends, endpoints

_ROUTER_LIMIT, _PROXY_LIMIT = "qos/ratelimit/router", "qos/ratelimit/proxy"
_SERVICE_LIMIT, _TIERED = "qos/ratelimit/service", "qos/ratelimit/tiered"
_BREAKER = "qos/circuit-breaker"

LIMITS: dict[str, Mutation] = {
    "limit raised": in_space(_ROUTER_LIMIT, times(3, "max_rate", "capacity")),
    "limit lowered": in_space(_ROUTER_LIMIT, times(0.4, "max_rate", "capacity")),
    "limit for all dropped": in_space(_ROUTER_LIMIT, dropped("max_rate")),
    "client's limit raised": in_space(_ROUTER_LIMIT, times(3, "client_max_rate", "client_capacity")),
    "client's limit dropped": in_space(_ROUTER_LIMIT, dropped("client_max_rate")),
    "limit's strategy changed": in_space(
        _ROUTER_LIMIT,
        lambda place, r: "strategy" in place and place.update(strategy="header" if place["strategy"] == "ip" else "ip"),
    ),
    "limit's time changed": in_space(_ROUTER_LIMIT, put("every", "1m", "10s")),
    "limit dropped": space_dropped(_ROUTER_LIMIT),
    "limit added": space_added(endpoints, _ROUTER_LIMIT, {"max_rate": 50}),
    "backend's limit raised": in_space(_PROXY_LIMIT, times(3, "max_rate", "capacity")),
    "backend's limit dropped": space_dropped(_PROXY_LIMIT),
    "service's limit raised": within_space(_SERVICE_LIMIT, times(3, "max_rate", "capacity")),
    "service's limit dropped": space_dropped(_SERVICE_LIMIT),
    "tier's limit raised": within_space(_TIERED, times(3, "max_rate", "capacity", "client_max_rate")),
    "breaker dropped": space_dropped(_BREAKER),
    "breaker: patience raised": in_space(_BREAKER, times(3, "max_errors")),
    "breaker: open for longer": in_space(_BREAKER, times(3, "timeout")),
    "breaker: counts for longer": in_space(_BREAKER, times(3, "interval")),
    "breaker added": space_added(backends, _BREAKER, {"interval": 60, "timeout": 10, "max_errors": 1}),
    "cache added": space_added(backends, "qos/http-cache", {}),
    "cache dropped": space_dropped("qos/http-cache"),
    "cache shared": in_space("qos/http-cache", flipped("shared")),
}
