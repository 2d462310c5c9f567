"""A verdict to be shown: what the browsers make of one request, why, where it was decided, and what would change it.

Plain values. Knows neither where a verdict comes from nor how it is shown.
"""

from dataclasses import dataclass

from crossgate.config.setting import Setting
from crossgate.cors import Decision
from crossgate.cors.advice import Fix
from crossgate.cors.judge import Judgement
from crossgate.diagnostics import Span
from crossgate.probe.refused_part import RefusedPart


@dataclass(frozen=True, slots=True)
class LocatedFix:
    """A fix and where in the configuration it is made; the path is empty where it is made elsewhere.

    Fixes that are no `alternative` are needed together; an alternative stands for all of them. `setting` is there where
    it gives one value of the file.
    """

    fix: Fix
    path: str = ""
    span: Span | None = None
    alternative: bool = False
    setting: Setting | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One request's outcome. `path` and `span` say what in the configuration decided it, `because` in which way.

    `text` is what the span points into. `decision` is the engine's, where a configuration is explained and CORS is on;
    `refused` is what asking a live server again has found out.
    """

    judgement: Judgement
    fixes: tuple[LocatedFix, ...]
    notes: tuple[str, ...] = ()
    because: str = ""
    path: str = ""
    span: Span | None = None
    text: str = ""
    decision: Decision | None = None
    refused: RefusedPart | None = None


def notes_of(verdict: Verdict) -> tuple[str, ...]:
    """What decided nothing and is worth knowing, each once."""
    return tuple(dict.fromkeys((*verdict.notes, *verdict.judgement.notes)))
