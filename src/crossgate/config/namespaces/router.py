"""The `router` namespace of the service.

KrakenD reads it with Go's encoding/json and drops its errors: one value of another type, and all options are as if they
were absent, but for `auto_options` and `error_body`, which are read on their own.
Source: lura v2 `router/gin/engine.go`, `router/gin/router.go`.
"""

import ipaddress
from typing import Any, Literal

from crossgate.config.document import Namespace
from crossgate.config.fields import Fields
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.model import RouterConfig
from crossgate.config.report import Report
from crossgate.diagnostics.path import child

_B, _T, _L = Kind.BOOLEAN, Kind.TEXT, Kind.TEXTS

ROUTER_KEYS = KeyTable(
    "router",
    Manner.JSON,
    (
        Key("auto_options", _B, "Answer OPTIONS for every endpoint with the methods it has.", False, exact=True),
        Key("disable_health", _B, "Do not answer on the health path.", False),
        Key("health_path", _T, "Where the health answer is.", "/__health"),
        Key("disable_access_log", _B, "Write no line per request.", False),
        Key("logger_skip_paths", _L, "Paths whose requests leave no line in the log."),
        Key("disable_redirect_trailing_slash", _B, "Do not redirect `/a/` to `/a` and the reverse.", False),
        Key(
            "disable_redirect_fixed_path", _B, "Do not redirect to a path of other letter case or fewer slashes.", False
        ),
        Key("disable_handle_method_not_allowed", _B, "Answer 404 instead of 405.", False),
        Key("remove_extra_slash", _B, "Take `//a//b` for `/a/b`.", False),
        Key("disable_path_decoding", _B, "Do not check path parameters for encoded characters.", False),
        Key("hide_version_header", _B, "Do not tell the version in X-Krakend.", False),
        Key("return_error_msg", _B, "Show the text of errors to clients.", False),
        Key("error_body", Kind.OBJECT, "Bodies of the gateway's own 404 and 405."),
        Key("forwarded_by_client_ip", _B, "Take the client's address from the headers of trusted proxies.", True),
        Key(
            "remote_ip_headers", _L, "The headers that may name the client's address.", ["X-Forwarded-For", "X-Real-IP"]
        ),
        Key("trusted_proxies", _L, "Addresses and networks whose word counts.", ["0.0.0.0/0", "::/0"]),
        Key(
            "app_engine",
            _B,
            "Take the client's address from App Engine's X-Appengine-Remote-Addr, whoever sent it.",
            False,
        ),
        Key("max_multipart_memory", Kind.INTEGER, "Memory for multipart bodies (crossgate holds none).", 0),
        Key("use_h2c", _B, "HTTP/2 without TLS (not run by crossgate).", False),
    ),
)
_NOT_RUN = ("use_h2c",)
_KEPT = frozenset(("auto_options", "error_body", "forwarded_by_client_ip", "remote_ip_headers", "trusted_proxies"))


def decode_router(namespace: Namespace | None, version: Literal[2, 3], report: Report) -> RouterConfig:
    """The router's options, or the defaults where there are none."""
    if namespace is None:
        return RouterConfig()
    if not isinstance(namespace.value, dict):
        report.warning(
            "CFG217", namespace.path, 'this is ignored: "router" must be an object', krakend="ignores it silently"
        )
        return RouterConfig()
    fields = Fields(namespace.value, namespace.path, ROUTER_KEYS, version, report)
    for name in _NOT_RUN:
        if fields.boolean(name):
            report.warning(
                "CFG405", fields.at(name), f'crossgate does not run "{name}"; it is left out', krakend="runs it"
            )
    fields.integer("max_multipart_memory")
    defaults = RouterConfig()
    config = RouterConfig(
        auto_options=fields.boolean("auto_options"),
        disable_health=fields.boolean("disable_health"),
        health_path=fields.text("health_path") or defaults.health_path,
        disable_access_log=fields.boolean("disable_access_log"),
        logger_skip_paths=fields.texts("logger_skip_paths"),
        disable_redirect_trailing_slash=fields.boolean("disable_redirect_trailing_slash"),
        disable_redirect_fixed_path=fields.boolean("disable_redirect_fixed_path"),
        disable_handle_method_not_allowed=fields.boolean("disable_handle_method_not_allowed"),
        remove_extra_slash=fields.boolean("remove_extra_slash"),
        disable_path_decoding=fields.boolean("disable_path_decoding"),
        hide_version_header=fields.boolean("hide_version_header"),
        return_error_msg=fields.boolean("return_error_msg"),
        error_bodies=_error_bodies(fields, report),
        forwarded_by_client_ip=fields.boolean("forwarded_by_client_ip", default=True),
        remote_ip_headers=fields.texts("remote_ip_headers") or defaults.remote_ip_headers,
        trusted_proxies=_trusted_proxies(fields, report, defaults.trusted_proxies),
        app_engine=fields.boolean("app_engine"),
    )
    return _without_options(config, fields, report) if fields.broken - {"error_body"} else config


def _without_options(config: RouterConfig, fields: Fields, report: Report) -> RouterConfig:
    """What is left once a value is of another type."""
    lost = [name for name in fields.keys if name not in fields.broken | _KEPT]
    if lost:
        broken = min(fields.broken - {"error_body"}, key=list(fields.keys).index)
        report.warning(
            "CFG217",
            fields.path,
            f'the value of "{broken}" has the wrong type, so the other options are ignored as well: {", ".join(lost)}',
            hint=f'correct "{broken}"',
            krakend="ignores them silently",
        )
    return RouterConfig(
        auto_options=config.auto_options,
        error_bodies=config.error_bodies,
        # DEVIATION(DEV-CONF-4): a client must not become able to choose its address.
        forwarded_by_client_ip=config.forwarded_by_client_ip and "forwarded_by_client_ip" not in fields.broken,
        remote_ip_headers=config.remote_ip_headers,
        trusted_proxies=config.trusted_proxies,
    )


def _error_bodies(fields: Fields, report: Report) -> dict[int, Any]:
    bodies: dict[int, Any] = {}
    path = fields.at("error_body")
    for status, body in (fields.object("error_body") or {}).items():
        if status in ("404", "405"):
            if body is not None:
                bodies[int(status)] = body
        else:
            report.warning(
                "CFG217", child(path, status), "this is ignored: only 404 and 405 can have a body of their own",
                krakend="ignores it silently", on_key=True,
            )  # fmt: skip
    return bodies


def _trusted_proxies(fields: Fields, report: Report, default: tuple[str, ...]) -> tuple[str, ...]:
    """Networks as written, up to the first that is none: gin reads no further. None of them: nobody is trusted."""
    proxies = fields.texts("trusted_proxies")
    if not proxies:
        return () if "trusted_proxies" in fields.broken else default
    for position, proxy in enumerate(proxies):
        try:
            ipaddress.ip_network(proxy, strict=False)
        except ValueError:
            report.warning(
                "CFG217",
                child(fields.at("trusted_proxies"), position),
                f'"{proxy[:60]}" is neither an address nor a network: it is ignored, and so is all that follows it',
                krakend="ignores them silently",
            )
            return proxies[:position]
    return proxies
