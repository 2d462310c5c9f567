"""The `extra_config` of one object, sorted: which namespaces count there, and a word on all others.

Knows names, scopes and versions; does not look into any namespace.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Literal

from crossgate.config.document import Namespace
from crossgate.config.keys import is_comment
from crossgate.config.namespaces.table import (
    ENTERPRISE,
    SAFE_FAMILIES,
    UNSAFE_FAMILIES,
    Fate,
    NamespaceSpec,
)
from crossgate.config.report import Report
from crossgate.diagnostics.path import child

Scope = Literal["service", "endpoint", "backend"]


class ExtraConfig:
    """What `sort_namespaces` found: `counting` by KrakenD 2's names, `unsupported` the unsafe ones, as written."""

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
) -> ExtraConfig:
    """Sort the namespaces of one `extra_config`. `path` is its path, `names` all namespaces by any of their names."""
    found = ExtraConfig()
    unsupported: list[str] = []
    for written, value in extra.items():
        if is_comment(written) or value is None:
            continue
        # KrakenD 1.4 lower-cases the service's keys, and only those.
        name = written.lower() if version == 2 and scope == "service" else written
        at = child(path, written)
        spec = names.get(name)
        if _fate(spec, name) is Fate.UNSAFE:
            unsupported.append(written)
            known = [] if spec is not None else [known.name for known in names.values()]
            _report_unsafe(written, at, scope, report, allow_unsupported=allow_unsupported, known=known)
        elif _fate(spec, name) is Fate.SAFE:
            report.warning(
                "CFG402",
                at,
                f'"{written}" is not run by crossgate and is left out',
                krakend="runs it" if spec is not None and scope in spec.scopes else "ignores it here",
                on_key=True,
            )
        elif spec is None:
            _report_unknown(written, at, scope, version, report, names)
        elif _counts(spec, name, written, at, scope, version, report):
            _keep(Namespace(spec.name, written, at, value), found, report)
    found.unsupported = tuple(unsupported)
    return found


def _fate(spec: NamespaceSpec | None, name: str) -> Fate:
    if spec is not None:
        return spec.fate
    if name.startswith(UNSAFE_FAMILIES):
        return Fate.UNSAFE
    return Fate.SAFE if name.startswith(SAFE_FAMILIES) else Fate.RUN


def _report_unsafe(
    written: str, at: str, scope: Scope, report: Report, *, allow_unsupported: bool, known: list[str]
) -> None:
    """`known` are the names it may have been meant to be, empty where it is one of them."""
    close = get_close_matches(written, known, n=1, cutoff=0.8)
    hint = f'did you mean "{close[0]}"?' if close else ""
    krakend = "ignores it in silence, where it is not Enterprise" if known else "runs it"
    if not allow_unsupported:
        hint = hint or "remove it, or start with --allow-unsupported, which closes what depends on it"
        message = f'crossgate does not run "{written}" yet, and it is unsafe to leave out'
        report.error("CFG401", at, message, hint=hint, krakend=krakend, on_key=True)
        return
    if scope == "service":
        message = f'crossgate does not run "{written}" yet: it is skipped'
    else:
        message = f'crossgate does not run "{written}" yet: the endpoint answers 501'
    report.warning("CFG401", at, message, hint=hint, krakend=krakend, on_key=True)


def _report_unknown(
    written: str,
    at: str,
    scope: Scope,
    version: Literal[2, 3],
    report: Report,
    known: Mapping[str, NamespaceSpec],
) -> None:
    if written.startswith(ENTERPRISE):
        message = f'"{written}" belongs to KrakenD Enterprise and is ignored'
        report.warning("CFG207", at, message, krakend="the community edition ignores it in silence", on_key=True)
        return
    meant = _resembled(written, scope, version, known)
    report.warning(
        "CFG207",
        at,
        f'unknown namespace "{written}" is ignored',
        hint=f'did you mean "{meant}"?' if meant else "",
        krakend="ignores it in silence",
        on_key=True,
    )


def _resembled(written: str, scope: Scope, version: Literal[2, 3], known: Mapping[str, NamespaceSpec]) -> str:
    """The name, in this version, of the namespace that an unknown one was probably meant to be; empty if none.

    Either version's names count, and their last part alone (`cors`); namespaces of this scope come first.
    """
    text = written.lower()
    for here in (True, False):
        names = {name: spec for name, spec in known.items() if (scope in spec.scopes) is here}
        parts = {name.rpartition("/")[2]: spec for name, spec in reversed(names.items())}  # the first has it
        close = get_close_matches(text, list(names), n=1, cutoff=0.7)
        spec = names[close[0]] if close else parts.get(text)
        if spec is not None:
            return spec.old[0] if version == 2 and spec.old else spec.name
    return ""


def _counts(
    spec: NamespaceSpec, name: str, written: str, at: str, scope: Scope, version: Literal[2, 3], report: Report
) -> bool:
    """Whether this version reads the namespace under that name in that scope."""
    own = spec.name.startswith("crossgate/")
    if version == 2 and not own and name not in spec.old:
        hint = f'in a version 2 file its name is "{spec.old[0]}"' if spec.old else "it came after KrakenD 1.4"
        report.warning(
            "CFG208",
            at,
            f'"{written}" is ignored in a version 2 file',
            hint=hint,
            krakend="1.4 ignores it in silence",
            on_key=True,
        )
        return False
    if scope not in spec.scopes:
        places = " and ".join(
            [
                f"the {place}" if place == "service" else f"an {place}" if place[0] in "aeiou" else f"a {place}"
                for place in spec.scopes
            ]
        )
        report.warning(
            "CFG209",
            at,
            f'"{written}" is ignored here: it belongs to the extra_config of {places}',
            hint="move it there" if scope != "service" else "",
            krakend="" if own else "ignores it here in silence",
            on_key=True,
        )
        return False
    return True


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
