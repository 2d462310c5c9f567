"""No token is accepted that cryptography, asked directly, refuses; and any bytes give a verdict."""

import json
import logging
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from crossgate.components.jwt.gate import JwtGate, Refusals, field_name
from crossgate.components.jwt.judge import Judge, TrustedIssuer, Verdict
from crossgate.components.jwt.model import ClaimsNeeded, Issuer, Propagated, Validator
from crossgate.config.model import RouterConfig
from crossgate.http.field_names import KnownNames
from crossgate.http.message import Request, Response
from crossgate.jose.algorithms import sign
from crossgate.jose.base64url import decode_base64url, encode_base64url
from crossgate.jose.key_source import FixedKeys
from crossgate.jose.keys import parse_key_set
from crossgate.jose.token import HeaderReader
from crossgate.pipeline.client_ip import build_client_ip
from crossgate.pipeline.gates import RequestView

NOW = 1_800_000_000.0
SECRET = bytes(range(64))
RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()
PRIVATE: dict[str, Any] = {"HS256": SECRET, "RS256": RSA_KEY, "PS256": RSA_KEY, "ES256": EC_KEY, "EdDSA": ED_KEY}


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def key_set() -> bytes:
    keys = [
        {"kty": "oct", "k": b64(SECRET), "kid": "HS256"},
        RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True) | {"kid": "RS256"},
        RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True) | {"kid": "PS256"},
        ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True) | {"kid": "ES256"},
        OKPAlgorithm.to_jwk(ED_KEY.public_key(), as_dict=True) | {"kid": "EdDSA"},
        # What confusion between algorithms would need: the public key's text as a secret.
        {
            "kty": "oct",
            "k": b64(RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)),
            "kid": "pem",
        },
    ]
    return json.dumps({"keys": keys}).encode()


KEYS = parse_key_set(key_set())


def judge(algorithm: str, **keys: Any) -> Judge:
    issuer = Issuer(algorithm, fixed=FixedKeys(KEYS))
    validator = Validator((issuer,), **keys)
    return Judge(validator, [TrustedIssuer(issuer, FixedKeys(KEYS))], HeaderReader(), field_name)


def token(algorithm: str, claims: Any, header: dict[str, Any] | None = None) -> bytes:
    head = {"alg": algorithm, "kid": algorithm} | (header or {})
    text = encode_base64url(json.dumps(head).encode()) + b"." + encode_base64url(json.dumps(claims).encode())
    return text + b"." + encode_base64url(sign(algorithm, PRIVATE[algorithm], text))


def is_signed(algorithm: str, text: bytes) -> bool:
    """Whether the signature holds, by cryptography alone, read as leniently as any reader of base64 would."""
    try:
        signed, _, tail = text.rpartition(b".")
        signature = urlsafe_b64decode(tail + b"=" * (-len(tail) % 4))
        if algorithm == "HS256":
            check = hmac.HMAC(SECRET, hashes.SHA256())
            check.update(signed)
            check.verify(signature)
        elif algorithm == "RS256":
            RSA_KEY.public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        elif algorithm == "PS256":
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
            RSA_KEY.public_key().verify(signature, signed, pss, hashes.SHA256())
        elif algorithm == "ES256":
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            EC_KEY.public_key().verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
        else:
            ED_KEY.public_key().verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


VALID = {algorithm: token(algorithm, {"sub": "a", "exp": int(NOW) + 60, "roles": ["x"]}) for algorithm in PRIVATE}
JUDGES = {algorithm: judge(algorithm) for algorithm in PRIVATE}


def verdict(algorithm: str, text: bytes) -> Verdict:
    found = JUDGES[algorithm].judge(text, NOW)
    assert isinstance(found, Verdict)
    return found


@pytest.mark.parametrize("algorithm", PRIVATE)
def test_a_sound_token_is_accepted_by_its_own_algorithm_alone(algorithm: str) -> None:
    assert verdict(algorithm, VALID[algorithm]).status == 0
    for other in PRIVATE:
        if other != algorithm:
            assert verdict(other, VALID[algorithm]).status == 401


@given(st.sampled_from(sorted(PRIVATE)), st.data())
def test_nothing_is_accepted_that_cryptography_refuses(algorithm: str, data: st.DataObject) -> None:
    text = VALID[algorithm]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 3)))
    patch = data.draw(st.binary(max_size=3) | st.sampled_from([b"", b".", b"=", b"A", b"-", b"_", b"\n", b" "]))
    mutated = text[:start] + patch + text[end:]
    if verdict(algorithm, mutated).status == 0:
        assert mutated == text or is_signed(algorithm, mutated)
        assert mutated == text, "a token has one spelling"


@given(
    st.sampled_from(sorted(PRIVATE)),
    st.dictionaries(
        st.sampled_from(["alg", "kid", "crit", "b64", "jwk", "typ", "x5t"]),
        st.sampled_from(["none", "HS256", "RS256", "ES256", "pem", "", None, False, True, ["b64"], ["x"], 5, {}]),
        max_size=4,
    ),
)
def test_a_header_chooses_no_weaker_way(algorithm: str, header: dict[str, Any]) -> None:
    """A signed token whose header says otherwise is taken only if that changes nothing of alg, kid and encoding."""
    text = token(algorithm, {"sub": "a"}, header)
    if verdict(algorithm, text).status == 0:
        head = json.loads(decode_base64url(text.split(b".")[0]))
        assert (head["alg"], head["kid"]) == (algorithm, algorithm)
        assert head.get("b64", True) is True
        assert is_signed(algorithm, text)


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_give_a_verdict(text: bytes) -> None:
    for algorithm in PRIVATE:
        assert verdict(algorithm, text).status == 401


