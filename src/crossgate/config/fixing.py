"""A text with everything mended that has one right fix. Knows how to try; what a text means is for others to say.

Nothing is believed of a fix: the text is loaded again, and what does not end its problem, brings a new one or changes
what the file means is taken back.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from crossgate.config.load import Loaded
from crossgate.config.source.edits import Edit, edit_of
from crossgate.diagnostics import Diagnostic

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MAX_ROUNDS = 100
"""A text that does not parse shows one mistake at a time: so many are mended."""

Load = Callable[[bytes], Loaded]
IsSame = Callable[[Loaded, Loaded], bool]
Chosen = Sequence[tuple[Edit, Diagnostic]]


@dataclass(frozen=True, slots=True)
class Mended:
    """The text afterwards, what was mended in it (spans are of the text before, or between), and how it loads now."""

    data: bytes
    fixed: tuple[Diagnostic, ...]
    loaded: Loaded


def mend(data: bytes, loaded: Loaded, load: Load, is_same: IsSame) -> Mended:
    """Mend a text, which `loaded` came from. `is_same` says whether two that can be read mean the same.

    Costs a load for each round of fixes, and some more for each fix that has to be taken back.
    """
    fixed: list[Diagnostic] = []
    for _ in range(MAX_ROUNDS):
        step = _step(data, loaded, load, is_same)
        if step is None:
            break
        data, loaded = step.data, step.loaded
        fixed += step.fixed
    return Mended(data, tuple(fixed), loaded)


def _step(data: bytes, loaded: Loaded, load: Load, is_same: IsSame) -> Mended | None:
    """As many fixes as go together; None where none does."""

    def tried(chosen: Chosen) -> Mended | None:
        return _tried(data, loaded, chosen, load, is_same)

    return _most(_apart(_edits(loaded)), tried)


def _most(chosen: Chosen, tried: Callable[[Chosen], Mended | None]) -> Mended | None:
    """All, or what is left when those that do not do are found by halving. Costs loads for these only."""
    whole = tried(chosen) if chosen else None
    if whole is not None or len(chosen) <= 1:
        return whole
    half = len(chosen) // 2
    parts = [part for part in (_most(chosen[:half], tried), _most(chosen[half:], tried)) if part is not None]
    if len(parts) <= 1:
        return parts[0] if parts else None
    kept = {id(diagnostic) for part in parts for diagnostic in part.fixed}
    return tried([each for each in chosen if id(each[1]) in kept]) or parts[0]


def _edits(loaded: Loaded) -> list[tuple[Edit, Diagnostic]]:
    found: list[tuple[Edit, Diagnostic]] = []
    if any(diagnostic.code == "CFG103" for diagnostic in loaded.diagnostics):
        return found  # the text is not what the file holds
    for diagnostic in loaded.diagnostics:
        edit = None if diagnostic.fix is None else edit_of(diagnostic, diagnostic.fix, loaded.parsed)
        if edit is not None:
            found.append((edit, diagnostic))
    return sorted(found, key=lambda each: each[0])


def _apart(edits: Chosen) -> list[tuple[Edit, Diagnostic]]:
    """Those that do not touch each other, the inner before the outer; the others' turn comes with the next round."""
    chosen: list[tuple[Edit, Diagnostic]] = []
    for each in edits:
        if not chosen or each[0].start > chosen[-1][0].end:
            chosen.append(each)
        elif each[0].end <= chosen[-1][0].end:
            chosen[-1] = each
    return chosen


def _tried(data: bytes, loaded: Loaded, chosen: Chosen, load: Load, is_same: IsSame) -> Mended | None:
    text = loaded.text
    for edit, _ in reversed(chosen):
        text = text[: edit.start] + edit.text + text[edit.end :]
    mended = text.encode()
    if data.startswith(_BYTE_ORDER_MARK) and all(diagnostic.code != "CFG108" for _, diagnostic in chosen):
        mended = _BYTE_ORDER_MARK + mended
    after = load(mended)
    if not _is_better(loaded, after, [diagnostic for _, diagnostic in chosen]):
        return None
    if loaded.document is not None and (after.document is None or not is_same(loaded, after)):
        return None
    return Mended(mended, tuple(diagnostic for _, diagnostic in chosen), after)


def _is_better(before: Loaded, after: Loaded, fixed: Sequence[Diagnostic]) -> bool:
    """What was to be fixed is gone, and nothing of another kind has come. A text that is read now may show anything."""
    if before.document is None:
        return after.document is not None or _read_further(before, after)
    old, new = _codes(before), _codes(after)
    return new.keys() <= old.keys() and all(new[code] <= old[code] - n for code, n in _codes_of(fixed).items())


def _read_further(before: Loaded, after: Loaded) -> bool:
    old, new = (max(_line_and_column(loaded), default=(0, 0)) for loaded in (before, after))
    return new > old or "CFG108" in {each.code for each in before.diagnostics} - {
        each.code for each in after.diagnostics
    }


def _line_and_column(loaded: Loaded) -> list[tuple[int, int]]:
    return [(each.span.line, each.span.column) for each in loaded.diagnostics if each.span is not None]


def _codes(loaded: Loaded) -> Counter[str]:
    return _codes_of(loaded.diagnostics)


def _codes_of(diagnostics: Iterable[Diagnostic]) -> Counter[str]:
    return Counter(diagnostic.code for diagnostic in diagnostics)
