"""Where decoding puts down what it finds, so that one run shows every problem.

Knows how diagnostics are collected; does not know positions or how they are shown.
"""

from collections.abc import Iterable
from typing import TypedDict, Unpack

from crossgate.diagnostics import Diagnostic, Fix, Severity


class Details(TypedDict, total=False):
    """What may be said of a problem besides its message: see Diagnostic."""

    hint: str
    krakend: str
    on_key: bool
    cause: str
    failing: tuple[str, ...]
    fix: Fix | None


class Report:
    """The diagnostics of one run, in the order found."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []

    def error(self, code: str, path: str, message: str, **details: Unpack[Details]) -> None:
        """Add a problem that prevents the start."""
        self.diagnostics.append(Diagnostic(code, Severity.ERROR, path, message, **details))

    def warning(self, code: str, path: str, message: str, **details: Unpack[Details]) -> None:
        """Add a problem that prevents the start only under `--strict`."""
        self.diagnostics.append(Diagnostic(code, Severity.WARNING, path, message, **details))

    def note(self, code: str, path: str, message: str, **details: Unpack[Details]) -> None:
        """Add something worth knowing that never prevents the start."""
        self.diagnostics.append(Diagnostic(code, Severity.NOTE, path, message, **details))

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Add diagnostics found elsewhere."""
        self.diagnostics.extend(diagnostics)

    @property
    def has_errors(self) -> bool:
        """Whether anything so far prevents the start."""
        return any(diagnostic.severity is Severity.ERROR for diagnostic in self.diagnostics)