@pytest.mark.parametrize(
    "text",
    [
        b"." * 65_000,
        b"A" * 65_536,
        b"{" * 60_000 + b".e30.AA",
        encode_base64url(b'{"alg":"HS256","kid":"HS256","a":' + b"[" * 20_000) + b".e30.AA",
        encode_base64url(b'{"alg":"HS256"}') + b"." + encode_base64url(b"9" * 40_000) + b".AA",
        b"A" * 10_000_000,
    ],
)
def test_large_and_deep_tokens_are_refused(text: bytes) -> None:
    for algorithm in PRIVATE:
        assert verdict(algorithm, text).status == 401


@pytest.mark.parametrize("literal", ["1" + "0" * 400, "-" + "9" * 309, "1e999", "9" * 5000, "1" + "0" * 308])
@pytest.mark.parametrize("claim", ["exp", "iat", "sub", "a"])
def test_signed_tokens_with_numbers_beyond_all_bounds_give_a_verdict(claim: str, literal: str) -> None:
    payload = b'{"%b":%b}' % (claim.encode(), literal.encode())
    text = encode_base64url(b'{"alg":"HS256","kid":"HS256"}') + b"." + encode_base64url(payload)
    text += b"." + encode_base64url(sign("HS256", SECRET, text))
    asking = judge("HS256", propagated=(Propagated("a", False, "X-A"),), params=("JWT.a",))
    found = asking.judge(text, NOW)
    assert isinstance(found, Verdict)
    assert found.status == (0 if claim == "a" and literal == "1" + "0" * 308 else found.status)
    assert found.status in (0, 401, 403)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["sub", "iss", "aud", "exp", "nbf", "iat", "jti", "roles", "a"]), JSON_VALUES))
def test_any_claims_of_a_signed_token_give_a_verdict_and_fields_without_breaks(claims: dict[str, Any]) -> None:
    needed = ClaimsNeeded(("x",), "roles", is_nested=False)
    asking = judge(
        "HS256",
        roles=needed if "roles" in claims else None,
        propagated=(Propagated("sub", False, "X-Sub"), Propagated("a.b", True, "X-A")),
        preserves_arrays=True,
        params=("JWT.a",) if "a" in claims else (),
    )
    found = asking.judge(token("HS256", claims), NOW)
    assert isinstance(found, Verdict)
    assert found.status in (0, 401, 403, 500)
    for _, values in found.fields:
        assert not any(mark in value for value in values for mark in (b"\r", b"\n", b"\0"))


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([b"a=1", b"access_token=%b; b=2"], 200),
        ([b"a=1; access_token=%b", b"access_token=x"], 200),
        ([b"access_token=x", b"access_token=%b"], 401),
        ([b"access_token=", b"access_token=%b"], 401),
        ([b'b; =;; access_token="%b"'], 200),
        ([b"Access_Token=%b", b"xaccess_token=%b"], 401),
    ],
)
def test_the_first_cookie_of_the_name_counts_in_whatever_line_it_is(lines: list[bytes], status: int) -> None:
    fields = [(b"cookie", line.replace(b"%b", token("HS256", {"sub": "a"}))) for line in lines]
    found = gate_of("HS256")(
        RequestView(Request(b"GET", b"/", None, fields), (), [], build_client_ip(RouterConfig()), KnownNames())
    )
    assert (found.status if isinstance(found, Response) else 200) == status


def gate_of(algorithm: str) -> JwtGate:
    return JwtGate(
        Validator((Issuer(algorithm),)),
        JUDGES[algorithm],
        endpoint="/a",
        now=lambda: NOW,
        is_revoked=None,
        refusals=Refusals(is_honest=True, failure_fields=[]),
        log=logging.getLogger("tokens"),
    )


@given(st.lists(st.tuples(st.sampled_from([b"authorization", b"cookie"]), st.binary(max_size=120)), max_size=3))
def test_any_bytes_in_authorization_and_cookies_are_refused_and_raise_nothing(
    fields: list[tuple[bytes, bytes]],
) -> None:
    gate = gate_of("HS256")
    view = RequestView(Request(b"GET", b"/", None, fields), (), [], build_client_ip(RouterConfig()), KnownNames())
    found = gate(view)
    assert isinstance(found, Response)
    assert found.status == 401


def spells(text: bytes, data: bytes) -> bool:
    try:
        return decode_base64url(text) == data
    except ValueError:
        return False


@given(st.binary(max_size=60), st.data())
def test_base64url_has_one_spelling(data: bytes, draw: st.DataObject) -> None:
    text = encode_base64url(data)
    assert spells(text, data)
    for other in (text + b"=", text + b"==", b" " + text, text + b"\n", text + b"A"):
        assert not spells(other, data)
    if text:
        letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. "
        last = bytes([draw.draw(st.sampled_from(list(letters)))])
        assert spells(text[:-1] + last, data) is (last == text[-1:])
