"""The arguments of `CorsPolicy(...)`, checked: the dialect of people without a KrakenD file.

The only place of its defaults' meaning. Knows the safe grammar of origins; does not know KrakenD.
"""

import re
from collections.abc import Mapping, Set
from dataclasses import replace
from datetime import timedelta
from typing import Any

from crossgate.cors.block import Findings, is_list
from crossgate.cors.config import ConfigError, CorsConfig, Dialect, OriginGrammar, Upstream
from crossgate.cors.namespace import UPSTREAM_HINT
from crossgate.cors.rules.token import pieces_hint
from crossgate.cors.safe_origins import check_safe_origins
from crossgate.diagnostics.path import child

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FORBIDDEN_METHODS = frozenset(("CONNECT", "TRACE", "TRACK"))  # Fetch, "forbidden method": no script can send them


def config_of_arguments(arguments: Mapping[str, Any]) -> CorsConfig:
    """The config of `CorsPolicy`'s keyword arguments. Raises ConfigError with everything that is wrong with them.

    Paths are the arguments' names: `$.allow_origins[0]`.
    """
    findings = Findings()
    own = _grants(arguments, "$", findings)
    report_only = _flag(arguments, "report_only", "$", findings)
    upstream = arguments["upstream"]
    if not isinstance(upstream, str) or upstream not in tuple(Upstream):
        findings.error("COR117", "$.upstream", "upstream must be strip, pass or prefer", hint=UPSTREAM_HINT)
    rules = _rules(arguments, findings)
    if findings.has_errors:
        raise ConfigError(tuple(findings.diagnostics))
    return replace(own, upstream=Upstream(upstream), report_only=report_only, rules=rules)


def _grants(arguments: Mapping[str, Any], path: str, findings: Findings) -> CorsConfig:
    """What some origins may do; not to be used if there are findings."""
    origins = _strings(arguments, "allow_origins", path, findings)
    check_safe_origins(origins, path, findings)
    methods = _tokens(arguments, "allow_methods", path, findings)
    for index, method in enumerate(methods):
        if method.upper() in _FORBIDDEN_METHODS:
            place = child(child(path, "allow_methods"), index)
            message = f"browsers never let a page use the method {method}"
            findings.error("COR121", place, message, hint="remove it")
    headers = _tokens(arguments, "allow_headers", path, findings)
    exposed = _tokens(arguments, "expose_headers", path, findings)
    flags = {name: _flag(arguments, name, path, findings) for name in _FLAGS}
    if "*" in origins and flags["allow_credentials"]:
        findings.error(
            "COR115",
            child(path, "allow_credentials"),
            "credentials cannot be allowed to any origin: browsers refuse `*` for a request with credentials",
            hint="list the origins that need credentials",
        )
    max_age = _max_age(arguments["max_age"], path, findings)
    status = arguments["preflight_status"]
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 299:
        # Browsers take an ok status only (Fetch, "CORS-preflight fetch", step 7), and here no file has to be honoured.
        place = child(path, "preflight_status")
        message = "preflight_status must be an int from 200 to 299: browsers take other answers for a refusal"
        findings.error("COR107", place, message, hint="leave it out: 204 is right")
        status = 204
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
        allow_credentials=flags["allow_credentials"],
        allow_private_network=flags["allow_private_network"],
        options_passthrough=flags["options_passthrough"],
    )


