"""All origins there are, divided by what two policies make of them: which of its lists has an origin first, in each.

Exact: a cell is there if and only if some origin is in it. What is listed is looked up; what patterns match is found as
words of automata, where none of the usual names shows it. Knows lists; does not know what their members may do.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from crossgate.compare.origin_words import Automaton, Listed, automaton_of, shortest_word
from crossgate.cors.config import CorsConfig, OriginGrammar
from crossgate.cors.origin import parse_serialized_origin
from crossgate.cors.origin_pattern import OriginPattern, PrefixSuffix, WholeParts
from crossgate.cors.origin_set import MAX_ORIGIN_BYTES, OriginSet, origin_defect

_OPAQUE = b"null"
_ADDRESS = frozenset("0123456789abcdef:]")  # what an IPv6 address in a host ends with, and a port behind it
# No browser sends these. KrakenD's `*` takes them all the same.
_UNUSUAL = ("https://other_.example/", "https://b\u00fccher.example", "https://" + "a" * MAX_ORIGIN_BYTES)

# What may stand for a star, as people would write it.
_FILLINGS = (
    "other",
    "",
    "8080",
    "https://other.example",
    "https://other",
    "https://other.",
    ".other.example",
    "other.example",
    "other.",
    ".example",
    "s",
    "s://other.example",
    "s://other",
    "s://other.",
    "://other.example",
    ":8080",
    "0",
    "10.0.0.1",
    "::1",
    "::1]",
    "[::1]",
)


@dataclass(frozen=True, slots=True)
class Division:
    """The lists of one policy, the first that has an origin counts. None: it has none, every origin is refused."""

    lists: tuple[OriginSet, ...]
    folds_case: tuple[bool, ...]

    def first(self, origin: bytes) -> int | None:
        """The index of the list that decides; None if none has the origin. As the engine's own search."""
        defect = origin_defect(origin)
        for index, one in enumerate(self.lists):
            if (defect is None or one.any_origin) and one.find(origin) is not None:
                return index
        return None

    @property
    def reached(self) -> int:
        """How many of the lists any origin gets to: none behind one that has all."""
        return next((index + 1 for index, one in enumerate(self.lists) if one.any_origin), len(self.lists))


def division_of(config: CorsConfig | None) -> Division:
    """The lists of a policy: of its rules, then its own."""
    parts = () if config is None else (*config.rules, config)
    return Division(
        tuple(OriginSet(part.allow_origins, part.origin_grammar, any_origin=part.any_origin) for part in parts),
        tuple(part.origin_grammar is OriginGrammar.KRAKEND for part in parts),
    )


Pair = tuple[int | None, int | None]
"""Which list has an origin in the old policy and in the new one."""


@dataclass(slots=True)
class Cell:
    """The origins of one pair. `exact` are those that a list names, `patterns` a text and an origin for each pattern.

    `other` is an origin of neither kind. `unsendable` is one that no browser sends, where there is none that it does.
    """

    exact: list[str] = field(default_factory=list)
    patterns: dict[str, str] = field(default_factory=dict)
    other: str | None = None
    unsendable: str | None = None

    @property
    def example(self) -> str | None:
        """An origin that browsers send."""
        named = [origin for origin in self.exact if origin != "null"]
        return next(iter([*named, *self.patterns.values(), *([self.other] if self.other else []), *self.exact]), None)


