"""Signed tokens and the key set that tells they are right: what a client of the auth workloads brings."""

import base64
import functools
import json

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

ISSUER = "https://issuer.example.com/"
AUDIENCE = "https://api.example.com"
ROLE = "buyer"
_KEY_ID = "benchmark"
_FAR_AWAY = 4102444800  # the year 2100, in seconds


@functools.cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@functools.cache
def tokens(count: int) -> tuple[str, ...]:
    """All different, as an identity provider gives them: RS256, some ten claims. Takes half a millisecond for each."""
    return tuple(jwt.encode(_claims(number), _key(), "RS256", {"kid": _KEY_ID}) for number in range(count))


def key_set() -> bytes:
    """The public half, as JSON."""
    public = _key().public_key().public_numbers()
    modulus = public.n.to_bytes(256, "big")
    key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": _KEY_ID, "n": _base64(modulus), "e": "AQAB"}
    return json.dumps({"keys": [key]}).encode()


def validator(source: dict[str, object]) -> dict[str, object]:
    """KrakenD's object that lets them in; `source` says where the key set is."""
    asked = {"alg": "RS256", "issuer": ISSUER, "audience": [AUDIENCE], "roles": [ROLE, "admin"]}
    return {**asked, "roles_key": "roles", "disable_jwk_security": True, **source}


def _claims(number: int) -> dict[str, object]:
    return {
        "iss": ISSUER,
        "sub": f"user-{number}",
        "aud": [AUDIENCE, "https://other.example.com"],
        "iat": 1790000000,
        "nbf": 1790000000,
        "exp": _FAR_AWAY,
        "azp": "web",
        "scope": "openid profile email",
        "roles": ["reader", ROLE],
        "jti": f"{number:032x}",
    }


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
