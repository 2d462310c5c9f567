"""KrakenD's CORS block of either version: the object under the namespace becomes values, the values a CorsConfig.

The only place of KrakenD's defaults. Sources: krakend-cors v1.4.0 and v3 with rs/cors 1.6.0 and 1.11.1; for version 2
also the loader of KrakenD 1.4 (viper), which lower-cases keys and drops nulls and empty objects.
"""

from collections.abc import Mapping
from typing import Any, Literal

from crossgate.cors.block import Findings, decode_values, json_name, report_wrapped
from crossgate.cors.config import CorsConfig, Dialect, OriginGrammar, Upstream
from crossgate.cors.keys import KEYS, KEYS_SINCE_2_7
from crossgate.diagnostics import Severity
from crossgate.diagnostics.path import child

_DEFAULT_METHODS = ("GET", "POST", "HEAD")
_DEFAULT_HEADERS_1_4 = ("Origin", "Accept", "Content-Type", "X-Requested-With")
_KEYS_1_4 = {name: type_ for name, type_ in KEYS.items() if name not in KEYS_SINCE_2_7}


def decode_krakend_values(
    obj: Any, config_version: Literal[2, 3], path: str, findings: Findings
) -> dict[str, Any] | None:
    """The block's well-typed values; None if KrakenD takes the block for absent, so that CORS is off."""
    if config_version == 2 and (obj is None or obj == {}):
        _report_nothing(obj, path, findings)  # the old loader drops nulls and empty objects
        return None
    if not isinstance(obj, Mapping):
        message = f"the CORS block must be an object, not {json_name(obj)}"
        hint = 'write {"allow_origins": ["https://app.example.com"]}'
        findings.error("COR101", path, message, hint=hint, krakend="leaves CORS off")
        return None
    if report_wrapped(obj, path, findings):
        return {}
    if config_version == 3:
        return decode_values(obj, path, findings)
    of_loader = Findings()
    loaded, spelling = load_as_1_4(obj, path, of_loader)
    if not loaded:
        _report_nothing(obj, path, findings)
        return None
    findings.diagnostics += of_loader.diagnostics
    known = {}
    for key, value in loaded.items():
        if key in KEYS_SINCE_2_7:
            message = f"{key} has no effect in a version 2 file: it came with KrakenD 2.7"
            krakend = "1.4 ignores it"
            place = child(path, spelling[key])
            findings.about_key("COR110", Severity.WARNING, place, message, "remove it, or write version 3", krakend)
        else:
            known[key] = value
    return decode_values(known, path, findings, known=_KEYS_1_4, spelling=spelling)


def assemble(
    values: Mapping[str, Any] | None,
    config_version: Literal[2, 3],
    *,
    enabled: bool = True,
    origin_grammar: OriginGrammar = OriginGrammar.KRAKEND,
    upstream: Upstream = Upstream.STRIP,
    report_only: bool = False,
    rules: tuple[CorsConfig, ...] = (),
) -> CorsConfig:
    """The config of valid values, with KrakenD's defaults for what is missing.

    In the safe grammar an empty or missing `allow_origins` allows none: KrakenD's default of any origin holds for
    KrakenD's own lists only.
    """
    values = {} if values is None else values
    old = config_version == 2
    origins = values.get("allow_origins", ())
    headers = values.get("allow_headers", ())
    return CorsConfig(
        allow_origins=origins,
        any_origin="*" in origins or (not origins and origin_grammar is OriginGrammar.KRAKEND),
        allow_methods=values.get("allow_methods") or _DEFAULT_METHODS,
        allow_headers=headers or (_DEFAULT_HEADERS_1_4 if old else ("*",)),
        any_header="*" in headers or not (headers or old),
        expose_headers=values.get("expose_headers", ()),
        max_age_seconds=_max_age_seconds(values.get("max_age"), old),
        allow_credentials=values.get("allow_credentials", False),
        allow_private_network=values.get("allow_private_network", False),
        options_passthrough=values.get("options_passthrough", False),
        preflight_status=values.get("options_success_status", 200 if old else 204),
        debug=values.get("debug", False),
        dialect=Dialect.KRAKEND_1_4 if old else Dialect.KRAKEND_2_13,
        origin_grammar=origin_grammar,
        upstream=upstream,
        report_only=report_only,
        rules=rules,
        enabled=enabled,
    )


def load_as_1_4(obj: Mapping[Any, Any], path: str, findings: Findings) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """What the old loader passes on, and how each key is spelt in the document.

    Of keys that differ in letter case only, one with capitals wins over the plain one.
    """
    loaded: dict[Any, Any] = {}
    spelling: dict[Any, Any] = {}
    for plain in (True, False):
        for key, value in obj.items():
            name = key.lower() if isinstance(key, str) else key
            if (name == key) is not plain:
                continue
            if value is None or (isinstance(value, Mapping) and not value):
                if name in KEYS:
                    _report_dropped(name, value, child(path, key), findings)
                continue
            if name in loaded:
                message = f"{key} and {name} are the same key in a version 2 file; this one counts"
                krakend = "takes any one of several that are not in lower case"
                findings.about_key("COR111", Severity.WARNING, child(path, key), message, "remove one of them", krakend)
            loaded[name] = value
            spelling[name] = key
    return loaded, spelling


def _report_dropped(name: str, value: Any, path: str, findings: Findings) -> None:
    """A key that the old loader drops: its default holds, which for the origins is every origin."""
    every = "every origin is allowed" if name == "allow_origins" else "the default holds"
    shown = "null" if value is None else "{}"
    findings.warn(
        "COR123",
        path,
        f"{name} is {shown}, which counts as if it were not there: {every}",
        hint="write a value, or remove the key",
        krakend="1.4 drops it while it loads the file",
    )


def _report_nothing(obj: Any, path: str, findings: Findings) -> None:
    shown = "the CORS block is null" if obj is None else "every key is null" if obj else "the CORS block is empty"
    findings.warn(
        "COR123",
        path,
        f"CORS is off: {shown}",
        hint="list the origins that may call in allow_origins, or remove the block",
        krakend="1.4 takes the block for absent",
    )


def _max_age_seconds(nanoseconds: int | None, old: bool) -> int | None:
    """The number to send: whole seconds, cut towards zero; `0` stands for a negative one, since 2.x."""
    if nanoseconds is None:
        return None
    seconds = abs(nanoseconds) // 1_000_000_000
    if seconds == 0 or (nanoseconds < 0 and old):
        return None
    return seconds if nanoseconds > 0 else 0