def _rules(arguments: Mapping[str, Any], findings: Findings) -> tuple[CorsConfig, ...]:
    """The rules by origin, each with the policy's own arguments where it is silent."""
    rules = arguments["rules"]
    if not is_list(rules):
        findings.error(
            "COR112",
            "$.rules",
            f"rules must be a list of mappings, not {_kind(rules)}",
            hint=f"write [{_RULE_HINT}]",
        )
        return ()
    found = []
    for index, rule in enumerate(rules):
        path = child("$.rules", index)
        if not isinstance(rule, Mapping):
            findings.error("COR112", path, f"a rule must be a mapping, not {_kind(rule)}", hint=f"write {_RULE_HINT}")
            continue
        if "allow_origins" not in rule:
            message = "this rule has no allow_origins, so it applies to nobody"
            findings.error("COR113", path, message, hint="list the origins that it is for")
            continue
        for key in rule:
            if key not in _RULE_KEYS:
                hint = f"a rule has {', '.join(_RULE_KEYS[:-1])} and {_RULE_KEYS[-1]}"
                findings.error("COR108", path, f"a rule has no argument {key!r}", hint=hint)
        given = {key: rule.get(key, arguments[key]) for key in _RULE_KEYS}
        of_rule = Findings()
        found.append(_grants(given, path, of_rule))
        # What is inherited was looked at where it stands; only together with the rule's origins can it be wrong here.
        own_places = tuple(child(path, key) for key in rule if key in _RULE_KEYS)
        findings.diagnostics += [d for d in of_rule.diagnostics if d.path.startswith(own_places) or d.code == "COR115"]
    return tuple(found)


_RULE_HINT = '{"allow_origins": ["https://app.example.com"], …}'
_MAX_SHOWN = 100
_AGE_HINT = "write 600 or timedelta(minutes=10) for ten minutes, or None to leave it to the browser"
_FLAGS = ("allow_credentials", "allow_private_network", "options_passthrough")
_RULE_KEYS = (
    "allow_origins",
    "allow_methods",
    "allow_headers",
    "expose_headers",
    "max_age",
    "preflight_status",
    *_FLAGS,
)


def _strings(arguments: Mapping[str, Any], name: str, path: str, findings: Findings) -> tuple[str, ...]:
    value = arguments[name]
    path = child(path, name)
    # A single string is a sequence of strings too, but of its letters: nobody means that.
    if isinstance(value, Set):
        value = sorted(value, key=str)
    if not is_list(value):
        hint = f"write [{value!r}]" if isinstance(value, str) and len(value) < _MAX_SHOWN else "write a list of str"
        findings.error("COR102", path, f"{name} must be a list of strings, not {_kind(value)}", hint=hint)
        return ()
    for index, item in enumerate(value):
        if not isinstance(item, str):
            findings.error(
                "COR103",
                child(path, index),
                f"every item of {name} must be a string, not {_kind(item)}",
                hint="write a str, or remove it",
            )
    return tuple(item for item in value if isinstance(item, str))


def _tokens(arguments: Mapping[str, Any], name: str, path: str, findings: Findings) -> tuple[str, ...]:
    strings = _strings(arguments, name, path, findings)
    for index, text in enumerate(strings):
        if _TOKEN.fullmatch(text) is None:
            message = f"{text!r} cannot be a method or a header name: HTTP has no such names"
            findings.error("COR120", child(child(path, name), index), message, hint=pieces_hint(text))
    return strings


def _flag(arguments: Mapping[str, Any], name: str, path: str, findings: Findings) -> bool:
    value = arguments[name]
    if not isinstance(value, bool):
        findings.error(
            "COR104",
            child(path, name),
            f"{name} must be True or False, not {_kind(value)}",
            hint="write True or False",
        )
    return value is True


def _max_age(value: Any, path: str, findings: Findings) -> int | None:
    if value is None:
        return None
    seconds = value // timedelta(seconds=1) if isinstance(value, timedelta) else value
    if isinstance(seconds, int) and not isinstance(seconds, bool) and 0 <= seconds < 1 << 31:
        return int(seconds)
    findings.error(
        "COR105",
        child(path, "max_age"),
        "max_age must be a whole number of seconds from 0 up, or a timedelta",
        hint=_AGE_HINT,
    )
    return None


def _kind(value: Any) -> str:
    """What Python calls a value's type."""
    return "None" if value is None else type(value).__name__
