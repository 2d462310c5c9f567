"""A JSON Schema of configuration files for editors, made from the key tables: completion, help and early warnings.

Knows the tables; it is not what decides over a file (`crossgate check` does), and it is laxer: editors read version 2
and 3 files alike.
"""

from collections.abc import Sequence
from typing import Any

from crossgate.config.component import ConfigComponent, component_keys, namespaces_by_any_name
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.namespaces.backend_http import CLIENT_KEYS, HTTP_KEYS
from crossgate.config.namespaces.drain import DRAIN_KEYS
from crossgate.config.namespaces.errors import ERRORS_KEYS
from crossgate.config.namespaces.log import GELF_KEYS, LOG_KEYS, LOGGING_KEYS, LOGSTASH_KEYS
from crossgate.config.namespaces.proxy import BACKEND_KEYS as PROXY_BACKEND_KEYS
from crossgate.config.namespaces.proxy import ENDPOINT_KEYS as PROXY_ENDPOINT_KEYS
from crossgate.config.namespaces.router import ROUTER_KEYS
from crossgate.config.namespaces.server import SERVER_KEYS
from crossgate.config.namespaces.table import NamespaceSpec
from crossgate.config.tables import BACKEND_KEYS, ENDPOINT_KEYS, SERVICE_KEYS

_COMMENT = "^[@$_#]"
_DURATION = r"^[+-]?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$"
_TYPES: dict[Kind, dict[str, Any]] = {
    Kind.TEXT: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DURATION: {"type": "string", "pattern": _DURATION},
    Kind.TEXTS: {"type": "array", "items": {"type": "string"}},
    Kind.TEXT_MAP: {"type": "object", "additionalProperties": {"type": "string"}},
    Kind.OBJECT: {"type": "object"},
    Kind.OBJECTS: {"type": "array", "items": {"type": "object"}},
    Kind.ANY: {},
}
CORS_KEYS = KeyTable(
    "CORS",
    Manner.EXACT,
    (
        Key("allow_origins", Kind.TEXTS, "The origins that may read responses. Absent or empty: any."),
        Key("allow_methods", Kind.TEXTS, "The methods that pages may use.", ["GET", "POST", "HEAD"]),
        Key("allow_headers", Kind.TEXTS, "The request headers that pages may set."),
        Key("expose_headers", Kind.TEXTS, "The response headers that pages may read.", []),
        Key("max_age", Kind.DURATION, "How long browsers may keep a preflight's answer."),
        Key("allow_credentials", Kind.BOOLEAN, "Whether requests may carry cookies and the like.", False),
        Key("debug", Kind.BOOLEAN, "Log what was decided, and why.", False),
        Key("allow_private_network", Kind.BOOLEAN, "Answer to private network access preflights.", False),
        Key("options_passthrough", Kind.BOOLEAN, "Hand preflights on after setting the headers.", False),
        Key("options_success_status", Kind.INTEGER, "The status of preflight answers.", 204, minimum=200),
    ),
)
_OWN_CORS_KEYS = KeyTable(
    "crossgate's CORS",
    Manner.OWN,
    (
        *CORS_KEYS.keys,
        Key("policies", Kind.OBJECT, "Policies by name."),
        Key("default", Kind.TEXT, "The name of the policy that holds where an endpoint has none."),
        Key("policy", Kind.TEXT, "The name of the endpoint's policy."),
        Key("rules", Kind.OBJECTS, "Keys for some origins; the first match wins."),
        Key("upstream", Kind.TEXT, "What becomes of the backend's CORS.", "strip", choices=("strip", "pass", "prefer")),
        Key("report_only", Kind.BOOLEAN, "Decide and log, but leave responses alone.", False),
    ),
)
_NAMESPACE_KEYS: dict[tuple[str, str], KeyTable] = {
    ("service", "security/cors"): CORS_KEYS,
    ("service", "crossgate/cors"): _OWN_CORS_KEYS,
    ("service", "crossgate/server"): SERVER_KEYS,
    ("service", "crossgate/errors"): ERRORS_KEYS,
    ("service", "crossgate/drain"): DRAIN_KEYS,
    ("service", "crossgate/log"): LOG_KEYS,
    ("service", "router"): ROUTER_KEYS,
    ("service", "telemetry/gelf"): GELF_KEYS,
    ("service", "telemetry/logging"): LOGGING_KEYS,
    ("service", "telemetry/logstash"): LOGSTASH_KEYS,
    ("endpoint", "crossgate/cors"): _OWN_CORS_KEYS,
    ("endpoint", "proxy"): PROXY_ENDPOINT_KEYS,
    ("backend", "proxy"): PROXY_BACKEND_KEYS,
    ("backend", "backend/http"): HTTP_KEYS,
    ("backend", "backend/http/client"): CLIENT_KEYS,
}


