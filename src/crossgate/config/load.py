"""A file or a text to a service, with everything that is wrong with it, each problem at its line.

The one place that reads the file. Knows the order of the steps; every step is somebody else's.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from crossgate.config.component import ConfigComponent
from crossgate.config.convert import ConversionError, to_integer
from crossgate.config.decode.service import decode_service
from crossgate.config.document import Document
from crossgate.config.echoes import without_echoes
from crossgate.config.environment import lay_over
from crossgate.config.model import ServiceConfig
from crossgate.config.placeholders import explain_placeholders
from crossgate.config.report import Report
from crossgate.config.rules import GATEWAY_RULES
from crossgate.config.source import Format, Parsed, parse
from crossgate.diagnostics import Diagnostic, Severity, Span
from crossgate.diagnostics.path import child

MAX_FILE_BYTES = 64 * 1024 * 1024
STANDARD_INPUT = "/dev/stdin"
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a text became. `config` is None where `diagnostics` has errors.

    `diagnostics` are sorted by position and have their spans. `text` is what the spans point into, empty where nothing
    could be read. `document` is there where the text is an object, also beside errors.
    """

    name: str
    config: ServiceConfig | None
    diagnostics: tuple[Diagnostic, ...]
    text: str
    document: Document | None = None
    _parsed: Parsed | None = None

    def locate(self, path: str, *, on_key: bool = False) -> Span:
        """Where a path stands in the text: its nearest part that is there. The first call is linear in the text."""
        parsed = self._parsed or Parsed(self.name, self.text)
        return parsed.places.locate(path, on_key=on_key)


def load_file(
    path: str,
    *,
    environ: Mapping[str, str],
    allow_unsupported: bool = False,
    strict: bool = False,
    serving: bool = True,
    components: Sequence[ConfigComponent] = (),
) -> Loaded:
    """Load a file, or STANDARD_INPUT. Never raises for what is on disk or in it: all is in the diagnostics.

    What `components` run is run; without them their namespaces are refused. `serving`: see load_text.
    """
    try:
        data = _read(path)
        if len(data) > MAX_FILE_BYTES:
            return _unreadable(path, f"the file is larger than {MAX_FILE_BYTES} bytes")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return _unreadable(path, f"the file cannot be read: {reason}")
    return load_text(
        data,
        name=path,
        environ=environ,
        allow_unsupported=allow_unsupported,
        strict=strict,
        serving=serving,
        components=components,
    )


def _read(path: str) -> bytes:
    """What is there, or one byte more than is taken. Raises OSError, ValueError for what no path can be."""
    if path == STANDARD_INPUT:
        # Not opened by its name: that fails where it is a socket, as a parent may have made it.
        if sys.stdin is None:
            raise ValueError("standard input is closed")
        return sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    with Path(path).open("rb") as file:
        return file.read(MAX_FILE_BYTES + 1)


def load_text(
    text: bytes,
    *,
    name: str = "krakend.json",
    format: Format | None = None,  # noqa: A002 - it is called so everywhere
    environ: Mapping[str, str] | None = None,
    allow_unsupported: bool = False,
    strict: bool = False,
    serving: bool = True,
    components: Sequence[ConfigComponent] = (),
) -> Loaded:
    """Load a text. `name` is what diagnostics call it; its suffix decides the format unless one is given.

    `strict` makes every warning an error. If the unsupported is allowed and nothing is served (`serving`), TLS that is
    not run is only a warning, too. Cost is about linear in the text.
    """
    environ = environ or {}
    parsed = parse(text, name=name, format=format)
    report = Report()
    _check_flexible(environ, report, allow_unsupported=allow_unsupported)
    document = None
    if parsed.tree is not None:
        document = _decode(
            parsed.tree, environ, report, components, allow_unsupported=allow_unsupported, serving=serving
        )
        report.diagnostics = explain_placeholders(report.diagnostics, parsed.tree)
    elif report.has_errors:  # FC_ENABLE: that the text is a template is no news then
        parsed.findings = [finding for finding in parsed.findings if finding.code != "CFG404"]
    diagnostics = _finish(report.diagnostics, parsed, strict=strict)
    failed = any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)
    config = None if failed or document is None else document.config
    return Loaded(name, config, diagnostics, parsed.text, document, parsed)


