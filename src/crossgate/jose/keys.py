"""JSON Web Keys and sets of them. A set with one key that cannot be read is none, as in KrakenD.

Knows how keys are named and what they are; does not know where sets come from.

Source: RFC 7517 and 7518; go-jose v3 `jwk.go`; krakend-jose `jwk.go`.
"""

import hashlib
import json
from binascii import Error, a2b_base64, unhexlify
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from crossgate.jose.algorithms import KeyKind, key_kind
from crossgate.jose.base64url import decode_base64url, encode_base64url

Strategy = Literal["kid", "x5t", "x5t#S256", "kid_x5t"]
"""How a token names its key."""


class KeySetError(ValueError):
    """A text that is no key set. `str()` says why, without any key material."""


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """One key. `material` is what the library works with (a secret's bytes for `oct`); it is private where the key is.

    `identity` is the same for equal keys and for those alone.
    """

    kty: str
    curve: str
    kid: str
    thumbprints: Mapping[str, str]
    is_private: bool
    use: str
    algorithm: str
    operations: tuple[str, ...] | None
    identity: bytes
    material: Any = field(repr=False)

    def id_by(self, strategy: Strategy) -> str:
        """Its name by a strategy; empty where it has none."""
        if strategy == "kid":
            return self.kid
        if strategy == "kid_x5t":
            return self.kid + self.thumbprints.get("x5t", "")
        return self.thumbprints.get(strategy, "")

    def fits(self, kind: KeyKind) -> bool:
        """Whether it is of that kind."""
        if (self.kty, self.curve) != (kind.kty, kind.curve):
            return False
        return self.kty != "oct" or len(self.material) >= kind.secret_bytes

    def may_sign(self, algorithm: str) -> bool:
        """Whether it is a key to sign with, of the kind that the algorithm takes, whatever its curve or length."""
        return self.is_private and self.kty == key_kind(algorithm).kty

    def may_verify(self, algorithm: str) -> bool:
        """Whether signatures of that algorithm may be checked with it.

        DEVIATION(DEV-JWT-8): KrakenD ignores `use`, `alg` and `key_ops`, and takes secrets of any length.
        """
        if (self.is_private and self.kty != "oct") or not self.fits(key_kind(algorithm)):
            return False
        if self.use not in ("", "sig") or self.algorithm not in ("", algorithm):
            return False
        return self.operations is None or "verify" in self.operations


def by_id(keys: Sequence[Key], strategy: Strategy) -> dict[str, Key]:
    """The keys of a set by their names. Of several with one name the last one counts."""
    return {key.id_by(strategy): key for key in keys}


def parse_key_set(text: bytes, *, allows_tail: bool = False) -> tuple[Key, ...]:
    """The keys, in order. `allows_tail` ignores what follows the first JSON value. Raises KeySetError."""
    document = text.decode("utf-8", "replace").strip(" \t\r\n")
    try:
        value, end = json.JSONDecoder().raw_decode(document)
    except (ValueError, RecursionError):
        raise KeySetError("no JSON") from None
    if end < len(document) and not allows_tail:
        raise KeySetError("something follows the key set")
    keys = _members(value).get("keys") or []
    if not isinstance(keys, list):
        raise KeySetError('"keys" is no list')
    return tuple([parse_key(item) for item in keys])


def _members(value: Any) -> dict[str, Any]:
    """An object's members as Go's encoding/json finds them: in any letter case, the last of several counts."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise KeySetError("not an object")
    return {name.lower(): item for name, item in value.items()}


_MEMBERS = ("kty", "crv", "n", "e", "x", "y", "k", "d", "use", "alg", "key_ops", "x5t", "x5t#s256")
"""What makes a key, its name aside: what it is, and what it may be used for."""


def parse_key(value: Any) -> Key:
    """One key from its JSON value. Raises KeySetError."""
    if value is None:
        raise KeySetError("a key is null")
    members = _members(value)
    kty = _text(members, "kty")
    read = _READERS.get(kty)
    if read is None:
        raise KeySetError("a key of an unknown kty")
    curve, material, is_private = read(members)
    operations = members.get("key_ops")
    known = {name: members[name] for name in _MEMBERS if name in members}
    return Key(
        kty=kty,
        curve=curve,
        kid=_text(members, "kid"),
        thumbprints=_thumbprints(members, material),
        is_private=is_private,
        use=_text(members, "use"),
        algorithm=_text(members, "alg"),
        operations=tuple(map(str, operations)) if isinstance(operations, list) else None,
        identity=hashlib.sha256(json.dumps([known, _text(members, "kid")], sort_keys=True).encode()).digest(),
        material=material,
    )


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    if value is not None and not isinstance(value, str):
        raise KeySetError(f'"{name}" of a key is no text')
    return value or ""


def _binary(members: Mapping[str, Any], name: str) -> bytes:
    """The bytes of a member; padding is ignored, as Go's reader does."""
    text = _text(members, name)
    if not text:
        raise KeySetError(f'a key lacks "{name}"')
    try:
        return decode_base64url(text.rstrip("=").encode())
    except ValueError:
        raise KeySetError(f'"{name}" of a key is no base64url') from None


