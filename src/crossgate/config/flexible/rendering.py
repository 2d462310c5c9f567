"""One flexible configuration rendered: from the file's name and the environment to text, with all that went wrong.

Source: krakend-flexibleconfig 2.3.1 `template.go`, TemplateParser.Parse.
"""

import os
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crossgate.config.flexible.options import FlexibleOptions
from crossgate.config.flexible.origins import NO_VALUE, Origins, gap_texts
from crossgate.config.flexible.partials import Partials
from crossgate.config.flexible.settings import Settings, folder_names, go_reason, read_settings
from crossgate.config.flexible.world import real_world
from crossgate.config.read_file import read_bytes
from crossgate.config.source import Format
from crossgate.diagnostics import Diagnostic, Severity, Span
from crossgate.golang.literals import from_bytes, to_bytes
from crossgate.gotemplate import Function, Origin, Rendered, TemplateError, TemplateSet, go_function
from crossgate.gotemplate.nodes import Action
from crossgate.gotemplate.sprig import sprig_functions
from crossgate.gotemplate.sprig.json_functions import json_or_nothing

_UNRENDERED = "logs it and reads the file as it is: it starts with the actions as text if that happens to be valid"


@dataclass(slots=True)
class Rendering:
    """What became of a file. `text` is None where it could not be rendered: `diagnostics` then say why.

    `name` is what KrakenD calls the rendered file, whose suffix is its format. `sources` are the texts of all files
    that it was rendered from, by path; `watched` those files and the folders that were listed. `variables` are the
    environment variables that were read, and whether they are set.
    """

    path: str
    text: bytes | None = None
    format: Format = Format.JSON
    diagnostics: list[Diagnostic] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    watched: tuple[str, ...] = ()
    variables: dict[str, bool] = field(default_factory=dict)
    origins: Origins | None = None


def render_configuration(path: str, environ: Mapping[str, str], options: FlexibleOptions) -> Rendering:
    """Render a file. Raises OSError where the file itself cannot be read; all else is in the diagnostics."""
    return _Run(path, environ, options).render()


class _Run:
    def __init__(self, path: str, environ: Mapping[str, str], options: FlexibleOptions) -> None:
        self._environ = environ
        self._options = options
        self._result = Rendering(path, format=Format.of(options.out) if options.out else Format.JSON)
        self._partials = Partials(options.partials)
        self._settings = Settings()

    def render(self) -> Rendering:
        result = self._result
        result.sources[result.path] = from_bytes(read_bytes(result.path))
        severity = Severity.ERROR if self._options.failed else Severity.WARNING
        for file, message in self._options.problems:
            self._add("CFG503", severity, message, Span(file, 1, 1, 1, 1), krakend="")
        self._settings = read_settings(self._options)
        templates = self._template_files()
        result.sources |= self._settings.texts
        for problem in self._settings.problems:
            span = problem.span or Span(problem.file, 1, 1, 1, 1)
            message = f"flexible configuration cannot be loaded: {problem.message}"
            self._add("CFG503", Severity.ERROR, message, span, krakend="refuses to start")
        if not self._settings.problems and not self._options.failed:
            self._run(templates)
        result.sources |= self._partials.texts
        folders = (*self._options.settings, *self._options.partials, *self._options.templates)
        options_file = (self._options.file,) if self._options.file else ()
        result.watched = tuple(dict.fromkeys([*result.sources, *self._partials.missing, *folders, *options_file]))
        self._tell_variables()
        return result

    def _template_files(self) -> list[str]:
        paths = []
        for folder in self._options.templates:
            names = folder_names(folder, self._settings.problems)
            paths += [os.path.join(folder, name) for name in names if name.endswith(".tmpl")]  # noqa: PTH118 - as Go
        return paths

    def _functions(self) -> dict[str, Function]:
        world = real_world(self._environ, self._getenv)
        return {
            **sprig_functions(world),
            "include": go_function("any", self._partials.include),
            "marshal": go_function("any", json_or_nothing),
        }

    def _getenv(self, name: str) -> str:
        self._result.variables[name] = name in self._environ
        return self._environ.get(name, "")

    def _run(self, template_files: list[str]) -> None:
        result = self._result
        templates = TemplateSet(self._functions())
        name = posixpath.basename(result.path)
        code = "CFG501"
        try:
            templates.parse(name, result.sources[result.path], file=result.path)
            for path in template_files:
                try:
                    result.sources[path] = from_bytes(read_bytes(path))
                except OSError as error:
                    verb = "read" if isinstance(error, IsADirectoryError) else "open"
                    message = f"a template cannot be read: {verb} {path}: {go_reason(error)}"
                    self._add("CFG503", Severity.ERROR, message, Span(path, 1, 1, 1, 1), krakend=_UNRENDERED)
                    return
                templates.parse(posixpath.basename(path), result.sources[path], file=path)
            code = "CFG502"
            rendered = templates.execute(name, self._settings.values)
        except TemplateError as error:
            # DEVIATION(DEV-TMPL-4): KrakenD goes on with the file as it is.
            line = result.sources.get(error.file, "").split("\n")[error.line - 1 : error.line]
            end = max(len(line[0]) + 1 if line else 1, error.column + 1)
            span = Span(error.file, error.line, error.column, error.line, end)
            self._add(code, Severity.ERROR, str(error), span, krakend=_UNRENDERED)
            return
        self._finish(rendered)

    def _finish(self, rendered: Rendered) -> None:
        result = self._result
        result.text = to_bytes(rendered.text)
        result.origins = Origins(rendered, self._partials.texts, self._settings.locate)
        self._warn_of_gaps(rendered)
        if self._options.out:
            try:
                Path(self._options.out).write_bytes(result.text)
            except OSError as error:
                message = f"the rendered file cannot be kept: open {self._options.out}: {go_reason(error)}"
                span = Span(result.path, 1, 1, 1, 1)
                self._add("CFG503", Severity.ERROR, message, span, krakend="refuses to start")

    def _warn_of_gaps(self, rendered: Rendered) -> None:
        """Warn of actions that printed nothing for want of a value, each once."""
        seen: set[int] = set()
        for origin in rendered.printed(NO_VALUE):
            if not isinstance(origin.node, Action) or id(origin.node) in seen:
                continue
            seen.add(id(origin.node))
            self._gap(origin)
        for path in self._partials.missing:
            message = f"{path} cannot be read: what was to be included is empty"
            span = Span(self._result.path, 1, 1, 1, 1)
            self._add("CFG506", Severity.WARNING, message, span, krakend="includes nothing and says nothing")

    def _gap(self, origin: Origin) -> None:
        origins = self._result.origins
        if origins is None or not isinstance(origin.node, Action):
            return
        span, notes = origins.of_action(origin)
        message, hint = gap_texts(str(origin.node.pipe))
        self._add("CFG505", Severity.WARNING, message, span, krakend="prints it too", hint=hint, notes=notes)

    def _tell_variables(self) -> None:
        variables = self._result.variables
        if not variables:
            return
        shown = ", ".join([name if is_set else f"{name} (not set)" for name, is_set in sorted(variables.items())])
        span = Span(self._result.path, 1, 1, 1, 1)
        self._add("CFG504", Severity.NOTE, f"the template reads the environment: {shown}", span, krakend="")

    def _add(
        self,
        code: str,
        severity: Severity,
        message: str,
        span: Span,
        *,
        krakend: str,
        hint: str = "",
        notes: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self._result.diagnostics.append(Diagnostic(code, severity, "$", message, hint, krakend, span, notes=notes))