def build_schema(components: Sequence[ConfigComponent] = ()) -> dict[str, Any]:
    """The schema (draft 7, which editors know best)."""
    backend = _table(BACKEND_KEYS, {"extra_config": _extra_config("backend", components)})
    endpoint = _table(
        ENDPOINT_KEYS,
        {
            "extra_config": _extra_config("endpoint", components),
            "backend": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/backend"}},
        },
    )
    root = _table(
        SERVICE_KEYS,
        {
            "version": {"type": "integer", "enum": [2, 3, 4]},
            "port": {"type": "integer", "minimum": 0, "maximum": 65535},
            "extra_config": _extra_config("service", components),
            "endpoints": {"type": "array", "items": {"$ref": "#/definitions/endpoint"}},
        },
    )
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A configuration of crossgate, which is one of KrakenD",
        **root,
        "required": ["version"],
        "definitions": {"endpoint": endpoint, "backend": backend},
    }


def _table(table: KeyTable, special: dict[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    """An object with the keys of a table. `special` replaces what a key's kind says of its value."""
    properties: dict[str, Any] = {}
    for key in table.keys:
        value = _value(key, (special or {}).get(key.name))
        properties[key.name] = value
        if key.old:
            properties[key.old] = {**value, "description": f"{value['description']} (version 2 files)"}
    return {
        "type": "object",
        "properties": properties,
        "patternProperties": {_COMMENT: {}},
        "additionalProperties": table.is_open,
    }


def _value(key: Key, special: dict[str, Any] | None) -> dict[str, Any]:
    value: dict[str, Any] = {"description": key.doc, **(special or _TYPES[key.kind])}
    if special is None and key.inner is not None:
        if key.kind is Kind.OBJECTS:
            value["items"] = _table(key.inner)
        else:
            value |= _table(key.inner)
    if key.choices:
        value["enum"] = list(key.choices)
    if key.default is not None:
        value["default"] = key.default
    if key.minimum is not None:
        value["minimum"] = key.minimum
    return value


def namespace_keys(components: Sequence[ConfigComponent]) -> dict[tuple[str, str], KeyTable]:
    """The key tables of all namespaces that are run, by scope and name."""
    return _NAMESPACE_KEYS | component_keys(components)


def _extra_config(scope: str, components: Sequence[ConfigComponent]) -> dict[str, Any]:
    keys = namespace_keys(components)
    properties = {}
    for spec in dict.fromkeys(namespaces_by_any_name(components).values()):
        if scope in spec.scopes:
            value = _namespace(spec, keys.get((scope, spec.name)))
            for name in (spec.name, *spec.old):
                properties[name] = value
    return {"type": "object", "properties": properties, "patternProperties": {_COMMENT: {}}}


def _namespace(spec: NamespaceSpec, keys: KeyTable | None) -> dict[str, Any]:
    if not spec.run or keys is None:
        owner = "" if spec.is_own else "KrakenD's "
        return {"description": f"{owner}{spec.name}: {spec.standing} by crossgate."}
    if keys.is_free:
        return {"description": spec.doc}
    value = {"type": "array", "items": _table(keys)} if keys.is_list else _table(keys)
    return {"description": spec.doc, **value}