class _Hull:
    """A pattern with the text that each of its words begins and ends with. `parts` is None for KrakenD's."""

    def __init__(self, pattern: OriginPattern) -> None:
        self.pattern = pattern
        self.parts = parts = pattern if isinstance(pattern, WholeParts) else None
        if isinstance(pattern, PrefixSuffix):
            self.prefix, self.suffix = pattern.prefix.decode("latin-1"), pattern.suffix.decode("latin-1")
            self.text = f"{self.prefix}*{self.suffix}"
            self.has_addresses = _ADDRESS.issuperset(self.suffix) or "[" in self.text
        elif parts is not None:
            stars = "*." if parts.subdomains else ""
            port = f":{parts.port}" if parts.port else ""
            self.prefix = f"{parts.scheme}://" + ("" if stars else parts.host)
            self.suffix = "" if parts.port == "*" else (f".{parts.host}" if stars else "") + port
            self.text = f"{parts.scheme}://{stars}{parts.host}{port}"
            self.has_addresses = "[" in self.text
        else:
            raise TypeError(f"nothing is known of {pattern!r}")

    @cached_property
    def among_serialized(self) -> Automaton:
        """Its automaton where only what browsers send counts."""
        return automaton_of(self.pattern, among_serialized=True)

    @cached_property
    def among_all(self) -> Automaton:
        """Its automaton for any word."""
        return automaton_of(self.pattern, among_serialized=False)

    def meets(self, other: "_Hull") -> bool:
        """False only where no word is in both."""
        return (self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix)) and (
            self.suffix.endswith(other.suffix) or other.suffix.endswith(self.suffix)
        )

    def is_within(self, other: "_Hull", *, among_serialized: bool) -> bool:
        """True only where all of its words are the other's."""
        mine, theirs = self.parts, other.parts
        if theirs is None:
            return self.prefix.startswith(other.prefix) and self.suffix.endswith(other.suffix)
        if mine is None:
            port = "" if theirs.port in ("", "*") else f":{theirs.port}"
            return (
                among_serialized
                and theirs.subdomains
                and self.prefix.startswith(f"{theirs.scheme}://")
                and self.suffix.endswith(f".{theirs.host}{port}")
            )
        if mine.scheme != theirs.scheme or theirs.port not in ("*", mine.port):
            return False
        if mine.host == theirs.host:
            return mine.subdomains == theirs.subdomains
        return theirs.subdomains and mine.host.endswith(f".{theirs.host}")

    def words(self, other: "_Hull | None") -> Iterator[str]:
        """Words that may be in both, the most natural first."""
        prefix, suffix = self.prefix, self.suffix
        ports = [hull.parts.port == "*" for hull in (self, other) if hull is not None and hull.parts is not None]
        if self.parts is not None and self.parts.port == "*" and self.parts.subdomains:
            suffix = f".{self.parts.host}"
        if other is not None:
            prefix = max(prefix, other.prefix, key=len)
            suffix = max(suffix, other.suffix, key=len)
        for ending in ("", ":8080") if any(ports) else ("",):
            for filling in _FILLINGS:
                yield prefix + filling + suffix + ending


def divide(old: Division, new: Division, is_of_interest: Callable[[Pair], bool]) -> dict[Pair, Cell]:
    """The cells of all pairs of interest that any origin is in."""
    return _Divider(old, new, is_of_interest).cells


