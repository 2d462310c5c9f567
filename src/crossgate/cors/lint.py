"""Runs the lint rules over CORS objects as written, whether or not these are well typed.

Knows which objects a namespace has and what they inherit; the rules themselves are in `rules/`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from crossgate.cors.block import NO_SPELLING, Findings, is_list, report_wrapped
from crossgate.cors.config import CorsConfig
from crossgate.cors.keys import KEYS, KEYS_SINCE_2_7
from crossgate.cors.krakend import load_as_1_4
from crossgate.cors.rules import NameLookups, WrittenPolicy, check_policy
from crossgate.diagnostics import Diagnostic
from crossgate.diagnostics.path import child


def lint_krakend_block(obj: Any, config_version: Literal[2, 3], path: str, lookups: NameLookups) -> list[Diagnostic]:
    """What the rules say about KrakenD's block; nothing about what is no object."""
    if not isinstance(obj, Mapping) or report_wrapped(obj, path, Findings()):
        return []
    spelling: Mapping[str, str] = NO_SPELLING
    written_names = {key.lower() for key in obj if isinstance(key, str)}
    if config_version == 2:  # as its loader passes it on; an empty block is no block there
        obj, spelling = load_as_1_4(obj, path, Findings())
        if not obj:
            return []
        obj = {key: value for key, value in obj.items() if key not in KEYS_SINCE_2_7}
    written = WrittenPolicy(_written(obj), config_version, "krakend", path, lookups=lookups, spelling=spelling)
    # Of origins that the loader dropped, the decoder has said that every one is allowed.
    said = "allow_origins" in written_names - written.values.keys()
    return [found for found in check_policy(written) if not (said and found.code == "COR211")]


def lint_crossgate_object(
    obj: Mapping[Any, Any],
    config_version: Literal[2, 3],
    path: str,
    inherited: Mapping[str, Any],
    lookups: NameLookups,
) -> list[Diagnostic]:
    """What the rules say about a POLICY object and each of its `rules`."""
    below = _written(inherited)
    written = _written(obj)
    found: list[Diagnostic] = []
    if written:
        found += check_policy(WrittenPolicy(written, config_version, "crossgate", path, below, lookups))
    rules = obj.get("rules")
    for index, rule in enumerate(rules if is_list(rules) else ()):
        if isinstance(rule, Mapping):
            place = child(child(path, "rules"), index)
            policy = WrittenPolicy(_written(rule), config_version, "crossgate", place, {**below, **written}, lookups)
            found += check_policy(policy)
    return [replace(diagnostic, krakend="") for diagnostic in found]  # KrakenD never reads this namespace


def lint_arguments(
    config: CorsConfig, rules: Sequence[Mapping[str, Any]], lookups: NameLookups
) -> tuple[Diagnostic, ...]:
    """What the rules say about arguments of `CorsPolicy(...)` that became this config, and about each of `rules`."""
    own = _argument_values(config)
    found = list(check_policy(WrittenPolicy(own, dialect="python", lookups=lookups)))
    for index, (rule, given) in enumerate(zip(config.rules, rules, strict=True)):
        values = {key: value for key, value in _argument_values(rule).items() if key in given}
        place = child("$.rules", index)
        found += check_policy(WrittenPolicy(values, dialect="python", path=place, inherited=own, lookups=lookups))
    return tuple([replace(diagnostic, krakend="") for diagnostic in found])


def _argument_values(config: CorsConfig) -> dict[str, Any]:
    return {
        "allow_origins": config.allow_origins,
        "allow_methods": config.allow_methods,
        "allow_headers": config.allow_headers,
        "expose_headers": config.expose_headers,
        "max_age": config.max_age_seconds,
        "allow_credentials": config.allow_credentials,
        "allow_private_network": config.allow_private_network,
    }


def _written(obj: Mapping[Any, Any]) -> dict[str, Any]:
    return {key: value for key, value in obj.items() if key in KEYS}
