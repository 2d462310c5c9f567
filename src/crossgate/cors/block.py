"""The keys of one CORS object, checked: what is well typed is kept, all else is a diagnostic.

Knows types and spelling; fills in no defaults and does not know what another object says.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeGuard

from crossgate.cors.keys import KEYS, Type, is_comment, resembled_key
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.path import child
from crossgate.golang.duration import DurationError, parse_duration

FAILS_OPEN = "ignores it; without a valid allow_origins it allows any origin"
_IGNORES = "ignores it"
_SEPARATORS = re.compile(r"[\s,;]+")
_FILE_KEYS = frozenset(
    ("endpoints", "extra_config", "security/cors", "github_com/devopsfaith/krakend-cors", "crossgate/cors")
)
"""Keys of what stands around a CORS block, never in one."""
_MAX_SHOWN = 100
NO_SPELLING: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True)
class Findings:
    """Diagnostics being collected."""

    diagnostics: list[Diagnostic] = field(default_factory=list)

    def error(self, code: str, path: str, message: str, *, hint: str = "", krakend: str = "") -> None:
        """Adds an error about a value."""
        self.diagnostics.append(Diagnostic(code, Severity.ERROR, path, message, hint, krakend))

    def warn(self, code: str, path: str, message: str, *, hint: str = "", krakend: str = "") -> None:
        """Adds a warning about a value."""
        self.diagnostics.append(Diagnostic(code, Severity.WARNING, path, message, hint, krakend))

    def about_key(self, code: str, severity: Severity, path: str, message: str, hint: str, krakend: str) -> None:
        """Adds a problem of a key's name."""
        self.diagnostics.append(Diagnostic(code, severity, path, message, hint, krakend, on_key=True))

    def without_krakend(self, start: int) -> None:
        """Takes back what the findings from that one on say of KrakenD: it never reads crossgate's own namespace."""
        self.diagnostics[start:] = [replace(found, krakend="") for found in self.diagnostics[start:]]

    @property
    def has_errors(self) -> bool:
        """Whether anything prevents the start."""
        return any(diagnostic.severity is Severity.ERROR for diagnostic in self.diagnostics)


def decode_values(
    obj: Mapping[Any, Any],
    path: str,
    findings: Findings,
    *,
    known: Mapping[str, Type] = KEYS,
    elsewhere: tuple[str, ...] = (),
    spelling: Mapping[str, str] = NO_SPELLING,
) -> dict[str, Any]:
    """The well-typed values under the known keys: tuples of strings, booleans, nanoseconds, a status.

    `elsewhere` are further names that are allowed here and decoded by others; `spelling` has the document's spelling of
    keys that a loader changed, for the paths. Unknown keys are errors if they resemble
    a known one, else warnings.
    """
    values: dict[str, Any] = {}
    for key, value in obj.items():
        if not isinstance(key, str):
            findings.error("COR109", path, f"the key {key!r} is not a string")
            continue
        place = child(path, spelling.get(key, key))
        if key in known:
            decoded = _DECODERS[known[key]](value, key, place, findings)
            if decoded is not None:
                values[key] = decoded
        elif key not in elsewhere and not is_comment(key):
            _report_unknown(key, place, (*known, *elsewhere), findings)
    return values


def report_wrapped(obj: Mapping[Any, Any], path: str, findings: Findings) -> bool:
    """Whether this is what stands around a CORS block, a whole file say, instead of the block. It is then an error."""
    if not _FILE_KEYS & obj.keys() or KEYS.keys() & obj.keys():
        return False
    findings.error(
        "COR122",
        path,
        "a CORS block belongs here, and this is "
        + ("a whole configuration file" if "endpoints" in obj else "the object around one"),
        hint='write what stands under "security/cors" in it: allow_origins, allow_methods and so on',
        krakend=FAILS_OPEN,
    )
    return True


def is_list(value: Any) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """Whether a value is a JSON array, or Python's equal of one."""
    return isinstance(value, list | tuple)


