"""One problem of a configuration, as a value.

Knows how a problem is described; does not know how it was found or how it is shown.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal


class Severity(StrEnum):
    """How much a diagnostic weighs: an error prevents the start, a warning does under `--strict`, a note never."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


WORST_FIRST = {severity: place for place, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file. Lines and columns count from 1, in code points; the end column is the one after the last."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Fix:
    """The one change that ends a problem and changes nothing else: what the file means stays, or begins to be readable.

    `text` is JSON, which YAML and TOML read alike, and takes the place of `target`: of the value that the path leads
    to, of the name of its key, or of the very text of the span. `member` (a list's item, or a key with its value) and
    `earlier` (the first of two members with one key) go as a whole; `into_list` puts brackets around the value.
    """

    target: Literal["value", "key", "span", "member", "earlier", "into_list"]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A configuration problem.

    `code` is a key of `codes.CODES`. `path` reads `$.extra_config["security/cors"].allow_origins[0]`. `span` is None
    until somebody who knows the file has located the path. `krakend` says what KrakenD itself does with it, and is
    empty where KrakenD has no say. `on_key` asks for the span of the key's name instead of its value.

    `notes` are labelled lines that say more about the place: of a rendered configuration the line that was rendered,
    and how it came about.

    `cause` names what several places have wrong alike, where their messages differ. `failing` are the paths of the
    endpoints whose every request fails for it. `fix` is there where there is one change that is right for everybody.
    """

    code: str
    severity: Severity
    path: str
    message: str
    hint: str = ""
    krakend: str = ""
    span: Span | None = None
    on_key: bool = False
    cause: str = ""
    failing: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    fix: Fix | None = None

    @property
    def group(self) -> str:
        """Equal for all places that have the same thing wrong, whatever the file; readable."""
        return f"{self.code}: {self.cause or self.message}"

    def under(self, prefix: str) -> "Diagnostic":
        """The same problem seen from a larger document: `$` of its path becomes `prefix`."""
        return replace(self, path=prefix + self.path.removeprefix("$"))
