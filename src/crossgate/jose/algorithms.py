"""The signature algorithms: which key fits which, and the library that does the work.

`load_algorithms` imports cryptography: nobody who has no tokens waits for it.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

HASH_BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}
"""HMAC algorithms, with the least number of bytes their secrets need (RFC 7518 section 3.2)."""

_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
ALGORITHMS = (*HASH_BYTES, "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", *_CURVES, "EdDSA")
"""Those that KrakenD knows, in the order of messages."""


class _Algorithm(Protocol):
    def verify(self, msg: bytes, key: Any, sig: bytes) -> bool: ...

    def sign(self, msg: bytes, key: Any) -> bytes: ...


@dataclass(frozen=True, slots=True)
class KeyKind:
    """What a key has to be for an algorithm: `kty`, `curve` (empty: none), least number of bytes of a secret."""

    kty: str
    curve: str = ""
    secret_bytes: int = 0


def key_kind(algorithm: str) -> KeyKind:
    """The kind of key that an algorithm of the list takes."""
    if algorithm in HASH_BYTES:
        return KeyKind("oct", secret_bytes=HASH_BYTES[algorithm])
    if algorithm in _CURVES:
        return KeyKind("EC", _CURVES[algorithm])
    return KeyKind("OKP", "Ed25519") if algorithm == "EdDSA" else KeyKind("RSA")


@cache
def load_algorithms() -> dict[str, _Algorithm]:
    """The implementations, by name."""
    from jwt.algorithms import get_default_algorithms

    known = get_default_algorithms()
    return {name: known[name] for name in ALGORITHMS}


def verify(algorithm: str, material: Any, signing_input: bytes, signature: bytes) -> bool:
    """Whether it is the key's signature. The key has to be of the algorithm's kind. Never raises."""
    try:
        return load_algorithms()[algorithm].verify(signing_input, material, signature)
    except Exception:  # noqa: BLE001 # whatever a library makes of a stranger's bytes: they are no signature
        return False


def sign(algorithm: str, material: Any, signing_input: bytes) -> bytes:
    """The signature. Raises whatever the library raises for a key that does not fit."""
    return load_algorithms()[algorithm].sign(signing_input, material)
