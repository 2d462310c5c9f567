"""`auth/api-keys` as files of KrakenD Enterprise have it: the keys at the service, what is asked for at endpoints.

Source: the public documentation of KrakenD Enterprise 2.13.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Literal

from crossgate.config.component import ComponentNamespace
from crossgate.config.fields import Fields
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.section import GuardFields, Section
from crossgate.limits.bucket import Bucket, bucket_of
from crossgate.limits.over import Over, shared_over
from crossgate.redis.config import stores_of

NAME = "auth/api-keys"
HASHES = ("plain", "sha256", "sha1", "fnv128")
_STRATEGIES = ("header", "query_string")
_WHERE = (
    Key("strategy", Kind.TEXT, "Where a request has its key.", "header", choices=_STRATEGIES),
    Key("identifier", Kind.TEXT, "The name of the request field or query string; `Authorization` or `key`."),
)
KEY_KEYS = KeyTable(
    "an API key",
    Manner.EXACT,
    (
        Key("key", Kind.TEXT, "The key, or its hash."),
        Key("roles", Kind.TEXTS, "What its owner may do."),
        Key("description", Kind.TEXT, "For people."),
    ),
)
SERVICE_KEYS = KeyTable(
    "the API keys",
    Manner.EXACT,
    (
        Key("keys", Kind.OBJECTS, "The keys, each with its roles.", inner=KEY_KEYS),
        *_WHERE,
        Key("hash", Kind.TEXT, "How the keys are written here.", "plain", choices=HASHES),
        Key("salt", Kind.TEXT, "What stands in front of a key when it is hashed."),
        Key(
            "propagate_role",
            Kind.TEXT,
            "The request field that tells backends the role by which the key may; `ANY` where any key will do.",
        ),
    ),
)
ENDPOINT_KEYS = KeyTable(
    "the endpoint's API keys",
    Manner.EXACT,
    (
        Key("roles", Kind.TEXTS, "Roles of which a key needs one; absent: any key will do."),
        *_WHERE,
        Key("client_max_rate", Kind.ANY, "Requests of one key in a second.", shape="number"),
    ),
)
NAMESPACE = ComponentNamespace(
    NAME, "Lets requests in that bring an API key.", {"service": SERVICE_KEYS, "endpoint": ENDPOINT_KEYS}
)
_EE = "the community edition ignores it"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of a service: roles by the digest of a key. No plain key is kept, and none is shown. By `over` gateways
    share the limits of keys.
    """

    roles: Mapping[bytes, tuple[str, ...]] = field(repr=False)
    algorithm: str
    salt: bytes = field(repr=False)
    strategy: Literal["header", "query_string"]
    identifier: str
    role_field: str
    over: Over | None = None


@dataclass(frozen=True, slots=True)
class KeyDemand:
    """What an endpoint asks for. No `roles`: any key. `limit` is the bucket of each key."""

    roles: frozenset[str]
    strategy: Literal["header", "query_string"]
    identifier: str
    limit: Bucket | None = None


def decode_ring(section: Section) -> KeyRing | None:
    """The service's keys."""
    namespace = section.namespaces.get(NAME)
    if namespace is None:
        return None
    if not isinstance(namespace.value, dict):
        section.close(NAME, namespace.path, f'"{NAME}" must be an object', krakend=_EE)
        return None
    fields = section.guard_fields(NAME, SERVICE_KEYS, krakend=_EE)
    algorithm = fields.text("hash") or "plain"
    if algorithm not in HASHES:
        section.close(NAME, fields.at("hash"), f'"hash" must be one of {", ".join(HASHES)}', krakend=_EE)
    strategy, identifier = _where(section, fields, "header", "")
    salt = fields.text("salt").encode()
    roles: dict[bytes, tuple[str, ...]] = {}
    for path, item in fields.objects("keys"):
        if not isinstance(item, dict):
            section.close(NAME, path, "a key is an object", krakend=_EE)
            continue

        def refuse(path: str, message: str, hint: str) -> None:
            section.close(NAME, path, message, hint=hint, krakend=_EE)

        key = GuardFields(item, path, KEY_KEYS, section.version, section.report, refuse)
        text = key.text("key")
        if not text:
            section.close(NAME, path, "a key must not be empty", krakend=_EE)
            continue
        digest = hashed(text.encode(), "plain", b"") if algorithm == "plain" else text.lower().encode()
        roles[digest] = key.texts("roles")
    if not roles:
        section.report.warning(
            "CFG407", namespace.path, "there are no keys: endpoints that ask for one refuse everybody"
        )
    role_field = fields.text("propagate_role").lower()
    over = shared_over(stores_of(section))
    return KeyRing(roles, algorithm, salt, strategy, identifier, role_field, over)


def decode_demand(section: Section) -> KeyDemand | None:
    """What an endpoint asks for; None where it asks for no key."""
    namespace = section.namespaces.get(NAME)
    if namespace is None:
        return None
    ring: KeyRing | None = section.service
    if ring is None:
        message = f'"{NAME}" at an endpoint needs the keys at the service'
        section.close(NAME, namespace.path, message, krakend=_EE)
        return None
    if not isinstance(namespace.value, dict):
        section.close(NAME, namespace.path, f'"{NAME}" must be an object', krakend=_EE)
        return None
    fields = section.guard_fields(NAME, ENDPOINT_KEYS, krakend=_EE)
    strategy, identifier = _where(section, fields, ring.strategy, ring.identifier)
    return KeyDemand(frozenset(fields.texts("roles")), strategy, identifier, _limit(section, fields))


def _limit(section: Section, fields: Fields) -> Bucket | None:
    """The limit of each key. As elsewhere 0 is none, and there is room for what may come in a second."""
    rate = fields.get("client_max_rate")
    if rate is None:
        return None
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not isfinite(rate):
        message = '"client_max_rate" must be a number'
        section.close(NAME, fields.at("client_max_rate"), message, hint="write it without quotes", krakend=_EE)
        return None
    return bucket_of(rate, int(rate)) if rate > 0 else None


def _where(
    section: Section, fields: Fields, strategy: Literal["header", "query_string"], identifier: str
) -> tuple[Literal["header", "query_string"], str]:
    """Where keys are, given where they are elsewhere."""
    written = fields.text("strategy")
    chosen = strategy
    match written:
        case "":
            pass
        case "header" | "query_string":
            chosen = written
        case _:
            message = f'"strategy" must be one of {", ".join(_STRATEGIES)}'
            section.close(NAME, fields.at("strategy"), message, krakend=_EE)
    name = fields.text("identifier") or (identifier if chosen == strategy else "")
    return chosen, name or ("Authorization" if chosen == "header" else "key")


def hashed(key: bytes, algorithm: str, salt: bytes) -> bytes:
    """The digest by which a key is known, as the file has it; of plain keys, which are not kept, one of ours."""
    if algorithm == "sha1":
        return hashlib.sha1(salt + key, usedforsecurity=False).hexdigest().encode()
    if algorithm == "fnv128":
        return _fnv128(salt + key)
    return hashlib.sha256((salt + key) if algorithm == "sha256" else key).hexdigest().encode()


def _fnv128(data: bytes) -> bytes:
    """FNV-1 with 128 bits (Go's `fnv.New128`)."""
    value = 0x6C62272E07BB014262B821756295C58D
    for byte in data:
        value = (value * 0x1000000000000000000013B) & ((1 << 128) - 1) ^ byte
    return f"{value:032x}".encode()