def _read_secret(members: Mapping[str, Any]) -> tuple[str, Any, bool]:
    return "", _binary(members, "k"), True


def _read_rsa(members: Mapping[str, Any]) -> tuple[str, Any, bool]:
    from jwt.algorithms import RSAAlgorithm

    # The primes of a private key have to be there, as in Go: the library would look for them, for as long as it takes.
    for name in ("n", "e", "p", "q") if "d" in members else ("n", "e"):
        _binary(members, name)
    return "", _from_library(RSAAlgorithm.from_jwk, members, "RSA"), bool(members.get("d"))


def _read_curve(members: Mapping[str, Any]) -> tuple[str, Any, bool]:
    from jwt.algorithms import ECAlgorithm

    curve = _text(members, "crv")
    if curve not in ("P-256", "P-384", "P-521"):
        raise KeySetError("a key on an unknown curve")
    return curve, _from_library(ECAlgorithm.from_jwk, members, "EC"), bool(members.get("d"))


def _read_edwards(members: Mapping[str, Any]) -> tuple[str, Any, bool]:
    from jwt.algorithms import OKPAlgorithm

    if _text(members, "crv") != "Ed25519":
        raise KeySetError("a key on an unknown curve")
    return "Ed25519", _from_library(OKPAlgorithm.from_jwk, members, "OKP"), bool(members.get("d"))


def _from_library(from_jwk: Callable[[dict[str, Any]], Any], members: Mapping[str, Any], kty: str) -> Any:
    padless = {name: item.rstrip("=") if isinstance(item, str) else item for name, item in members.items()}
    try:
        return from_jwk(padless)
    except Exception:  # noqa: BLE001 # the library's many ways to say it
        raise KeySetError(f"a key of kty {kty} that is none") from None


_READERS: dict[str, Callable[[Mapping[str, Any]], tuple[str, Any, bool]]] = {
    "oct": _read_secret,
    "RSA": _read_rsa,
    "EC": _read_curve,
    "OKP": _read_edwards,
}


def _thumbprints(members: Mapping[str, Any], material: Any) -> dict[str, str]:
    """The thumbprints that are written, as base64url text. They have to be those of `x5c` where that is there."""
    certificate = _certificate(members, material)
    found: dict[str, str] = {}
    for name, size, digest in (("x5t", 20, hashlib.sha1), ("x5t#S256", 32, hashlib.sha256)):
        if not members.get(name.lower()):
            continue
        thumbprint = _binary(members, name.lower())
        if len(thumbprint) == 2 * size:
            try:
                thumbprint = unhexlify(thumbprint)
            except (Error, ValueError):
                raise KeySetError(f'"{name}" of a key is no thumbprint') from None
        if len(thumbprint) != size or (certificate and digest(certificate).digest() != thumbprint):
            raise KeySetError(f'"{name}" of a key is no thumbprint of it')
        found[name] = encode_base64url(thumbprint).decode()
    return found


def _certificate(members: Mapping[str, Any], material: Any) -> bytes:
    """The first certificate of `x5c` in DER, empty where there is none. It has to be one of the key."""
    certificates = read_certificates(members.get("x5c"))
    if not certificates:
        return b""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    try:
        public = material.public_key() if hasattr(material, "public_key") else material
        is_of_key = certificates[0].public_key().public_bytes(*form) == public.public_bytes(*form)
    except Exception:  # noqa: BLE001 # the library's many ways to say that it is no such key
        is_of_key = False
    if not is_of_key:
        raise KeySetError('"x5c" of a key is no certificate of it')
    der: bytes = certificates[0].public_bytes(Encoding.DER)
    return der


def read_certificates(chain: Any) -> list[Any]:
    """The certificates of an `x5c` member, none where it is absent. Raises KeySetError."""
    if chain is None:
        return []
    from cryptography.x509 import load_der_x509_certificate

    try:
        if not isinstance(chain, list):
            raise TypeError("no list")  # noqa: TRY301
        # Line breaks are ignored, as Go's reader does.
        texts = [item.replace("\r", "").replace("\n", "") for item in chain]
        return [load_der_x509_certificate(a2b_base64(text, strict_mode=True)) for text in texts]
    except Exception:  # noqa: BLE001 # the library's many ways to say it
        raise KeySetError('"x5c" has something that is no certificate') from None
