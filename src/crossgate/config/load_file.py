"""A file to a service: read, rendered first where flexible configuration is on, then loaded like any text.

The one place that reads the file. What is wrong with a rendered text is shown where it was written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from crossgate.config.component import ConfigComponent
from crossgate.config.document import Document
from crossgate.config.flexible.options import FlexibleOptions, flexible_options
from crossgate.config.load import Loaded, load_text
from crossgate.config.read_file import read_bytes
from crossgate.diagnostics import WORST_FIRST, Diagnostic, Severity, Span

if TYPE_CHECKING:
    from crossgate.config.flexible.origins import Origins
    from crossgate.config.flexible.rendering import Rendering


def load_file(
    path: str,
    *,
    environ: Mapping[str, str],
    allow_unsupported: bool = False,
    strict: bool = False,
    serving: bool = True,
    components: Sequence[ConfigComponent] = (),
    flexible: FlexibleOptions | None = None,
    is_quiet: bool = False,
    like: Document | None = None,
) -> Loaded:
    """Load a file, or STANDARD_INPUT. Never raises for what is on disk or in it: all is in the diagnostics.

    What `components` run is run; without them their namespaces are refused. `serving`, `is_quiet`, `like`: see
    load_text. With `flexible`, or where the environment says so (FC_ENABLE), the file is a template and rendered first.
    """
    options = flexible or flexible_options(environ)
    rendering = None
    try:
        if options is not None:
            from crossgate.config.flexible.rendering import render_configuration

            rendering = render_configuration(path, environ, options)
        data = read_bytes(path) if rendering is None else rendering.text
    except (OSError, ValueError) as error:
        return _unreadable(path, getattr(error, "strerror", None) or str(error))
    if data is None:
        assert rendering is not None  # noqa: S101 - only a rendering gives no text
        return _unrendered(rendering, strict=strict)
    loaded = load_text(
        data,
        name=path,
        format=None if rendering is None else rendering.format,
        environ=environ,
        allow_unsupported=allow_unsupported,
        strict=strict,
        serving=serving,
        components=components,
        rendered=rendering is not None,
        is_quiet=is_quiet,
        like=like,
    )
    if rendering is None:
        return replace(loaded, watched=(path, *loaded.watched))
    return _as_written(loaded, rendering, strict=strict)


def _as_written(loaded: Loaded, rendering: "Rendering", *, strict: bool) -> Loaded:
    """The same with every problem at the place in the template, partial or settings file that brought it about."""
    origins = rendering.origins
    assert origins is not None  # noqa: S101 - there is a text
    found = [_located(diagnostic, origins) for diagnostic in loaded.diagnostics]
    taken = {diagnostic.span for diagnostic in found if diagnostic.code == "CFG505"}
    own = [
        own for own in _strictly(rendering.diagnostics, strict=strict) if own.code != "CFG505" or own.span not in taken
    ]
    failed = any(diagnostic.severity is Severity.ERROR for diagnostic in own)

    def written(span: Span) -> Span:
        place = origins.written(span)
        return span if place is None else place.span

    return replace(
        loaded,
        config=None if failed else loaded.config,
        diagnostics=tuple(sorted([*own, *found], key=lambda each: _position(each, rendering.path))),
        sources=rendering.sources,
        watched=(*rendering.watched, *loaded.watched),
        _written=written,
    )


def _located(diagnostic: Diagnostic, origins: "Origins") -> Diagnostic:
    if diagnostic.span is None or diagnostic.span.file == "environment":
        return diagnostic
    place = origins.written(diagnostic.span)
    if place is None:
        return diagnostic
    if place.lacks and (diagnostic.severity is Severity.ERROR or diagnostic.code == "CFG226"):
        from crossgate.config.flexible.origins import gap_texts

        message, hint = gap_texts(place.lacks)
        diagnostic = replace(diagnostic, code="CFG505", message=message, hint=hint, cause="")
    return replace(diagnostic, span=place.span, notes=diagnostic.notes + place.notes)


def _unrendered(rendering: "Rendering", *, strict: bool) -> Loaded:
    diagnostics = sorted(
        _strictly(rendering.diagnostics, strict=strict), key=lambda each: _position(each, rendering.path)
    )
    return Loaded(
        rendering.path,
        None,
        tuple(diagnostics),
        rendering.sources.get(rendering.path, ""),
        sources=rendering.sources,
        watched=rendering.watched,
    )


def _strictly(diagnostics: Sequence[Diagnostic], *, strict: bool) -> list[Diagnostic]:
    if not strict:
        return list(diagnostics)
    return [
        replace(each, severity=Severity.ERROR) if each.severity is Severity.WARNING else each for each in diagnostics
    ]


def _position(diagnostic: Diagnostic, main: str) -> tuple[bool, bool, str, int, int, int, str]:
    """The main file first, then the others by name; what the environment did comes last."""
    span = diagnostic.span or Span("", 1, 1, 1, 1)
    order = WORST_FIRST[diagnostic.severity]
    return span.file == "environment", span.file != main, span.file, span.line, span.column, order, diagnostic.code


def _unreadable(name: str, reason: str) -> Loaded:
    span = Span(name, 1, 1, 1, 1)
    message = f"the file cannot be read: {reason}"
    diagnostic = Diagnostic("CFG101", Severity.ERROR, "$", message, "", "refuses to start", span)
    return Loaded(name, None, (diagnostic,), "", watched=(name,))