class _Divider:
    def __init__(self, old: Division, new: Division, is_of_interest: Callable[[Pair], bool]) -> None:
        self._old, self._new = old, new
        self._is_of_interest = is_of_interest
        self.cells: dict[Pair, Cell] = {}
        self._hulls = tuple(
            tuple(tuple(_Hull(pattern) for pattern in one.patterns) for one in side.lists) for side in (old, new)
        )
        mixed = len({*old.folds_case, *new.folds_case}) > 1
        self._look_up(mixed)
        for pair in self._pairs():
            if is_of_interest(pair):
                self._search(pair)

    def _look_up(self, mixed: bool) -> None:
        """What is listed, and what can be met anywhere."""
        for one in sorted({origin for side in (self._old, self._new) for part in side.lists for origin in part.exact}):
            if one and one == one.strip(b" \t"):
                self._note(one, "exact")
                if mixed:
                    self._note(one.upper(), "exact")
        self._note(_OPAQUE, "exact")
        for text in _UNUSUAL:
            self._note(text.encode(), "other")

    def _note(self, origin: bytes, how: str) -> None:
        pair = (self._old.first(origin), self._new.first(origin))
        if not self._is_of_interest(pair):
            return
        cell = self.cells.setdefault(pair, Cell())
        text = origin.decode("latin-1")
        if not is_sendable(text):
            cell.unsendable = cell.unsendable or text
        elif how == "exact":
            cell.exact.append(text)
        else:
            cell.other = cell.other or text

    def _pairs(self) -> Iterator[Pair]:
        for before in (*range(self._old.reached), None):
            for after in (*range(self._new.reached), None):
                yield before, after

    def _search(self, pair: Pair) -> None:
        """The origins that patterns match, and those that nothing but `*` does."""
        generators = [
            None if index is None or side.lists[index].any_origin else hulls[index]
            for index, side, hulls in zip(pair, (self._old, self._new), self._hulls, strict=True)
        ]
        before, after = generators
        if before is not None and after is not None:
            if pair not in self.cells or self.cells[pair].example is None:
                self._search_any(pair, before, after)
            return
        patterns = before if before is not None else after
        if patterns is None:
            self._try(pair, None, None)
            return
        for hull in patterns:
            self._try(pair, hull, None)

    def _search_any(self, pair: Pair, before: Sequence[_Hull], after: Sequence[_Hull]) -> None:
        for first in before:
            for second in after:
                if first.meets(second) and self._try(pair, first, second):
                    return

    def _try(self, pair: Pair, first: _Hull | None, second: _Hull | None) -> bool:
        """Whether an origin that browsers send is in the pair's cell by these patterns."""
        kept = [hull for hull in (first, second) if hull is not None]
        refused = [hull for hull in self._refused_patterns(pair) if all(hull.meets(one) for one in kept)]
        if any(one.is_within(hull, among_serialized=False) for one in kept for hull in refused):
            return False
        found = None
        if not any(one.is_within(hull, among_serialized=True) for one in kept for hull in refused):
            found = self._usual(pair, kept) or self._exact(pair, kept, refused, serialized=True)
        cell = self.cells.get(pair)
        if found is not None:
            cell = self.cells.setdefault(pair, Cell())
            # The narrower of two patterns says more.
            text = max((hull.text for hull in kept), key=len, default=None)
            if text is None:
                cell.other = cell.other or found
            else:
                cell.patterns.setdefault(text, found)
            return True
        if cell is None or (cell.example is None and cell.unsendable is None):
            odd = self._exact(pair, kept, refused, serialized=False)
            if odd is not None:
                self.cells.setdefault(pair, Cell()).unsendable = odd
        return False

    def _usual(self, pair: Pair, kept: Sequence[_Hull]) -> str | None:
        words: Iterable[str] = (word for hull in kept[:1] for word in hull.words(kept[1] if kept[1:] else None))
        if not kept:
            words = ("https://other.example", "http://other.example", "https://other.example:8080", "app://other")
        for word in words:
            if is_sendable(word):
                origin = word.encode("latin-1")
                if (self._old.first(origin), self._new.first(origin)) == pair:
                    return word
        return None

    def _exact(self, pair: Pair, kept: Sequence[_Hull], refused: Sequence[_Hull], *, serialized: bool) -> str | None:
        hulls = [*kept, *refused]
        automata = [hull.among_serialized if serialized else hull.among_all for hull in hulls]
        lists = list(self._refused_words(pair, kept))
        texts = [hull.text for hull in hulls] + [word for words, _ in lists for word in words]
        avoided = [*automata[len(kept) :], *(Listed(words, folds_case=folds) for words, folds in lists)]
        addresses = all(hull.has_addresses for hull in kept)
        return shortest_word(
            automata[: len(kept)], avoided, texts, serialized=serialized, addresses=addresses or not serialized
        )

    def _refused_lists(self, pair: Pair) -> Iterator[tuple[int, int]]:
        """Lists that do not have the origins of the pair, as (side, index)."""
        for side, (index, division) in enumerate(zip(pair, (self._old, self._new), strict=True)):
            for before in range(len(division.lists) if index is None else index):
                yield side, before

    def _refused_patterns(self, pair: Pair) -> list[_Hull]:
        return [hull for side, index in self._refused_lists(pair) for hull in self._hulls[side][index]]

    def _refused_words(self, pair: Pair, kept: Sequence[_Hull]) -> Iterator[tuple[list[str], bool]]:
        for side, index in self._refused_lists(pair):
            division = (self._old, self._new)[side]
            words = [
                origin.decode("latin-1")
                for origin in division.lists[index].exact
                if all(hull.pattern.matches(origin.lower()) for hull in kept)
            ]
            if words:
                yield words, division.folds_case[index]


def is_sendable(origin: str) -> bool:
    """Whether browsers send that as the origin of some page."""
    return origin == "null" or parse_serialized_origin(origin) is not None