def json_name(value: Any) -> str:
    """What JSON calls a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    for kind, name in ((str, "a string"), (Mapping, "an object"), (int, "a number"), (float, "a number")):
        if isinstance(value, kind):
            return name
    return "a list" if is_list(value) else f"a {type(value).__name__}"


def _report_unknown(key: str, path: str, known: tuple[str, ...], findings: Findings) -> None:
    meant = resembled_key(key, known)
    if meant is None:
        hint = "remove it; a key that begins with @ is a comment"
        findings.about_key("COR109", Severity.WARNING, path, f"there is no CORS setting {key}", hint, _IGNORES)
        return
    krakend = FAILS_OPEN if meant == "allow_origins" else f"{_IGNORES} and keeps the default of {meant}"
    message = f"there is no CORS setting {key}; this looks like a misspelling of {meant}"
    findings.about_key("COR108", Severity.ERROR, path, message, f"write {meant}", krakend)


def _decode_strings(value: Any, key: str, path: str, findings: Findings) -> tuple[str, ...] | None:
    krakend = FAILS_OPEN if key == "allow_origins" else f"{_IGNORES} and keeps the default of {key}"
    if not is_list(value):
        message = f"{key} must be a list of strings, not {json_name(value)}"
        findings.error("COR102", path, message, hint=_list_hint(value), krakend=krakend)
        return None
    strings: list[str] = []
    for index, item in enumerate(value):
        if isinstance(item, str):
            strings.append(item)
        else:
            findings.error(
                "COR103",
                child(path, index),
                f"every item of {key} must be a string, and this is {json_name(item)}",
                hint="write a string, or remove it",
                krakend="drops the item; if none is left, the list counts as missing",
            )
    return tuple(strings) if len(strings) == len(value) else None


def _list_hint(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _MAX_SHOWN:
        return 'write a list: ["…", "…"]'
    return f"write {json.dumps([piece for piece in _SEPARATORS.split(value) if piece], ensure_ascii=False)}"


def _decode_boolean(value: Any, key: str, path: str, findings: Findings) -> bool | None:
    if isinstance(value, bool):
        return value
    message = f"{key} must be true or false, not {json_name(value)}"
    hint = f"write {value.lower()} without quotes" if _is_quoted_boolean(value) else "write true or false"
    findings.error("COR104", path, message, hint=hint, krakend="reads it as false")
    return None


def _is_quoted_boolean(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and value.lower() in ("true", "false")


def _decode_duration(value: Any, key: str, path: str, findings: Findings) -> int | None:
    if not isinstance(value, str):
        whole = _is_short_number(value) and value == int(value)
        hint = f'write "{int(value)}s"' if whole else 'write a number and a unit, such as "12h"'
        message = f'{key} must be a string with a duration, such as "10m", and this is {json_name(value)}'
        findings.error("COR105", path, message, hint=hint, krakend="panics at start")
        return None
    try:
        return parse_duration(value)
    except DurationError as problem:
        bare = value.isascii() and value.isdigit() and len(value) < 10
        why = f'"{value}" has no unit' if bare else f"this is not a duration ({problem})"
        findings.warn(
            "COR106",
            path,
            f"{key} has no effect: {why}. Browsers repeat preflights after their default of 5 s",
            hint=f'write "{value}s" for seconds' if bare else 'write a number and a unit, such as "10m" or "12h"',
            krakend=f"{_IGNORES} and sends no Access-Control-Max-Age",
        )
        return None


def _decode_status(value: Any, key: str, path: str, findings: Findings) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and 200 <= value <= 599:
        return int(value)
    shown = value if _is_short_number(value) else json_name(value)
    findings.error(
        "COR107",
        path,
        f"{key} must be an HTTP status from 200 to 599, and this is {shown}",
        hint="write 204",
        krakend="cuts off a fraction, ignores what is not a number, and panics at every preflight "
        "with a status below 100 or above 999",
    )
    return None


def _is_short_number(value: Any) -> bool:
    """Whether a number can be shown. Python refuses to write out integers of thousands of digits."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**15


_DECODERS: Mapping[Type, Callable[[Any, str, str, Findings], Any]] = {
    Type.STRINGS: _decode_strings,
    Type.BOOLEAN: _decode_boolean,
    Type.DURATION: _decode_duration,
    Type.STATUS: _decode_status,
}