def _decode(
    tree: Mapping[str, Any],
    environ: Mapping[str, str],
    report: Report,
    components: Sequence[ConfigComponent],
    *,
    allow_unsupported: bool,
    serving: bool,
) -> Document:
    tree, overlaid = lay_over(tree, environ)
    version, preview = _version(tree, overlaid, report)
    document = decode_service(
        tree,
        version,
        report,
        overlaid=overlaid,
        allow_unsupported=allow_unsupported,
        components=components,
        environ=environ,
        preview=preview,
        serving=serving,
    )
    for check in (*GATEWAY_RULES, *(rule for component in components for rule in component.rules)):
        report.extend(check(document))
    return document


def _version(tree: Mapping[str, Any], overlaid: Mapping[str, str], report: Report) -> tuple[Literal[2, 3], bool]:
    """The version that the file is read as, and whether it is a preview of KrakenD 3.0's.

    A wrong one is an error, and the rest is then read as version 3.
    """
    written = "version" if "version" in tree else next((key for key in tree if key.lower() == "version"), None)
    value = None if written is None else tree[written]
    try:
        version = 0 if value is None else to_integer(value)[0]
    except ConversionError:
        return 3, False  # the decoder says so
    if version == 2:
        return 2, False
    path = "$" if written is None else overlaid.get(written) or child("$", written)
    if version == 4:
        report.note(
            "CFG227",
            path,
            "version 4 is that of KrakenD 3.0, which is in preparation: read as version 3, as a preview",
            hint="what 3.0 no longer has is said where it stands; the rest may still change",
            krakend="3.0 reads it; 2.x refuses to start: unsupported version: 4 (want: 3)",
        )
        return 3, True
    if version != 3:
        message = f"unsupported version: {version}" if written is not None else "the file does not say its version"
        report.error(
            "CFG201",
            path,
            message,
            hint='write "version": 3, 2 for a file of KrakenD 1.x, or 4 for one of KrakenD 3.0',
            krakend=f"refuses to start: unsupported version: {version} (want: 3)",
        )
    return 3, False


def _check_flexible(environ: Mapping[str, str], report: Report, *, allow_unsupported: bool) -> None:
    if not environ.get("FC_ENABLE"):
        return
    message = "crossgate does not run flexible configuration (FC_ENABLE) yet"
    if allow_unsupported:
        report.warning("CFG404", "FC_ENABLE", f"{message}: the file is read as it is", krakend="renders the file first")
    else:
        hint = "render the file with KrakenD (FC_OUT) and give crossgate the outcome"
        report.error("CFG404", "FC_ENABLE", message, hint=hint, krakend="renders the file first")


def _finish(found: Iterable[Diagnostic], parsed: Parsed, *, strict: bool) -> tuple[Diagnostic, ...]:
    """All diagnostics, each once, with spans, in the order of the text."""
    finished: dict[tuple[str, str, str, Span | None], Diagnostic] = {}
    for diagnostic in (*parsed.findings, *without_echoes(found)):
        if diagnostic.span is None:
            diagnostic = replace(diagnostic, span=_span(diagnostic, parsed))
        if strict and diagnostic.severity is Severity.WARNING:
            diagnostic = replace(diagnostic, severity=Severity.ERROR)
        finished.setdefault((diagnostic.code, diagnostic.path, diagnostic.message, diagnostic.span), diagnostic)
    return tuple(sorted(finished.values(), key=_position))


def _span(diagnostic: Diagnostic, parsed: Parsed) -> Span:
    if not diagnostic.path.startswith("$"):
        return Span("environment", 1, 1, 1, 1)
    return parsed.places.locate(diagnostic.path, on_key=diagnostic.on_key)


def _position(diagnostic: Diagnostic) -> tuple[bool, int, int, int, str, str]:
    span = diagnostic.span
    assert span is not None  # noqa: S101 - _finish has filled it
    return (
        span.file == "environment",
        span.line,
        span.column,
        _ORDER[diagnostic.severity],
        diagnostic.code,
        diagnostic.path,
    )


def _unreadable(name: str, message: str) -> Loaded:
    span = Span(name, 1, 1, 1, 1)
    diagnostic = Diagnostic("CFG101", Severity.ERROR, "$", message, "", "refuses to start", span)
    return Loaded(name, None, (diagnostic,), "")
