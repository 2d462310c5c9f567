"""Random guards that ask who a client is: tokens and their providers, keys, passwords; and what signs tokens.

Knows a component's block alone: whether what it names is there, does not matter here.
"""

import random

from tests.support.random_gates.words import KEYS, PASSWORDS, ROLES, Tree, maybe, some


def validator(r: random.Random) -> Tree:
    alg, where = r.choice((("ES256", "keys"), ("HS256", "secrets"), ("ES256", "others")))
    return {
        "alg": alg,
        "jwk_url": f"http://id.example/{where}",
        "disable_jwk_security": True,
        **maybe(r, 0.4, "issuer", r.choice(("https://id.example", "https://other.example"))),
        **maybe(r, 0.4, "audience", some(r, ("shop", "crm", "ops"), 1, 2)),
        **maybe(r, 0.5, "roles", some(r, ROLES, 1, 3)),
        **maybe(r, 0.2, "roles_key", r.choice(("roles", "realm.roles", "groups"))),
        **maybe(r, 0.1, "roles_key_is_nested", True),
        **(_scopes(r) if r.random() < 0.25 else {}),
        **maybe(r, 0.2, "scopes_matcher", r.choice(("any", "all"))),
        **maybe(r, 0.2, "auth_header_name", r.choice(("X-Auth", "authorization"))),
        **maybe(r, 0.2, "cookie_key", r.choice(("tok", "access_token"))),
        **maybe(r, 0.2, "key_identify_strategy", r.choice(("kid", "x5t", "kid_x5t"))),
        **maybe(r, 0.2, "leeway", r.choice(("1s", "30s", "1m"))),
        **maybe(r, 0.2, "cache", True),
        **maybe(r, 0.1, "cache_duration", r.choice((60, 900))),
        **maybe(r, 0.25, "propagate_claims", some(r, (["sub", "X-A"], ["roles", "X-B"], ["realm.id", "X-A"]), 1, 2)),
        **maybe(r, 0.05, "propagate_claims_preserve_array", True),
        **maybe(r, 0.1, "operation_debug", True),
    }


def _scopes(r: random.Random) -> Tree:
    scopes = some(r, ("read", "write", "all"), 1, 3)
    return {"scopes": scopes, "scopes_key": r.choice(("scope", "scp", "grants.scope"))}


def ring(r: random.Random) -> Tree:
    return {
        "keys": [
            {"key": key, "roles": some(r, ROLES, 0, 2) if r.random() < 0.2 else KEYS[key]}
            for key in some(r, list(KEYS), 1, 4)
        ],
        **maybe(r, 0.3, "strategy", r.choice(("header", "query_string"))),
        **maybe(r, 0.3, "identifier", r.choice(("X-Key", "key", "Authorization"))),
        **maybe(r, 0.3, "propagate_role", r.choice(("X-Role", "X-A"))),
    }


def demand(r: random.Random) -> Tree:
    return {
        **maybe(r, 0.7, "roles", some(r, ROLES, 1, 2)),
        **maybe(r, 0.2, "strategy", r.choice(("header", "query_string"))),
        **maybe(r, 0.2, "identifier", r.choice(("X-Key", "key"))),
        **maybe(r, 0.2, "client_max_rate", r.choice((1, 3))),
    }


def users(r: random.Random) -> Tree:
    return {"users": {name: r.choice(list(PASSWORDS.values())) for name in some(r, ("ann", "bob"), 1, 2)}}


def providers(r: random.Random) -> Tree:
    return {"providers": [provider(r, name) for name in some(r, ("id", "other"), 1, 2)]}


def provider(r: random.Random, name: str) -> Tree:
    return {
        "name": name,
        "issuer": f"https://{name}.example",
        "alg": r.choice(("ES256", "HS256")),
        "jwk_url": f"http://{name}.example/keys",
        "disable_jwk_security": True,
        **maybe(r, 0.3, "audience", ["shop"]),
    }


def auth(r: random.Random) -> Tree:
    return providers(r) | maybe(r, 0.5, "validator", validator(r))


def signer(r: random.Random) -> Tree:
    return {
        "alg": "ES256",
        "kid": r.choice(("one", "two")),
        "keys_to_sign": some(r, ("a", "b", "token"), 1, 2),
        "jwk_url": "http://id.example/signing",
        "disable_jwk_security": True,
        **maybe(r, 0.2, "full", True),
    }


def revoker(r: random.Random) -> Tree:
    return {"N": 1000, "P": 1e-7, "hash_name": "optimal", "TTL": 60, "token_keys": some(r, ("jti", "sub"), 1, 2)}
