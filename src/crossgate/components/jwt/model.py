"""What a validator asks of a request, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass

from crossgate.components.jwt.revoker_config import RevokerConfig
from crossgate.jose.key_place import KeyUrl
from crossgate.jose.key_source import FixedKeys
from crossgate.jose.keys import Strategy
from crossgate.redis.store import StoreConfig


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens are believed: by which keys, for which audience. An empty `issuer` is not compared.

    `refuses` is why nothing it says can be believed, as the file stands; empty where it can.
    """

    algorithm: str
    issuer: str = ""
    audience: tuple[str, ...] = ()
    strategy: Strategy = "kid"
    leeway_seconds: float = 1.0
    fixed: FixedKeys | None = None
    url: KeyUrl | None = None
    refuses: str = ""


@dataclass(frozen=True, slots=True)
class ClaimsNeeded:
    """One of the `words` (all of them with `wants_all`) in the claim `key`, a dotted path where it `is_nested`."""

    words: tuple[str, ...]
    key: str
    is_nested: bool
    wants_all: bool = False


@dataclass(frozen=True, slots=True)
class Propagated:
    """A claim that becomes a request field."""

    claim: str
    is_nested: bool
    field: str


@dataclass(frozen=True, slots=True)
class Validator:
    """Everything about one endpoint's tokens.

    With one issuer a token has to be its; with several the token's `iss` chooses. `params` are the claims that paths of
    backends name, by the names of their placeholders.
    """

    issuers: tuple[Issuer, ...]
    field: str = "authorization"
    cookie: str = "access_token"
    roles: ClaimsNeeded | None = None
    scopes: ClaimsNeeded | None = None
    propagated: tuple[Propagated, ...] = ()
    preserves_arrays: bool = False
    params: tuple[str, ...] = ()
    logs_refusals: bool = False


@dataclass(frozen=True, slots=True)
class ServiceAuth:
    """What the service says: a validator for all endpoints that do not opt out, issuers by name, what is revoked.

    Gateways tell each other of revocations by `revoked_over`.
    """

    validator: Validator | None
    providers: Mapping[str, Issuer]
    revoker: RevokerConfig | None = None
    revoked_over: StoreConfig | None = None
