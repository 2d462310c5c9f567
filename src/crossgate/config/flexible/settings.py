"""Settings files to template values: each file under its name, every text and number with the place it stands at.

Source: krakend-flexibleconfig 2.3.1 `template.go`. JSON is read exactly as Go reads it; YAML and TOML as KrakenD
Enterprise documents them, where FC_CONFIG allows them.
"""

import os
from dataclasses import dataclass, field
from typing import Any

from crossgate.config.flexible.options import FlexibleOptions
from crossgate.config.read_file import read_bytes
from crossgate.config.source import Format, Parsed, parse
from crossgate.diagnostics import Span
from crossgate.diagnostics.path import child
from crossgate.golang.json_parser import JsonError, parse_document
from crossgate.golang.number import Number
from crossgate.gotemplate.marshal import floats
from crossgate.gotemplate.values import Int64, NilMap, SettingNumber, SettingText


@dataclass(slots=True)
class SettingsProblem:
    """What is wrong with settings: Go's message, the file or folder, and where in it, if that is known."""

    message: str
    file: str
    span: Span | None = None


@dataclass(slots=True)
class Settings:
    """The values by the files' names without suffix; the texts of all files by path, in the order they were read."""

    values: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    problems: list[SettingsProblem] = field(default_factory=list)
    _parsed: dict[str, Parsed] = field(default_factory=dict)

    def locate(self, place: tuple[str, str]) -> Span:
        """Where a value of a settings file stands. The first call for a file is linear in it."""
        file, path = place
        if file not in self._parsed:
            self._parsed[file] = parse(self.texts.get(file, "").encode("utf-8", "replace"), name=file)
        return self._parsed[file].places.locate(path)


def read_settings(options: FlexibleOptions) -> Settings:
    """Read every settings file. Of two with one name the later folder's counts. Problems are collected."""
    settings = Settings()
    for folder in options.settings:
        for name in folder_names(folder, settings.problems):
            suffix = next((suffix for suffix in options.suffixes if name.endswith(suffix)), None)
            if suffix is not None:
                _read(settings, name, os.path.join(folder, name), name.removesuffix(suffix))  # noqa: PTH118 - as Go
    return settings


def folder_names(folder: str, problems: list[SettingsProblem]) -> list[str]:
    """The names in a folder, sorted; a problem where it cannot be listed."""
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - the names alone, in the order of their bytes
    except OSError as error:
        problems.append(SettingsProblem(f"{folder}: open {folder}: {go_reason(error)}", folder))
        return []


def go_reason(error: OSError) -> str:
    """The system's reason as Go writes it: in small letters."""
    return (error.strerror or str(error)).lower()


def _read(settings: Settings, name: str, path: str, key: str) -> None:
    try:
        data = read_bytes(path)
    except OSError as error:
        verb = "read" if isinstance(error, IsADirectoryError) else "open"
        settings.problems.append(SettingsProblem(f"{name}: {verb} {path}: {go_reason(error)}", path))
        return
    settings.texts[path] = data.decode("utf-8", "replace")
    reader = _read_json if Format.of(name) is Format.JSON else _read_other
    value = reader(settings, name, path, data)
    if value is None:
        settings.values[key] = NilMap()
    elif isinstance(value, dict):
        settings.values[key] = _placed(value, path, "$")


def _read_json(settings: Settings, name: str, path: str, data: bytes) -> Any:
    """The value; an empty text where there is a problem."""
    try:
        value = floats(parse_document(data))
    except (JsonError, RecursionError) as error:
        reason = str(error) if isinstance(error, JsonError) else "exceeded max depth"
        findings = parse(data, name=path, format=Format.JSON).findings
        span = findings[0].span if findings else None
        settings.problems.append(SettingsProblem(f"{name}: {reason}", path, span))
        return ""
    if value is not None and not isinstance(value, dict):
        kind = {str: "string", bool: "bool", float: "number", list: "array"}[type(value)]
        reason = f"json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
        settings.problems.append(SettingsProblem(f"{name}: {reason}", path))
        return ""
    return value


def _read_other(settings: Settings, name: str, path: str, data: bytes) -> Any:
    parsed = parse(data, name=path)
    if parsed.tree is None:
        found = parsed.findings[0]
        settings.problems.append(SettingsProblem(f"{name}: {found.message}", path, found.span))
        return ""
    is_toml = Format.of(name) is Format.TOML
    return _go_value(parsed.tree, is_toml=is_toml)


def _go_value(value: Any, *, is_toml: bool) -> Any:
    """A YAML or TOML value as Go's readers give it: whole numbers are int, in TOML int64."""
    if isinstance(value, dict):
        return {str(key): _go_value(below, is_toml=is_toml) for key, below in value.items()}
    if isinstance(value, list):
        return [_go_value(below, is_toml=is_toml) for below in value]
    if isinstance(value, bool | str | float) or value is None:
        return value
    if isinstance(value, int):
        return Int64(value) if is_toml else value
    return float(bytes(value)) if isinstance(value, Number) else str(value)


def _placed(value: Any, file: str, path: str) -> Any:
    """A copy in which texts and numbers know where they stand."""
    if isinstance(value, dict):
        return {key: _placed(below, file, child(path, key)) for key, below in value.items()}
    if isinstance(value, list):
        return [_placed(below, file, child(path, index)) for index, below in enumerate(value)]
    if type(value) is str:
        text = SettingText(value)
        text.place = (file, path)
        return text
    if type(value) is float:
        number = SettingNumber(value)
        number.place = (file, path)
        return number
    return value
