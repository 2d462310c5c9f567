"""Which folders a flexible configuration uses: the environment variables FC_…, or the file that FC_CONFIG names.

Source: krakend-flexibleconfig 2.3.1; for FC_CONFIG the documentation of KrakenD Enterprise.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

JSON_ONLY = (".json",)
READ_SUFFIXES = (".json", ".yaml", ".yml", ".toml")
_MAX_BYTES = 1024 * 1024
_KNOWN = ("settings", "partials", "templates", "out", "debug", "$schema")


@dataclass(frozen=True, slots=True)
class FlexibleOptions:
    """Empty tuples and an empty `out` mean that there is none. Relative paths are relative to the working folder.

    `problems` are what is wrong with the options themselves: the file's name and what to say. `failed`: the options
    could not be read at all.
    """

    settings: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = JSON_ONLY
    partials: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    out: str = ""
    file: str = ""
    problems: tuple[tuple[str, str], ...] = ()
    failed: bool = False

    def with_settings(self, folder: str) -> "FlexibleOptions":
        """The same with another folder of settings."""
        return replace(self, settings=(folder,))


def flexible_options(environ: Mapping[str, str]) -> FlexibleOptions | None:
    """The options, or None where flexible configuration is off. FC_ENABLE may be any text: `0` switches it on too."""
    return any_flexible_options(environ) if environ.get("FC_ENABLE") else None


def any_flexible_options(environ: Mapping[str, str]) -> FlexibleOptions:
    """The options, whether it is on or not."""
    if environ.get("FC_CONFIG"):
        return _from_file(environ["FC_CONFIG"])

    def folders(name: str) -> tuple[str, ...]:
        return (environ[name],) if environ.get(name) else ()

    return FlexibleOptions(
        folders("FC_SETTINGS"),
        JSON_ONLY,
        folders("FC_PARTIALS"),
        folders("FC_TEMPLATES"),
        environ.get("FC_OUT", ""),
    )


def _from_file(path: str) -> FlexibleOptions:
    try:
        with Path(path).open("rb") as file:
            written = json.loads(file.read(_MAX_BYTES))
    except OSError as error:
        return FlexibleOptions(file=path, problems=((path, f"the file cannot be read: {error.strerror}"),), failed=True)
    except (ValueError, RecursionError) as error:
        return FlexibleOptions(file=path, problems=((path, f"this is no JSON: {error}"),), failed=True)
    if not isinstance(written, dict):
        return FlexibleOptions(
            file=path, problems=((path, "the options of flexible configuration are an object"),), failed=True
        )
    problems = [(path, f"crossgate does not know the option {key!r}") for key in written if key not in _KNOWN]
    suffixes = _texts(_section(written, "settings").get("allowed_suffixes", list(READ_SUFFIXES)))
    unread = [suffix for suffix in suffixes if suffix not in READ_SUFFIXES]
    problems += [(path, f"crossgate does not read settings that end in {suffix}") for suffix in unread]
    out = written.get("out", "")
    return FlexibleOptions(
        _texts(_section(written, "settings").get("paths", [])),
        tuple(suffix for suffix in suffixes if suffix in READ_SUFFIXES),
        _texts(_section(written, "partials").get("paths", [])),
        _texts(_section(written, "templates").get("paths", [])),
        out if isinstance(out, str) else "",
        path,
        tuple(problems),
    )


def _section(written: dict[str, Any], name: str) -> dict[str, Any]:
    section = written.get(name, {})
    return section if isinstance(section, dict) else {}


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
