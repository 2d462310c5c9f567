"""The one way from bytes to a tree, whatever the format: text, tree, what is wrong with the text, places on demand.

Knows which format has which parser; does not know what a configuration means.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import PurePath
from typing import Any

from crossgate.config.source.encoding import decode_text
from crossgate.config.source.json_places import place_json
from crossgate.config.source.json_scanner import scan_json
from crossgate.config.source.json_text import NotJsonError, parse_json
from crossgate.config.source.place import Duplicate, Place, Places
from crossgate.config.source.problem import TextError
from crossgate.config.source.soundness import find_unsound, without_halves
from crossgate.config.source.template import find_action
from crossgate.diagnostics import Diagnostic, Fix, Severity

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


class Format(StrEnum):
    """The formats KrakenD reads. The file's suffix decides, and what is neither YAML nor TOML is JSON."""

    JSON = "json"
    YAML = "yaml"
    TOML = "toml"

    @classmethod
    def of(cls, name: str) -> "Format":
        """The format of a file of that name."""
        suffix = PurePath(name).suffix.lower()
        if suffix in (".yaml", ".yml"):
            return cls.YAML
        return cls.TOML if suffix == ".toml" else cls.JSON


class Parsed:
    """A text and what became of it. `tree` is None where `findings` has an error; findings have their spans."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.tree: Any = None
        self.findings: list[Diagnostic] = []
        self.place_tree: Callable[[], Place | None] = lambda: None
        self._places: Places | None = None

    @property
    def places(self) -> Places:
        """Where everything stands; worked out when first asked for."""
        if self._places is None:
            self._places = Places(self.name, self.text, self.place_tree())
        return self._places

    def fail(self, problem: TextError, severity: Severity = Severity.ERROR) -> None:
        """Add what is wrong with the text; it has no tree then, unless it is only a warning."""
        if severity is Severity.ERROR:
            self.tree = None
        places = self._places or Places(self.name, self.text, None)
        span = places.span(problem.start, problem.end)
        fix = None if problem.fix is None else Fix("span", problem.fix)
        self.findings.append(
            Diagnostic(
                problem.code, severity, problem.path, problem.message, problem.hint, problem.krakend, span, fix=fix
            )
        )

    def refuse(self, code: str, path: str, message: str, krakend: str) -> None:
        """Add a value that nothing can be done with."""
        span = self.places.locate(path)
        self.findings.append(Diagnostic(code, Severity.ERROR, path, message, krakend=krakend, span=span))

    def duplicated(self, duplicates: list[Duplicate], krakend: str, fix: Fix | None = None) -> None:
        """Warn of keys that stand twice, each at its later name."""
        places = self._places or Places(self.name, self.text, None)
        for duplicate in duplicates:
            line, _ = places.line_and_column(duplicate.first_start)
            self.findings.append(
                Diagnostic(
                    "CFG104",
                    Severity.WARNING,
                    duplicate.path,
                    f"this key is already in line {line}; only the later one counts",
                    "remove one of the two",
                    krakend,
                    places.span(duplicate.start, duplicate.end),
                    fix=fix,
                )
            )


def parse(
    data: bytes,
    *,
    name: str,
    format: Format | None = None,  # noqa: A002 - it is called so everywhere
    rendered: bool = False,
) -> Parsed:
    """Parse a configuration text. Never raises for what the text may hold. Cost is linear in the text.

    `name` is what diagnostics call the file; its suffix decides the format unless one is given. `rendered`: it comes
    from a template and is none itself.
    """
    chosen = format or Format.of(name)
    text, problem = decode_text(data, marks_allowed=chosen is not Format.JSON)
    parsed = Parsed(name, text)
    if problem is not None:
        repaired = chosen is Format.JSON and problem.code == "CFG103" and not problem.path
        problem.path = "$"
        parsed.fail(problem, Severity.WARNING if repaired else Severity.ERROR)
        if not repaired:
            return parsed
    try:
        _PARSERS[chosen](parsed)
        _check(parsed, chosen)
    except TextError as found:
        template = None if rendered else _template_error(parsed.text, chosen, found)
        parsed.fail(template or found)
    return parsed


def _template_error(text: str, chosen: Format, found: TextError) -> TextError | None:
    """What to say instead of a syntax error where the text is a template that wants to be rendered first."""
    action = find_action(text) if found.code == "CFG102" else None
    if action is None:
        return None
    return TextError(
        "CFG404",
        *action,
        f"this is a template for flexible configuration: it is not {chosen.upper()} until it is rendered",
        hint="set FC_ENABLE=1, and FC_SETTINGS, FC_PARTIALS and FC_TEMPLATES to the folders that there are",
        krakend=f"without FC_ENABLE it {found.krakend}",
    )


def _check(parsed: Parsed, chosen: Format) -> None:
    """What no format's parser refuses but nothing behind it can take."""
    found = find_unsound(parsed.tree)
    if found and chosen is Format.JSON:  # it may be too deep to be looked into as it is asked for
        parsed.place_tree = lambda: scan_json(parsed.text)[0]
    for unsound in found:
        parsed.refuse(unsound.code, unsound.path, unsound.message, unsound.krakend)
    if not isinstance(parsed.tree, dict):
        kind = {type(None): "nothing", list: "a list"}.get(type(parsed.tree), "one value")
        parsed.refuse("CFG109", "$", f"a configuration must be an object, and this is {kind}", "refuses to start")
    if any(finding.severity is Severity.ERROR for finding in parsed.findings):
        parsed.tree = None
    if parsed.tree is not None and _SURROGATE_ESCAPE.search(parsed.text):
        parsed.tree = without_halves(parsed.tree)


def _parse_json(parsed: Parsed) -> None:
    text = parsed.text
    parsed.place_tree = lambda: place_json(text)
    try:
        parsed.tree, has_duplicates = parse_json(text)
    except NotJsonError:
        scan_json(text)
        # The scanner is right about JSON; the standard parser gives up on what the scanner takes only for its depth,
        # and that is refused there too.
        raise TextError("CFG102", 0, 0, "this text cannot be read as JSON") from None
    if has_duplicates:
        place, duplicates = scan_json(text)
        parsed.place_tree = lambda: place
        parsed.duplicated(duplicates, "silently takes the last one", Fix("earlier"))


def _parse_yaml(parsed: Parsed) -> None:
    from crossgate.config.source.yaml_text import parse_yaml

    result = parse_yaml(parsed.text)
    parsed.tree = result.tree
    parsed.place_tree = lambda: result.place
    # DEVIATION(DEV-CONF-3): a key that stands twice is a warning in every format, and the last one counts.
    parsed.duplicated(result.duplicates, "refuses to start: in YAML a key may appear only once")
    if result.second_document is not None:
        parsed.fail(result.second_document, Severity.WARNING)


def _parse_toml(parsed: Parsed) -> None:
    from crossgate.config.source.toml_places import place_toml
    from crossgate.config.source.toml_text import parse_toml

    text = parsed.text
    parsed.tree = parse_toml(text)
    parsed.place_tree = lambda: place_toml(text)


_PARSERS: dict[Format, Callable[[Parsed], None]] = {
    Format.JSON: _parse_json,
    Format.YAML: _parse_yaml,
    Format.TOML: _parse_toml,
}
