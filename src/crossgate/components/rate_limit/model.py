"""Limits as values: what a file asks for, ready to be built. Knows no file."""

from dataclasses import dataclass

from crossgate.limits.bucket import Bucket
from crossgate.limits.over import Over
from crossgate.redis.store import Stores


@dataclass(frozen=True, slots=True)
class ClientLimit:
    """The limit of each client. `key` is empty where the strategy needs none, or where it is missing."""

    strategy: str
    key: str
    bucket: Bucket


@dataclass(frozen=True, slots=True)
class RouterLimit:
    """Limits of requests: one of them at least. `name` tells several of one place apart. Without `over`: of this
    gateway alone.
    """

    total: Bucket | None
    client: ClientLimit | None
    over: Over | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """An expression in CEL that is true for the values of a tier."""

    text: str


TierValue = bytes | Policy | None
"""What a tier is for: one value, those that a policy is true for, or any."""


@dataclass(frozen=True, slots=True)
class TieredLimit:
    """Limits by the value of a field, whose name is lower-case. The first that fits counts, and may have no limit."""

    field: bytes
    tiers: tuple[tuple[TierValue, RouterLimit | None], ...]


Limit = RouterLimit | TieredLimit


@dataclass(frozen=True, slots=True)
class BackendLimit:
    """The limit of a backend's calls."""

    bucket: Bucket
    over: Over | None = None


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """What holds for all endpoints, and which Redis theirs can use."""

    limits: tuple[Limit, ...]
    stores: Stores | None
