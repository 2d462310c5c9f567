"""`auth/revoker` and `crossgate/revoker` as a file has them.

Source: krakend `bloomfilter/v2` `krakend/krakend.go`, `rotate/`. Its filter and its RPC are Go's; what is kept of them
is which claims count, and for how long.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from crossgate.config.component import ComponentNamespace
from crossgate.config.fields import Fields
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.secret import Secret
from crossgate.config.section import Section

REVOKER = "auth/revoker"
OWN = "crossgate/revoker"
REVOKER_KEYS = KeyTable(
    "the revoker",
    Manner.EXACT,
    (
        Key("N", Kind.INTEGER, "How many revocations there may be at a time."),
        Key("P", Kind.ANY, "KrakenD's rate of false positives; there are none here.", shape="number"),
        Key("hash_name", Kind.TEXT, "KrakenD's hash functions; read and not needed.", old="HashName", also_old=True),
        Key("TTL", Kind.INTEGER, "Seconds that a revocation lasts where it does not say."),
        Key("port", Kind.INTEGER, "The port of Go's RPC; not opened, see crossgate/revoker."),
        Key("token_keys", Kind.TEXTS, "Claims by which tokens are revoked.", old="TokenKeys", also_old=True),
    ),
)
OWN_KEYS = KeyTable(
    OWN,
    Manner.OWN,
    (
        Key("listen", Kind.TEXT, "Where revocations are taken, such as 127.0.0.1:9099."),
        Key("token_file", Kind.TEXT, "A file with the token that whoever revokes has to bring."),
    ),
)
NAMESPACES = (
    ComponentNamespace(REVOKER, "Refuses tokens that were revoked.", {"service": REVOKER_KEYS}),
    ComponentNamespace(OWN, "Takes revocations over HTTP.", {"service": OWN_KEYS}),
)
_OFF = "switches revocation off, and starts"


_NO_TOKEN = Secret("")


@dataclass(frozen=True, slots=True)
class RevokerConfig:
    """What can be revoked, for how long, and where. An empty `host` takes no revocations."""

    token_keys: tuple[str, ...]
    expected: int
    ttl_seconds: float
    host: str = ""
    port: int = 0
    token: Secret = _NO_TOKEN


def decode_revoker(section: Section) -> RevokerConfig | None:
    """The revoker; None where there is none, or none that can be built.

    DEVIATION(DEV-REVOKE-1): KrakenD switches revocation off where a value has the wrong type.
    """
    namespace = section.namespaces.get(REVOKER)
    own = section.namespaces.get(OWN)
    if namespace is None:
        if own is not None:
            section.close(OWN, own.path, f'"{OWN}" needs "{REVOKER}" beside it, which says what can be revoked')
        return None
    if not isinstance(namespace.value, dict) or not namespace.value:
        section.close(REVOKER, namespace.path, "the revoker must be an object with keys", krakend=_OFF)
        return None
    section.namespaces = {**section.namespaces, REVOKER: replace(namespace, value=_with_capitals(namespace.value))}
    fields = section.guard_fields(REVOKER, REVOKER_KEYS, krakend=_OFF)
    expected, ttl, port = fields.integer("N"), fields.integer("TTL"), fields.integer("port")
    keys, rate = fields.texts("token_keys"), fields.get("P")
    if fields.text("hash_name") not in ("optimal", "default"):
        _close(section, fields, "hash_name", '"hash_name" must be optimal or default', "refuses to start")
    if ttl <= 0:
        _close(section, fields, "TTL", '"TTL" must be a number of seconds', "refuses to start, or switches itself off")
    if expected < 0:
        _close(section, fields, "N", '"N" must not be negative', _OFF)
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate <= 1:
        _close(section, fields, "P", '"P" must be above 0 and at most 1', "refuses to start, or switches itself off")
    if port and own is None:
        message = f'nothing listens on "port", which is for Go\'s RPC: add "{OWN}" to take revocations over HTTP'
        section.report.warning("CFG217", fields.at("port"), message, krakend="listens on all interfaces")
    config = RevokerConfig(keys, expected, float(ttl))
    return config if own is None else _with_service(section, config)


def _with_capitals(raw: Mapping[str, Any]) -> dict[str, Any]:
    """KrakenD reads `N`, `P` and `TTL` in any letter case."""
    return {name.upper() if name.lower() in ("n", "p", "ttl") else name: value for name, value in raw.items()}


def _with_service(section: Section, config: RevokerConfig) -> RevokerConfig:
    own = section.namespaces[OWN]
    if not isinstance(own.value, dict):
        section.close(OWN, own.path, f'"{OWN}" must be an object')
        return config
    fields = section.guard_fields(OWN, OWN_KEYS)
    host, colon, port = fields.text("listen").rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65_535:
        _close(section, fields, "listen", '"listen" must be an address and a port, such as 127.0.0.1:9099', "")
        return config
    token = ""
    try:
        token = section.read_file(fields.text("token_file")).decode("utf-8", "replace").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        _close(section, fields, "token_file", f"the token cannot be read: {reason}", "")
    else:
        if not token:
            _close(section, fields, "token_file", "the token file is empty", "")
    return RevokerConfig(
        config.token_keys, config.expected, config.ttl_seconds, host.strip("[]"), int(port), Secret(token)
    )


def _close(section: Section, fields: Fields, key: str, message: str, krakend: str) -> None:
    at = fields.at(key)
    name = OWN if key in ("listen", "token_file") else REVOKER
    section.close(name, at, message, krakend=krakend)
