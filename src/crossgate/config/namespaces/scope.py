"""The `extra_config` of one object, sorted: which namespaces count there, and a word on all others.

Knows names, scopes and versions; does not look into any namespace.
"""

from collections.abc import Mapping
from typing import Any, Literal

from crossgate.config.document import Namespace
from crossgate.config.keys import is_comment
from crossgate.config.namespaces.astray import holds_guards, tls_meant
from crossgate.config.namespaces.left_out import (
    Scope,
    Written,
    guards_nothing,
    places,
    report_astray,
    report_guard,
    report_nothing,
    report_plain,
)
from crossgate.config.namespaces.resemblance import is_guard, resembled
from crossgate.config.namespaces.table import ENTERPRISE, PLAIN_FAMILIES, NamespaceSpec
from crossgate.config.report import Report
from crossgate.diagnostics.path import child

_CORS = ("security/cors", "crossgate/cors")


class ExtraConfig:
    """What `sort_namespaces` found: `counting` by KrakenD 2's names, `unsupported` the guards left out, as written."""

    def __init__(self) -> None:
        self.counting: dict[str, Namespace] = {}
        self.unsupported: tuple[str, ...] = ()


def sort_namespaces(
    extra: Mapping[str, Any],
    path: str,
    scope: Scope,
    version: Literal[2, 3],
    report: Report,
    *,
    names: Mapping[str, NamespaceSpec],
    allow_unsupported: bool,
    preview: bool = False,
) -> ExtraConfig:
    """Sort the namespaces of one `extra_config`.

    `path` is its own path, `names` all namespaces by any of their names; `preview` stands for version 4.
    """
    found = ExtraConfig()
    unsupported: list[str] = []
    for written, value in extra.items():
        if is_comment(written):
            continue
        # KrakenD 1.4 lower-cases the service's keys, and only those.
        name = written.lower() if version == 2 and scope == "service" else written
        space = Written(name, written, child(path, written), value, scope, version, preview)
        spec = names.get(name)
        if is_guard(name, spec):
            if not _guard_counts(space, spec, found, report):
                unsupported.append(written)
                report_guard(space, spec, report, allow_unsupported=allow_unsupported)
        elif spec is None and holds_guards(written, value, names):
            unsupported.append(written)
            report_astray(written, space.path, scope, report, allow_unsupported=allow_unsupported)
        elif spec is None and scope == "service" and tls_meant(written, value):
            _report_tls(space, report)
        elif value is not None:
            _sort_plain(space, spec, found, report)
        elif spec is not None and spec.name in _CORS:
            _report_null_cors(space, report)
    found.unsupported = tuple(unsupported)
    return found


def _report_tls(space: Written, report: Report) -> None:
    """TLS settings that nobody reads here. What was to have TLS is not served without, whatever is allowed."""
    meant = tls_meant(space.written, space.value)
    message = f'nothing reads "{space.written}" in extra_config, and it is unsafe to leave out'
    hint = f'"{meant}" is a key of the root'
    report.error("CFG403", space.path, message, hint=hint, krakend="ignores it silently", on_key=True)


def _guard_counts(space: Written, spec: NamespaceSpec | None, found: ExtraConfig, report: Report) -> bool:
    """Whether a guard is run, or guards nothing as it stands.

    DEVIATION(DEV-CONF-5): one under a name, in a version or in a place where KrakenD does not read it is a guard, too.
    """
    if spec is None or not space.is_read(spec):
        return False
    if spec.run:
        _keep(Namespace(spec.name, space.written, space.path, space.value), found, report)
        return True
    if guards_nothing(spec, space):
        report_nothing(space, spec, report)
        return True
    return False


def _sort_plain(space: Written, spec: NamespaceSpec | None, found: ExtraConfig, report: Report) -> None:
    """A namespace that is no guard."""
    is_known_family = spec is None and space.name.startswith(PLAIN_FAMILIES)
    if is_known_family or (spec is not None and not spec.run):
        report_plain(space, spec, report)
    elif spec is None:
        _report_unknown(space, report)
    elif _counts(space, spec, report):
        _keep(Namespace(spec.name, space.written, space.path, space.value), found, report)


def _report_null_cors(space: Written, report: Report) -> None:
    """A CORS block with nothing in it, as YAML has it where everything below a key is commented out."""
    message = f'"{space.written}" is null, so it sets up no CORS'
    hint = "list the origins that may call in allow_origins, or remove the key"
    report.warning("COR123", space.path, message, hint=hint, krakend="takes it for absent")


def _report_unknown(space: Written, report: Report) -> None:
    if space.written.startswith(ENTERPRISE):
        message = f'"{space.written}" belongs to KrakenD Enterprise and is ignored'
        report.warning("CFG207", space.path, message, krakend="the community edition ignores it silently", on_key=True)
        return
    meant = resembled(space.name, space.scope)
    name = (meant.name_in(space.version) or meant.name) if meant is not None else ""
    report.warning(
        "CFG207",
        space.path,
        f'unknown namespace "{space.written}" is ignored',
        hint=f'did you mean "{name}"?' if name else "",
        krakend="ignores it silently",
        on_key=True,
    )


def _counts(space: Written, spec: NamespaceSpec, report: Report) -> bool:
    """Whether this version reads the namespace under that name in that scope."""
    if space.scope in spec.scopes and space.is_read(spec):
        return True
    name = spec.name_in(space.version)
    if name != space.name and (space.version == 2 or space.preview):
        hint = f'in a version {space.file_version} file its name is "{name}"' if name else "it came after KrakenD 1.4"
        report.warning(
            "CFG208",
            space.path,
            f'"{space.written}" is ignored in a version {space.file_version} file',
            hint=hint,
            krakend=f"{'1.4' if space.version == 2 else '3.0'} ignores it silently",
            on_key=True,
        )
        return False
    report.warning(
        "CFG209",
        space.path,
        f'"{space.written}" is ignored here: it belongs to the extra_config of {places(spec)}',
        hint="move it there" if space.scope != "service" else "",
        krakend="" if spec.is_own else "ignores it here silently",
        on_key=True,
    )
    return False


def _keep(namespace: Namespace, found: ExtraConfig, report: Report) -> None:
    """Of the new and the old name the new one wins, as KrakenD 2 renames it over the old one."""
    rival = found.counting.get(namespace.name)
    winner = namespace
    if rival is not None:
        winner, loser = (rival, namespace) if rival.written == rival.name else (namespace, rival)
        report.warning(
            "CFG210",
            loser.path,
            f'ignored, since "{winner.written}" stands beside it',
            hint="remove one of the two",
            krakend=f'takes "{winner.written}"',
            on_key=True,
        )
    found.counting[namespace.name] = winner
