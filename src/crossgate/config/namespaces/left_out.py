"""What is said of namespaces that are left out: guards, whose endpoints are closed, and those that may be missing.

Knows the table and which words fit; whether a namespace is left out is decided in scope.py.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from crossgate.config.keys import is_comment
from crossgate.config.namespaces.astray import is_like_extra_config
from crossgate.config.namespaces.resemblance import resembled
from crossgate.config.namespaces.table import NamespaceSpec
from crossgate.config.report import Report

Scope = Literal["service", "endpoint", "backend"]

_IN_TELEMETRYS_PLACE = (
    'in its place, write "telemetry/opentelemetry": '
    '{"exporters": {"otlp": [{"name": "collector", "host": "otel-collector.example"}]}} at the service, '
    "and have the collector send on"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A namespace as the file has it. `name` is what KrakenD looks up; `preview` stands for version 4."""

    name: str
    written: str
    path: str
    value: Any
    scope: Scope
    version: Literal[2, 3]
    preview: bool = False

    def is_read(self, spec: NamespaceSpec) -> bool:
        """Whether KrakenD reads it as that namespace here."""
        return spec.is_read(self.name, self.scope, self.version, preview=self.preview)

    @property
    def file_version(self) -> int:
        """The version that the file gives."""
        return 4 if self.preview else self.version


def report_guard(space: Written, spec: NamespaceSpec | None, report: Report, *, allow_unsupported: bool) -> None:
    """A guard that is not run: an error, or a warning that what it guards is closed."""
    message, hint, krakend = _guard_texts(space, spec)
    if allow_unsupported:
        message = f"{message}: {closed_by(space.scope)} 501"
        report.warning("CFG401", space.path, message, hint=hint, krakend=krakend, on_key=True)
        return
    if not hint:
        hint = f"remove it, or start with --allow-unsupported: {closed_by(space.scope)} 501 then"
    report.error(
        "CFG401", space.path, f"{message}, and it is unsafe to leave out", hint=hint, krakend=krakend, on_key=True
    )


def report_astray(written: str, path: str, scope: Scope, report: Report, *, allow_unsupported: bool) -> None:
    """A guard, or an object with guards in it, in a place where nobody reads it."""
    message = f'nothing reads "{written}" here'
    hint = 'did you mean "extra_config"?' if is_like_extra_config(written) else 'guards belong in "extra_config"'
    krakend = "ignores it silently"
    if allow_unsupported:
        message = f"{message}: {closed_by(scope)} 501"
        report.warning("CFG401", path, message, hint=hint, krakend=krakend, on_key=True)
    else:
        message = f"{message}, and it is unsafe to leave out"
        report.error("CFG401", path, message, hint=hint, krakend=krakend, on_key=True)


def closed_by(scope: Scope) -> str:
    """What a guard closes that stands there."""
    return "every endpoint answers" if scope == "service" else "the endpoint answers"


def _guard_texts(space: Written, spec: NamespaceSpec | None) -> tuple[str, str, str]:
    """Message, hint and what KrakenD does."""
    written, scope = space.written, space.scope
    if spec is None:
        meant = resembled(space.name, scope)
        if meant is None:
            krakend = "ignores it silently, unless it is KrakenD Enterprise"
            return f'crossgate does not run "{written}"', "", krakend
        name = meant.name_in(space.version)
        hint = f'did you mean "{name}"?' if name else f'the nearest known name is "{meant.name}".'
        if scope not in meant.scopes:
            hint += f" It belongs to the extra_config of {places(meant)}."
        if meant.guard:
            hint += ' To switch it off, begin its name with "_".'
        return f'nothing reads "{written}"', hint, "ignores it silently"
    if spec.gone and space.preview:
        krakend = "3.0 has it in KrakenD Enterprise only; the community edition ignores it silently"
        return f'crossgate does not run "{written}"', "", krakend
    if spec.enterprise:
        krakend = "the community edition ignores it silently"
        return f'crossgate does not run "{written}"', "", krakend
    if space.is_read(spec):
        krakend = "runs it"
        if spec.name == "auth/validator" and scope == "service":
            krakend = 'reads nothing but "shared_cache_duration" here, and validates nothing'
        return f'crossgate does not run "{written}" yet', "", krakend
    if scope not in spec.scopes:
        hint = f"move it to the extra_config of {places(spec)}"
        return f'nothing reads "{written}" here', hint, "" if spec.is_own else "ignores it here silently"
    name = spec.name_in(space.version)
    hint = f'in a version {space.file_version} file its name is "{name}"' if name else ""
    return f'nothing reads "{written}" in a version {space.file_version} file', hint, "ignores it silently"


def places(spec: NamespaceSpec) -> str:
    """Where a namespace belongs."""
    words = {"service": "the service", "endpoint": "an endpoint", "backend": "a backend", "async_agent": "an agent"}
    return " or ".join([words[scope] for scope in spec.scopes])


def guards_nothing(spec: NamespaceSpec, space: Written) -> bool:
    """Whether what stands there guards nothing in KrakenD, so that leaving it out opens nothing."""
    if not isinstance(space.value, dict):
        return False
    keys = [key for key in space.value if not is_comment(key)]
    if spec.name == "auth/validator" and space.scope == "service":
        return keys == ["shared_cache_duration"]
    if not spec.name.startswith("plugin/"):
        return False
    named = space.value.get("name")
    near = get_close_matches("name", [key.lower() for key in keys if key != "name"], n=1, cutoff=0.7)
    return named in (None, []) and not near


def report_nothing(space: Written, spec: NamespaceSpec, report: Report) -> None:
    """A namespace of a guard that guards nothing."""
    if spec.name == "auth/validator":
        message = f'"{space.written}" guards nothing here: it sets up a cache of keys, which is left out'
        report.note("CFG402", space.path, message, krakend="keeps keys for all endpoints together", on_key=True)
        return
    message = f'"{space.written}" has no "name" and loads nothing'
    report.warning("CFG217", space.path, message, hint="remove it", krakend="skips it", on_key=True)


def report_plain(space: Written, spec: NamespaceSpec | None, report: Report) -> None:
    """A namespace that is not run and may be missing."""
    message = f'"{space.written}" is not run by crossgate and is left out'
    krakend = "ignores it here"
    if spec is not None and space.preview and spec.gone:
        message = f'"{space.written}" is gone from KrakenD 3.0 and is left out'
        krakend = "3.0 ignores it silently"
    elif spec is not None and space.is_read(spec):
        krakend = "runs it"
    hint = _IN_TELEMETRYS_PLACE if space.name.startswith("telemetry/") else ""
    report.warning("CFG402", space.path, message, hint=hint, krakend=krakend, on_key=True)
