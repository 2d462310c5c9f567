"""Keys and sets of them: what is read, what spoils a set, and what a key may be used for."""

import base64
import hashlib
import json
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from crossgate.jose.base64url import encode_base64url
from crossgate.jose.keys import KeySetError, by_id, parse_key_set
from crossgate.jose.token import HeaderReader, split_token

SECRET = base64.urlsafe_b64encode(b"s" * 32).rstrip(b"=").decode()


def oct_key(**members: Any) -> dict[str, Any]:
    return {"kty": "oct", "k": SECRET, "kid": "a"} | members


def parsed(*keys: Any) -> Any:
    return parse_key_set(json.dumps({"keys": keys}).encode())


def certified() -> tuple[dict[str, Any], bytes]:
    """A public key with its certificate, and that in DER."""
    leaf = trustme.CA(key_type=trustme.KeyType.ECDSA).issue_cert("a.example", key_type=trustme.KeyType.ECDSA)
    certificate = load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())
    der = certificate.public_bytes(Encoding.DER)
    members = ECAlgorithm.to_jwk(certificate.public_key(), as_dict=True)
    text = base64.b64encode(der).decode()
    return members | {"kid": "c", "x5c": [text[:64] + "\r\n" + text[64:]]}, der


def test_a_certificate_of_the_key_is_read_with_line_breaks_and_names_it_by_its_thumbprints() -> None:
    key, der = certified()
    thumbprint = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
    (found,) = parsed(key | {"x5t#S256": thumbprint})
    assert found.id_by("x5t#S256") == thumbprint
    assert found.id_by("x5t") == ""
    assert found.may_verify("ES256")
    assert not found.may_sign("RS256")


def test_a_certificate_of_another_key_or_a_thumbprint_of_another_certificate_spoils_the_set() -> None:
    key, other = certified()[0], certified()[0]
    for wrong in (key | {"x5c": other["x5c"]}, key | {"x5t#S256": SECRET}, key | {"x5c": ["AAAA"]}, key | {"x5c": "x"}):
        with pytest.raises(KeySetError):
            parsed(wrong, oct_key())


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        5,
        {},
        {"kty": "oct"},
        oct_key(kty="OCT"),
        oct_key(kid=5),
        oct_key(k="a+/b"),
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "secp256k1"},
        {"kty": "OKP", "crv": "X25519", "x": SECRET},
        {"kty": "RSA", "n": "AQAB"},
    ],
)
def test_one_key_that_is_none_spoils_the_set(wrong: Any) -> None:
    with pytest.raises(KeySetError):
        parsed(oct_key(), wrong)


@pytest.mark.parametrize("text", [b"", b"[]", b"5", b"{", b'{"keys": 5}', b'{"keys": [', b"[" * 100_000, b"\xff"])
def test_a_text_that_is_no_set_is_none(text: bytes) -> None:
    with pytest.raises(KeySetError):
        parse_key_set(text)


def test_what_follows_a_set_counts_in_files_only() -> None:
    text = json.dumps({"keys": [oct_key()]}).encode() + b" and more"
    assert len(parse_key_set(text, allows_tail=True)) == 1
    with pytest.raises(KeySetError, match="follows"):
        parse_key_set(text)


def test_of_keys_with_one_name_the_last_counts() -> None:
    keys = parsed(oct_key(), oct_key(k=SECRET[::-1].replace("=", "")))
    assert by_id(keys, "kid") == {"a": keys[1]}


@pytest.mark.parametrize(
    ("members", "may"),
    [
        ({}, True),
        ({"use": "sig", "alg": "HS256", "key_ops": ["verify"]}, True),
        ({"use": "enc"}, False),
        ({"alg": "HS512"}, False),
        ({"key_ops": ["sign"]}, False),
        ({"k": "c2hvcnQ"}, False),
    ],
)
def test_dev_jwt_8_a_key_verifies_what_it_is_for_and_nothing_else(members: dict[str, Any], may: bool) -> None:
    (key,) = parsed(oct_key(**members))
    assert key.may_verify("HS256") is may
    assert not key.may_verify("RS256")


def test_equal_keys_have_one_identity_and_no_key_is_shown() -> None:
    first, second, third = parsed(oct_key(), oct_key(ext=True), oct_key(kid="b"))
    assert first.identity == second.identity != third.identity
    assert SECRET not in repr(first)
    assert "ssss" not in repr(first)


PRIME = (1 << 1279) - 1
"""Taken for a modulus, it has no factors that anybody could find."""


def number(value: int) -> str:
    return encode_base64url(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode()


def without_primes() -> dict[str, Any]:
    return {"kty": "RSA", "n": number(PRIME), "e": "AQAB", "d": number(pow(65537, -1, PRIME - 1))}


@pytest.fixture
def read_by_library(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the library is asked to make an RSA key of."""
    read: list[Any] = []
    monkeypatch.setattr(RSAAlgorithm, "from_jwk", read.append)
    return read


def test_nobody_looks_for_the_primes_of_a_private_key_that_lacks_them(read_by_library: list[Any]) -> None:
    with pytest.raises(KeySetError, match='a key lacks "p"'):
        parsed(without_primes())
    assert read_by_library == []


@pytest.mark.parametrize("members", [{}, {"p": "Aw", "q": "BQ", "dp": "AQ", "dq": "AQ", "qi": "AQ"}])
@pytest.mark.parametrize("name", ["d", "D"])
def test_a_private_key_that_a_token_brings_along_is_refused_unread(
    read_by_library: list[Any], members: dict[str, str], name: str
) -> None:
    jwk = without_primes() | members
    jwk[name] = jwk.pop("d")
    header = encode_base64url(json.dumps({"alg": "RS256", "jwk": jwk}).encode())
    assert split_token(header + b".e30.AA", HeaderReader()) is None
    assert read_by_library == []


@pytest.mark.parametrize("change", [{"use": "enc"}, {"alg": "HS384"}, {"key_ops": ["sign"]}, {"kid": "b"}])
def test_a_key_that_may_be_used_for_something_else_is_another_key(change: dict[str, Any]) -> None:
    key, same, changed = parsed(oct_key(), oct_key(), oct_key(**change))
    assert key.identity == same.identity
    assert key.identity != changed.identity
