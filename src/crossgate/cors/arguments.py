"""The arguments of `CorsPolicy(...)`, checked: the dialect of people without a KrakenD file.

The only place of its defaults' meaning. Knows the safe grammar of origins; does not know KrakenD.
"""

import re
from collections.abc import Mapping
from typing import Any

from crossgate.cors.block import Findings, is_list, json_name
from crossgate.cors.config import ConfigError, CorsConfig, Dialect, OriginGrammar, Upstream
from crossgate.cors.origin_pattern import EntryError, compile_safe_entry
from crossgate.diagnostics.path import child

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FORBIDDEN_METHODS = frozenset(("CONNECT", "TRACE", "TRACK"))  # Fetch, "forbidden method": no script can send them


def config_of_arguments(arguments: Mapping[str, Any]) -> CorsConfig:
    """The config of `CorsPolicy`'s keyword arguments. Raises ConfigError with everything that is wrong with them.

    Paths are the arguments' names: `$.allow_origins[0]`.
    """
    findings = Findings()
    origins = _strings(arguments, "allow_origins", findings)
    _check_origins(origins, findings)
    methods = _tokens(arguments, "allow_methods", findings)
    for index, method in enumerate(methods):
        if method.upper() in _FORBIDDEN_METHODS:
            findings.error("COR121", child("$.allow_methods", index), f"no page can use the method {method}")
    headers = _tokens(arguments, "allow_headers", findings)
    exposed = _tokens(arguments, "expose_headers", findings)
    flags = {name: _flag(arguments, name, findings) for name in _FLAGS}
    if "*" in origins and flags["allow_credentials"]:
        findings.error(
            "COR115",
            "$.allow_credentials",
            "any origin and credentials exclude each other: browsers refuse such an answer",
            hint="list the origins that need credentials",
        )
    max_age = _max_age(arguments["max_age"], findings)
    status = arguments["preflight_status"]
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 299:
        # Browsers take an ok status only (Fetch, "CORS-preflight fetch", step 7), and here no file has to be honoured.
        findings.error("COR107", "$.preflight_status", "preflight_status must be an integer from 200 to 299")
    upstream = arguments["upstream"]
    if not isinstance(upstream, str) or upstream not in tuple(Upstream):
        findings.error("COR117", "$.upstream", "upstream must be strip, pass or prefer")
    if findings.has_errors:
        raise ConfigError(tuple(findings.diagnostics))
    return CorsConfig(
        allow_origins=origins,
        any_origin="*" in origins,
        allow_methods=methods,
        allow_headers=headers,
        any_header="*" in headers,
        any_method="*" in methods,
        expose_headers=exposed,
        max_age_seconds=max_age,
        preflight_status=status,
        dialect=Dialect.FETCH,
        origin_grammar=OriginGrammar.SAFE,
        upstream=Upstream(upstream),
        allow_credentials=flags["allow_credentials"],
        allow_private_network=flags["allow_private_network"],
        options_passthrough=flags["options_passthrough"],
        report_only=flags["report_only"],
    )


_FLAGS = ("allow_credentials", "allow_private_network", "options_passthrough", "report_only")


def _strings(arguments: Mapping[str, Any], name: str, findings: Findings) -> tuple[str, ...]:
    value = arguments[name]
    path = child("$", name)
    # A single string is a sequence of strings too, but of its letters: nobody means that.
    if isinstance(value, frozenset | set):
        value = sorted(value, key=str)
    if not is_list(value):
        findings.error("COR102", path, f"{name} must be a list of strings, not {json_name(value)}")
        return ()
    for index, item in enumerate(value):
        if not isinstance(item, str):
            findings.error("COR103", child(path, index), f"an item of {name} must be a string, not {json_name(item)}")
    return tuple(item for item in value if isinstance(item, str))


def _tokens(arguments: Mapping[str, Any], name: str, findings: Findings) -> tuple[str, ...]:
    strings = _strings(arguments, name, findings)
    for index, text in enumerate(strings):
        if _TOKEN.fullmatch(text) is None:
            findings.error("COR120", child(child("$", name), index), f"{text!r} is no name that HTTP has")
    return strings


def _check_origins(origins: tuple[str, ...], findings: Findings) -> None:
    for index, entry in enumerate(origins):
        if entry == "*":
            continue
        try:
            compile_safe_entry(entry)
        except EntryError as why:
            place = child("$.allow_origins", index)
            findings.error("COR114", place, f"{entry!r} cannot be allowed: {why}", hint=why.hint)


def _flag(arguments: Mapping[str, Any], name: str, findings: Findings) -> bool:
    value = arguments[name]
    if not isinstance(value, bool):
        findings.error("COR104", child("$", name), f"{name} must be True or False, not {json_name(value)}")
    return value is True


def _max_age(value: Any, findings: Findings) -> int | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 31:
        return int(value)
    findings.error("COR105", "$.max_age", "max_age must be a number of seconds, an int from 0 up, or None")
    return None
