"""The `crossgate/server` namespace: how the listening side behaves. Ours alone, so ill-typed values are refused."""

from typing import Literal

from crossgate.config.document import Namespace
from crossgate.config.fields import Fields
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.model import LimitsConfig
from crossgate.config.report import Report

_I, _D = Kind.INTEGER, Kind.DURATION

LIMIT_KEYS = KeyTable(
    "crossgate/server",
    Manner.OWN,
    (
        Key("max_head_bytes", _I, "Largest request head.", 65_536, minimum=256),
        Key("max_headers", _I, "Most field lines of a request.", 128, minimum=1),
        Key("max_target_bytes", _I, "Longest request target.", 16_384, minimum=1),
        Key("max_body_bytes", _I, "Largest request body; 0: no limit.", 0, minimum=0),
        Key("max_connections", _I, "Most connections at a time; 0: no limit.", 16_384, minimum=0),
        Key(
            "max_connections_per_client",
            _I,
            "Most connections of one address (IPv6: of one /64 network); 0: no limit.",
            0,
            minimum=0,
        ),
        Key(
            "max_requests_per_connection", _I, "Requests after which a connection is closed; 0: no limit.", 0, minimum=0
        ),
        Key("header_timeout", _D, "How long a request head may take; 0s: for ever.", "10s"),
        Key("idle_timeout", _D, "How long a connection may be idle; 0s: for ever.", "75s"),
        Key("write_timeout", _D, "How long a client may stop reading; 0s: for ever.", "60s"),
    ),
)
SERVER_KEYS = KeyTable(
    "crossgate/server",
    Manner.OWN,
    (
        *LIMIT_KEYS.keys,
        Key("limits", Kind.OBJECT, "The same keys in an object of their own; these count first.", inner=LIMIT_KEYS),
        Key(
            "half_close",
            Kind.TEXT,
            "A client that ends its side while it waits: `cancel` its request, or `answer` it all the same.",
            "cancel",
            choices=("cancel", "answer"),
        ),
    ),
)


def decode_server(namespace: Namespace | None, version: Literal[2, 3], report: Report) -> LimitsConfig:
    """The limits, or the defaults where there are none."""
    defaults = LimitsConfig()
    if namespace is None:
        return defaults
    if not isinstance(namespace.value, dict):
        report.error(
            "CFG220", namespace.path, '"crossgate/server" must be an object', hint='write {"max_body_bytes": 1048576}'
        )
        return defaults
    outer = Fields(namespace.value, namespace.path, SERVER_KEYS, version, report)
    inner = Fields(outer.object("limits") or {}, outer.at("limits"), LIMIT_KEYS, version, report)
    fields = (inner, outer)
    return LimitsConfig(
        max_head_bytes=_count(fields, "max_head_bytes", defaults.max_head_bytes),
        max_headers=_count(fields, "max_headers", defaults.max_headers),
        max_target_bytes=_count(fields, "max_target_bytes", defaults.max_target_bytes),
        max_body_bytes=_count(fields, "max_body_bytes", defaults.max_body_bytes),
        max_connections=_count(fields, "max_connections", defaults.max_connections),
        max_connections_per_client=_count(fields, "max_connections_per_client", defaults.max_connections_per_client),
        max_requests_per_connection=_count(fields, "max_requests_per_connection", defaults.max_requests_per_connection),
        header_timeout_seconds=_seconds(fields, "header_timeout", defaults.header_timeout_seconds),
        idle_timeout_seconds=_seconds(fields, "idle_timeout", defaults.idle_timeout_seconds),
        write_timeout_seconds=_seconds(fields, "write_timeout", defaults.write_timeout_seconds),
        half_close=_half_close(outer),
    )


def _half_close(fields: Fields) -> Literal["cancel", "answer"]:
    text = fields.text("half_close", "cancel")
    if text == "answer":
        return "answer"
    if text != "cancel":
        fields.report.error("CFG220", fields.at("half_close"), f'"{text[:60]}" is neither "cancel" nor "answer"')
    return "cancel"


def _count(places: tuple[Fields, ...], name: str, default: int) -> int:
    fields = _place_of(name, places)
    value = fields.integer(name, default)
    minimum = next(key.minimum for key in LIMIT_KEYS.keys if key.name == name) or 0
    if value < minimum:
        fields.report.error(
            "CFG220", fields.at(name), f'"{name}" must be at least {minimum}', hint=f"write {minimum} or more"
        )
        return default
    return value


def _seconds(places: tuple[Fields, ...], name: str, default: float) -> float:
    fields = _place_of(name, places)
    if fields.get(name) is None:
        return default
    seconds = fields.nanoseconds(name) / 1e9
    if seconds < 0:
        fields.report.error(
            "CFG220",
            fields.at(name),
            f'"{name}" must not be negative',
            hint='write a duration such as "10s"; "0s" means no limit',
        )
        return default
    return default if name in fields.broken else seconds


def _place_of(name: str, places: tuple[Fields, ...]) -> Fields:
    """The first that has the key, else the last."""
    return next((fields for fields in places if fields.get(name) is not None), places[-1])
