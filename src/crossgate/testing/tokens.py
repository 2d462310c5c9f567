"""Tokens for tests: minted with keys of the test, which the gateway takes for its issuers'.

Key sets that the configuration fetches are answered with the test's keys; those that it reads from files get them, too.
Knows validators; does not know what a test is about.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from crossgate.components.api_keys.config import KeyDemand, KeyRing, hashed
from crossgate.components.basic_auth.config import Users
from crossgate.components.jwt.model import ClaimsNeeded, Issuer, ServiceAuth, Validator
from crossgate.components.signer.config import SignerConfig
from crossgate.config.model import EndpointConfig, ServiceConfig
from crossgate.jose.base64url import encode_base64url
from crossgate.jose.key_source import FixedKeys
from crossgate.jose.keys import parse_key_set
from crossgate.testing.suite import Token

COMPONENT = "jwt"
API_KEYS = "api_keys"
SIGNER = "signer"
BASIC = "basic_auth"
KEY_TEXTS = {"valid": "crossgate-test-key", "no-roles": "crossgate-test-key-without-roles"}
_USER = "crossgate-test"
_PASSWORD = "crossgate-test"  # noqa: S105 # of nobody
_PASSWORD_HASH = b"$2b$04$eg5ZhZdhrf7rqAy8BJMF..n8D3xLcdALqUdtcN538Yo6WyjOIOQSe"
_CURVES: dict[str, Callable[[], ec.EllipticCurve]] = {
    "ES256": ec.SECP256R1,
    "ES384": ec.SECP384R1,
    "ES512": ec.SECP521R1,
}


class Mint:
    """The tokens of one configuration. `now` is in seconds since the epoch, `config` the one to be tested with.

    `owner_of` tells whose keys an issuer's are: issuers of one owner have the same.
    """

    def __init__(
        self, config: ServiceConfig, now: Callable[[], float], owner_of: Callable[[Issuer], str] = lambda _: ""
    ) -> None:
        self._now = now
        self._owner_of = owner_of
        self._validators: dict[int, Validator] = {}
        self.key_sets: dict[str, bytes] = {}
        self.config = replace(
            config,
            components={
                **config.components,
                **without_listener(config.components.get(COMPONENT)),
                **self._with_keys(config.components.get(API_KEYS)),
            },
            endpoints=tuple(self._endpoint(index, each) for index, each in enumerate(config.endpoints)),
        )

    def _endpoint(self, index: int, endpoint: EndpointConfig) -> EndpointConfig:
        users = endpoint.components.get(BASIC)
        if isinstance(users, tuple):
            mine = tuple(Users({**each.hashes, _USER: _PASSWORD_HASH}) for each in users)
            endpoint = replace(endpoint, components={**endpoint.components, BASIC: mine})
        signer = endpoint.components.get(SIGNER)
        if isinstance(signer, SignerConfig) and signer.url is not None and can_sign(signer.algorithm):
            self._serve(signer.url.url, [{**_members(signer.algorithm, is_private=True), "kid": signer.kid}])
        value = endpoint.components.get(COMPONENT)
        if not isinstance(value, Validator):
            return endpoint
        validator = replace(value, issuers=tuple(map(self._issuer, value.issuers)))
        self._validators[index] = validator
        return replace(endpoint, components={**endpoint.components, COMPONENT: validator})

    def _with_keys(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, KeyRing):
            return {}
        roles = tuple(sorted({role for known in value.roles.values() for role in known}))
        mine = {
            hashed(key.encode(), value.algorithm, value.salt).lower(): roles if name == "valid" else ()
            for name, key in KEY_TEXTS.items()
        }
        return {API_KEYS: replace(value, roles={**value.roles, **mine})}

    def key_fields(self, name: str, endpoint: int | None) -> Iterator[tuple[str, str]]:
        """The fields that bring an API key of the test, or its user, to the endpoint of that number.

        None where the key is in the query. Raises LookupError where it wants neither.
        """
        components = {} if endpoint is None else self.config.endpoints[endpoint].components
        demand = components.get(API_KEYS)
        if not isinstance(demand, KeyDemand) and BASIC not in components:
            raise LookupError("the endpoint wants no API key and no user")
        if isinstance(demand, KeyDemand) and demand.strategy == "header":
            scheme = "Bearer " if demand.identifier.lower() == "authorization" else ""
            yield demand.identifier, scheme + KEY_TEXTS[name]
        if BASIC in components:
            yield "Authorization", f"Basic {base64.b64encode(f'{_USER}:{_PASSWORD}'.encode()).decode()}"

    def target_with_key(self, name: str, target: str, endpoint: int | None) -> str:
        """A target with the key of that name in its query, where the endpoint wants it there."""
        demand = None if endpoint is None else self.config.endpoints[endpoint].components.get(API_KEYS)
        if not isinstance(demand, KeyDemand) or demand.strategy == "header":
            return target
        return f"{target}{'&' if '?' in target else '?'}{demand.identifier}={KEY_TEXTS[name]}"

    def _issuer(self, issuer: Issuer) -> Issuer:
        if issuer.refuses or not can_sign(issuer.algorithm):
            return issuer
        key_set = key_set_of(issuer.algorithm, self._owner_of(issuer))
        if issuer.url is None:
            own = FixedKeys(()) if issuer.fixed is None else issuer.fixed
            return replace(issuer, fixed=own.with_more(parse_key_set(key_set)))
        self._serve(issuer.url.url, json.loads(key_set)["keys"])
        return issuer

    def _serve(self, url: str, keys: Sequence[Mapping[str, Any]]) -> None:
        """Have these keys at a URL, beside those that are there: one server may have several."""
        known = json.loads(self.key_sets.get(url, b'{"keys": []}'))["keys"]
        self.key_sets[url] = json.dumps({"keys": known + [key for key in keys if key not in known]}).encode()

    def can_mint(self, endpoint: int) -> bool:
        """Whether there is a token that passes at the endpoint of that number."""
        try:
            self.token(None, endpoint)
        except LookupError:
            return False
        return True

    def token(self, token: Token | None, endpoint: int | None) -> tuple[str, str, str]:
        """The field, the cookie and the token itself, for the endpoint of that number; None: for whichever comes first.

        `token` None stands for one that passes: it has the roles and scopes that are asked for. Raises LookupError
        where no endpoint wants tokens.
        """
        validator = self._validators.get(-1 if endpoint is None else endpoint)
        if validator is None:
            validator = next(iter(self._validators.values()), None)
        if validator is None or not validator.issuers:
            raise LookupError("no endpoint of this configuration wants tokens")
        issuer = validator.issuers[0]
        if issuer.refuses or not can_sign(issuer.algorithm):
            raise LookupError(f"no token can be minted for that endpoint: {issuer.refuses or issuer.algorithm}")
        claims: dict[str, Any] = {"sub": "test", "jti": "test", "iat": int(self._now())}
        claims["exp"] = int(self._now() + (3600.0 if token is None else token.lifetime_seconds))
        if issuer.issuer:
            claims["iss"] = issuer.issuer
        if issuer.audience:
            claims["aud"] = list(issuer.audience)
        if token is None:
            for needed in (validator.roles, validator.scopes):
                _grant(claims, needed, as_text=needed is validator.scopes)
        else:
            claims.update(token.claims)
            claims = {name: value for name, value in claims.items() if value is not None}
        algorithm = issuer.algorithm if token is None or not token.algorithm else token.algorithm
        is_strangers = token is not None and token.is_strangers
        text = _signed(json.dumps(claims), algorithm, self._owner_of(issuer), is_strangers)
        return validator.field, validator.cookie, text


def without_listener(value: Any) -> dict[str, Any]:
    """What the service says of tokens, with nobody to take revocations: the stand has no sockets."""
    if not isinstance(value, ServiceAuth):
        return {}
    return {COMPONENT: replace(value, revoker=value.revoker and replace(value.revoker, host=""))}


def can_sign(algorithm: str) -> bool:
    """Whether tokens of that algorithm can be minted."""
    return algorithm in jwt.algorithms.get_default_algorithms() and algorithm != "none"


def _grant(claims: dict[str, Any], needed: ClaimsNeeded | None, *, as_text: bool) -> None:
    if needed is None or not needed.words:
        return
    value: Any = " ".join(needed.words) if as_text else list(needed.words)
    names: Sequence[str] = needed.key.split(".") if needed.is_nested else [needed.key]
    for name in reversed(names[1:]):
        value = {name: value}
    claims[names[0]] = value


def private_key_of(algorithm: str, owner: str = "", *, is_strangers: bool) -> Any:
    """One for each algorithm, owner and process: RSA keys take a while to be made. `is_strangers`: another one."""
    return _private_key(algorithm, owner, is_strangers)


@cache
def key_names_of(algorithm: str) -> Mapping[str, str]:
    """What the key of an algorithm is called, by every way of naming one: one server may have several.

    For this a digest need not be one, only as long.
    """
    text = f"crossgate-test-{algorithm}"
    lengths = {"x5t": 20, "x5t#S256": 32}
    digests = {name: hashlib.blake2b(text.encode(), digest_size=length).digest() for name, length in lengths.items()}
    return {"kid": text, **{name: encode_base64url(digest).decode() for name, digest in digests.items()}}


@lru_cache(maxsize=1024)
def _signed(claims: str, algorithm: str, owner: str, is_strangers: bool) -> str:
    """A token with these claims, as JSON. Signing takes longer than most requests."""
    key = private_key_of(algorithm, owner, is_strangers=is_strangers)
    return jwt.encode(json.loads(claims), key, algorithm, headers=dict(key_names_of(algorithm)))


@cache
def _private_key(algorithm: str, owner: str, is_strangers: bool) -> Any:
    if algorithm.startswith("HS"):
        secret = b"the secret of a stranger, and long " if is_strangers else b"the secret of the test, and long "
        return secret * 2 + owner.encode()
    if algorithm.startswith("ES"):
        return ec.generate_private_key(_CURVES[algorithm]())
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65537, 2048)


@cache
def key_set_of(algorithm: str, owner: str = "") -> bytes:
    """The test's public key of an algorithm, as a key set."""
    members = _members(algorithm, owner)
    return json.dumps({"keys": [{**members, **key_names_of(algorithm), "use": "sig", "alg": algorithm}]}).encode()


def _members(algorithm: str, owner: str = "", *, is_private: bool = False) -> Mapping[str, Any]:
    """The test's key of an algorithm, as JSON has it."""
    key = private_key_of(algorithm, owner, is_strangers=False)
    if algorithm.startswith("HS"):
        return {"kty": "oct", "k": encode_base64url(key).decode()}
    shown = key if is_private else key.public_key()
    if algorithm.startswith("ES"):
        return ECAlgorithm.to_jwk(shown, as_dict=True)
    if algorithm == "EdDSA":
        return OKPAlgorithm.to_jwk(shown, as_dict=True)
    return RSAAlgorithm.to_jwk(shown, as_dict=True)
