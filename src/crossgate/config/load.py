"""A text to a service, with everything that is wrong with it, each problem at its line.

Knows the order of the steps; every step is somebody else's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from crossgate.config.component import ConfigComponent
from crossgate.config.convert import ConversionError, to_integer
from crossgate.config.decode.service import decode_service
from crossgate.config.document import Document
from crossgate.config.echoes import without_echoes
from crossgate.config.environment import lay_over
from crossgate.config.model import ServiceConfig
from crossgate.config.placeholders import explain_placeholders
from crossgate.config.read_file import NotedFiles, read_bytes
from crossgate.config.report import Report
from crossgate.config.rules import GATEWAY_RULES
from crossgate.config.source import Format, Parsed, parse
from crossgate.config.uncollected import uncollected
from crossgate.diagnostics import WORST_FIRST, Diagnostic, Severity, Span
from crossgate.diagnostics.path import child


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a text became. `config` is None where `diagnostics` has errors.

    `diagnostics` are sorted by position and have their spans. `text` is what the spans point into, empty where nothing
    could be read. `document` is there where the text is an object, also beside errors.

    `sources` are the texts that spans point into, by the name that spans use: of a rendered configuration those of its
    templates, partials and settings. `watched` are the files it was read from, those that it names and that were read
    with it (keys, certificates), and the folders that were listed.
    """

    name: str
    config: ServiceConfig | None
    diagnostics: tuple[Diagnostic, ...]
    text: str
    document: Document | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    watched: tuple[str, ...] = ()
    _parsed: Parsed | None = None
    _written: Callable[[Span], Span] | None = None

    @property
    def parsed(self) -> Parsed:
        """The text that was read; of a rendered configuration what it was rendered to, which no file holds."""
        return self._parsed or Parsed(self.name, self.text)

    @property
    def is_rendered(self) -> bool:
        """Whether the text comes from a template."""
        return self._written is not None

    def locate(self, path: str, *, on_key: bool = False) -> Span:
        """Where a path was written: its nearest part that is there. The first call is linear in the text."""
        span = self.parsed.places.locate(path, on_key=on_key)
        return span if self._written is None else self._written(span)


@uncollected()
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
    rendered: bool = False,
    read_file: Callable[[str], bytes] = read_bytes,
    is_elsewhere: bool = False,
    is_quiet: bool = False,
    like: Document | None = None,
) -> Loaded:
    """Load a text. `name` is what diagnostics call it; its suffix decides the format unless one is given.

    `strict` makes every warning an error. If the unsupported is allowed and nothing is served (`serving`), TLS that is
    not run is only a warning, too. `rendered`: the text comes from a template and is none itself. `read_file` reads the
    files that the text names, and raises OSError. `is_elsewhere`: the text is of another machine, so that modules it
    names are not looked for. `is_quiet`: of a valid text, nothing is said but that it is. Then endpoints may be
    taken over from a valid document that is `like` it. Cost is about linear in the text.
    """
    environ = environ or {}
    is_quiet = is_quiet and not strict
    parsed = parse(text, name=name, format=format, rendered=rendered)
    report = Report()
    document = None
    files = NotedFiles(read_file)
    if parsed.tree is not None:
        document = _decode(
            parsed.tree,
            environ,
            report,
            components,
            files,
            allow_unsupported=allow_unsupported,
            serving=serving,
            is_elsewhere=is_elsewhere,
            is_quiet=is_quiet,
            like=like,
        )
        report.diagnostics = explain_placeholders(report.diagnostics, parsed.tree, parsed.text)
    found = [*parsed.findings, *without_echoes(report.diagnostics)]
    if is_quiet and all(each.severity is not Severity.ERROR for each in found):
        found.clear()
    elif is_quiet:
        return load_text(
            text,
            name=name,
            format=format,
            environ=environ,
            allow_unsupported=allow_unsupported,
            strict=strict,
            serving=serving,
            components=components,
            rendered=rendered,
            read_file=read_file,
            is_elsewhere=is_elsewhere,
        )
    diagnostics = _finish(found, parsed, strict=strict)
    failed = any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)
    config = None if failed or document is None else document.config
    sources = {name: parsed.text}
    return Loaded(name, config, diagnostics, parsed.text, document, sources, tuple(files.read), _parsed=parsed)


def _decode(
    tree: Mapping[str, Any],
    environ: Mapping[str, str],
    report: Report,
    components: Sequence[ConfigComponent],
    read_file: NotedFiles,
    *,
    allow_unsupported: bool,
    serving: bool,
    is_elsewhere: bool,
    is_quiet: bool,
    like: Document | None,
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
        read_file=read_file,
        is_elsewhere=is_elsewhere,
        like=like,
    )
    for check in (*GATEWAY_RULES, *(rule for component in components for rule in component.rules)):
        if not (is_quiet and check.only_warns):
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
            "version 4 belongs to KrakenD 3.0, which is in preparation: as a preview, it is read as version 3",
            hint="what 3.0 no longer has is reported where it stands; the rest may still change",
            krakend="3.0 reads it; 2.x refuses to start: unsupported version: 4 (want: 3)",
        )
        return 3, True
    if version != 3:
        message = f"there is no version {version}" if written is not None else "the file does not say its version"
        report.error(
            "CFG201",
            path,
            message,
            hint='write "version": 3, 2 for a file of KrakenD 1.x, or 4 for one of KrakenD 3.0',
            krakend=f"refuses to start: unsupported version: {version} (want: 3)",
        )
    return 3, False


def _finish(found: Iterable[Diagnostic], parsed: Parsed, *, strict: bool) -> tuple[Diagnostic, ...]:
    """All diagnostics, each once, with spans, in the order of the text."""
    finished: dict[tuple[str, str, str, Span | None], Diagnostic] = {}
    for diagnostic in found:
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
        WORST_FIRST[diagnostic.severity],
        diagnostic.code,
        diagnostic.path,
    )
