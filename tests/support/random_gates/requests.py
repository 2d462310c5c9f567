"""Random guards that look at requests, whoever sends them: bots, hosts, addresses, expressions, and how many come.

Knows a component's block alone.
"""

import random
from collections.abc import Sequence

from tests.support.random_gates.words import AGENTS, EXPRESSIONS, NETWORKS, Tree, maybe, some


def limit(r: random.Random, strategies: Sequence[str] = ("ip", "header", "param")) -> Tree:
    strategy = r.choice(strategies)
    key = {"header": ("X-A", "x-a", "X-B"), "param": ("id", "part"), "ip": ("", "X-Client"), "jwt": ("sub", "jti")}
    clients = {
        "client_max_rate": r.choice((1, 2, 5, 0.5)),
        "strategy": strategy,
        **maybe(r, 0.4, "client_capacity", r.choice((1, 2, 4))),
        **({"key": chosen} if (chosen := r.choice(key[strategy])) else {}),
    }
    total = {"max_rate": r.choice((1, 3, 10, 0.5)), **maybe(r, 0.4, "capacity", r.choice((1, 3, 9)))}
    chosen_parts = r.choice((total, clients, {**total, **clients}))
    return chosen_parts | maybe(r, 0.3, "every", r.choice(("1s", "1m", "10s", "1000ms")))


def tiers(r: random.Random) -> Tree:
    tiers = [
        {
            **r.choice(
                (
                    {"tier_value": "gold"},
                    {"tier_value": "silver"},
                    {"tier_value": "value.startsWith('s')", "tier_value_as": "policy"},
                    {"tier_value_as": "*"},
                )
            ),
            "ratelimit": limit(r, ("ip", "header")),
        }
        for _ in range(r.randint(1, 3))
    ]
    return {"tier_key": r.choice(("X-Plan", "x-plan", "X-B")), "tiers": tiers}


def bots(r: random.Random) -> Tree:
    return {
        **maybe(r, 0.6, "deny", some(r, AGENTS[:3], 1, 2)),
        **maybe(r, 0.4, "allow", some(r, AGENTS[:3], 1, 2)),
        **maybe(r, 0.5, "patterns", some(r, ("^curl/", "(?i)bot", "Good.*", "^Bot/1$", "x{3}"), 1, 2)),
        **maybe(r, 0.4, "empty_user_agent_is_bot", r.random() < 0.7),
        **maybe(r, 0.2, "cache_size", 10),
    }


def security(r: random.Random) -> Tree:
    return {
        **maybe(
            r, 0.4, "allowed_hosts", some(r, ("gateway.test", "www.test", "GATEWAY.test", "gateway.test:8080"), 1, 2)
        ),
        **maybe(r, 0.15, "allowed_hosts_are_regex", True),
        **maybe(r, 0.2, "host_proxy_headers", some(r, ("X-Forwarded-Host", "X-Host"), 1, 2)),
        **maybe(r, 0.15, "ssl_redirect", True),
        **maybe(r, 0.2, "ssl_host", "secure.test"),
        **maybe(r, 0.5, "ssl_proxy_headers", {"X-Forwarded-Proto": r.choice(("https", "wss"))}),
        **maybe(r, 0.4, "sts_seconds", r.choice((300, 600))),
        **maybe(r, 0.2, "sts_include_subdomains", True),
        **maybe(r, 0.2, "force_sts_header", True),
        **maybe(r, 0.3, "frame_deny", True),
        **maybe(r, 0.2, "custom_frame_options_value", "SAMEORIGIN"),
        **maybe(r, 0.3, "content_type_nosniff", True),
        **maybe(r, 0.2, "browser_xss_filter", True),
        **maybe(r, 0.2, "content_security_policy", r.choice(("default-src 'self';", "default-src *"))),
        **maybe(r, 0.2, "referrer_policy", "no-referrer"),
        **maybe(r, 0.05, "is_development", True),
    }


def _filter(r: random.Random) -> Tree:
    return {
        "CIDR": some(r, NETWORKS, 1, 3),
        "allow": r.random() < 0.5,
        **maybe(r, 0.3, "client_ip_headers", some(r, ("X-Forwarded-For", "X-Client"), 1, 2)),
        **maybe(r, 0.4, "trusted_proxies", some(r, NETWORKS, 1, 2)),
    }


def filters(r: random.Random) -> Tree:
    return {"name": ["ip-filter"], "ip-filter": _filter(r)}


def checks(r: random.Random) -> list[Tree]:
    return [{"check_expr": text} for text in some(r, EXPRESSIONS[:8] if r.random() < 0.9 else EXPRESSIONS, 1, 2)]


def proxy_limit(r: random.Random) -> Tree:
    return {
        "max_rate": r.choice((1, 2, 5)),
        **maybe(r, 0.6, "capacity", r.choice((1, 2, 5))),
        **maybe(r, 0.2, "every", r.choice(("1s", "1m"))),
    }


def breaker(r: random.Random) -> Tree:
    return {
        "interval": r.choice((0, 10, 60)),
        "timeout": r.choice((5, 10, 60)),
        "max_errors": r.choice((0, 1, 2, 3)),
    }
