"""Origins as words of small automata: what an entry of `allow_origins` matches, and what browsers can send at all.

An automaton is walked byte by byte; None is a state from which nothing is accepted. Knows the engine's patterns; does
not know which policy has them.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from crossgate.compare.serialized_origins import LOWER, SerializedOrigins
from crossgate.cors.origin_pattern import OriginPattern, PrefixSuffix, WholeParts
from crossgate.cors.origin_set import MAX_ORIGIN_BYTES

State = Any
"""Hashable. Each automaton has states of its own kind."""


class Automaton(Protocol):
    """A deterministic automaton over characters."""

    start: State

    def step(self, state: State, char: str) -> State:
        """The next state; None where nothing can be accepted any more."""

    def accepts(self, state: State) -> bool:
        """Whether the word so far is accepted."""


class _Ending:
    """Positions in a text that words shall end with, after every character (Knuth, Morris and Pratt)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._fallback = [0] * (len(text) + 1)
        matched = 0
        for index in range(1, len(text)):
            while matched and text[index] != text[matched]:
                matched = self._fallback[matched]
            matched += text[index] == text[matched]
            self._fallback[index + 1] = matched

    def step(self, matched: int, char: str) -> int:
        """How much of the text the word now ends with."""
        if matched == len(self.text):
            matched = self._fallback[matched]
        while matched and (matched == len(self.text) or self.text[matched] != char):
            matched = self._fallback[matched]
        return matched + (bool(self.text) and self.text[matched] == char)


class WordsWithAffixes:
    """KrakenD's pattern. Letters are folded, as the engine does before it compares."""

    def __init__(self, pattern: PrefixSuffix) -> None:
        self._prefix = pattern.prefix.decode("latin-1")
        self._ending = _Ending(pattern.suffix.decode("latin-1"))
        self._whole = len(self._prefix) + len(pattern.suffix)
        self.start: State = 0

    def step(self, state: State, char: str) -> State:
        """States are numbers: so much of the prefix, then so much of the suffix."""
        char = char.lower()
        if state < len(self._prefix):
            return state + 1 if self._prefix[state] == char else None
        return len(self._prefix) + self._ending.step(state - len(self._prefix), char)

    def accepts(self, state: State) -> bool:
        """Whether prefix and suffix are there, one after the other."""
        return bool(state == self._whole)


class WordsOfParts:
    """The safe pattern, among words that `SerializedOrigins` accepts; others it may accept or not."""

    def __init__(self, pattern: WholeParts) -> None:
        self._head = f"{pattern.scheme}://"
        if pattern.subdomains:
            self._ending = _Ending(f".{pattern.host}")
        else:
            self._head += pattern.host
            self._ending = _Ending("")
        self._subdomains = pattern.subdomains
        self._port = pattern.port
        self.start: State = ("head", 0)

    def step(self, state: State, char: str) -> State:
        """States: so much of what is fixed, of the host's end, of the port."""
        part, done = state
        if part == "head":
            if self._head[done] != char:
                return None
            return ("head", done + 1) if done + 1 < len(self._head) else ("host", 0)
        if part == "host":
            if char == ":":
                return ("port", 0) if done == len(self._ending.text) and self._port else None
            # An address has no subdomains.
            return ("host", self._ending.step(done, char)) if self._subdomains and char != "[" else None
        if self._port == "*":
            return state
        return ("port", done + 1) if self._port[done : done + 1] == char else None

    def accepts(self, state: State) -> bool:
        """Whether all parts are there."""
        part, done = state
        if part == "host":
            return done == len(self._ending.text) and self._port in ("", "*")
        return part == "port" and (self._port == "*" or done == len(self._port))


class Both:
    """Words that two automata accept."""

    def __init__(self, first: Automaton, second: Automaton) -> None:
        self._first, self._second = first, second
        self.start: State = (first.start, second.start)

    def step(self, state: State, char: str) -> State:
        """A pair of states, none of them dead."""
        first = self._first.step(state[0], char)
        second = None if first is None else self._second.step(state[1], char)
        return None if second is None else (first, second)

    def accepts(self, state: State) -> bool:
        """Whether both do."""
        return self._first.accepts(state[0]) and self._second.accepts(state[1])


class Listed:
    """The words of a list. With `folds_case`, in any letters."""

    def __init__(self, words: Iterable[str], *, folds_case: bool) -> None:
        self._folds_case = folds_case
        self._words = frozenset(words)
        self._beginnings = {word[:end] for word in self._words for end in range(len(word) + 1)}
        self.start: State = ""

    def step(self, state: State, char: str) -> State:
        """A state is what was read."""
        read = str(state) + (char.lower() if self._folds_case else char)
        return read if read in self._beginnings else None

    def accepts(self, state: State) -> bool:
        """Whether that is a word of the list."""
        return state in self._words


class Receivable:
    """What reaches the comparison of origins: a field's value has no blank at either end and is not empty."""

    start: State = "start"

    def step(self, state: State, char: str) -> State:
        """Whether the last character was a blank."""
        if char in " \t":
            return None if state == "start" else "blank"
        return "text"

    def accepts(self, state: State) -> bool:
        """Whether it is text that ends."""
        return bool(state == "text")


SERIALIZED = SerializedOrigins()
_RECEIVABLE = Receivable()


def automaton_of(pattern: OriginPattern, *, among_serialized: bool) -> Automaton:
    """The automaton of a compiled pattern."""
    if isinstance(pattern, PrefixSuffix):
        return WordsWithAffixes(pattern)
    if not isinstance(pattern, WholeParts):
        raise TypeError(f"no automaton is known for {pattern!r}")
    shape = WordsOfParts(pattern)
    return shape if among_serialized else Both(SERIALIZED, shape)


def shortest_word(
    required: Sequence[Automaton],
    refused: Sequence[Automaton],
    texts: Iterable[str],
    *,
    serialized: bool,
    addresses: bool,
) -> str | None:
    """The shortest origin that all of `required` and none of `refused` accept; None where there is none.

    `texts` are the texts that the automata were made of: other characters are alike to them. With `serialized` only
    what browsers send counts, else whatever the engine compares. `addresses` is False where no IPv6 address can be in
    such a word unless `texts` have it. Linear in the product of the automata.
    """
    needed = (*required, SERIALIZED if serialized else _RECEIVABLE)
    alphabet = _alphabet(texts, serialized=serialized, addresses=addresses)
    start = (tuple(one.start for one in needed), tuple[State, ...](one.start for one in refused))
    came_from: dict[object, tuple[object, str] | None] = {start: None}
    row = [start]
    for _ in range(MAX_ORIGIN_BYTES):
        following = []
        for state in row:
            for char in alphabet:
                ahead = _product_step(state, char, needed, refused)
                if ahead is None or ahead in came_from:
                    continue
                came_from[ahead] = (state, char)
                if _product_accepts(ahead, needed, refused):
                    return _word(ahead, came_from)
                following.append(ahead)
        row = following
        if not row:
            break
    return None


_Product = tuple[tuple[State, ...], tuple[State, ...]]


def _product_step(
    state: _Product, char: str, needed: Sequence[Automaton], refused: Sequence[Automaton]
) -> _Product | None:
    alive = []
    for one, at in zip(needed, state[0], strict=True):
        ahead = one.step(at, char)
        if ahead is None:
            return None
        alive.append(ahead)
    avoided = [None if at is None else one.step(at, char) for one, at in zip(refused, state[1], strict=True)]
    return tuple(alive), tuple(avoided)


def _product_accepts(state: _Product, needed: Sequence[Automaton], refused: Sequence[Automaton]) -> bool:
    return all(one.accepts(at) for one, at in zip(needed, state[0], strict=True)) and not any(
        at is not None and one.accepts(at) for one, at in zip(refused, state[1], strict=True)
    )


def _word(state: object, came_from: dict[object, tuple[object, str] | None]) -> str:
    chars: list[str] = []
    while (step := came_from[state]) is not None:
        state, char = step
        chars.append(char)
    return "".join(reversed(chars))


def _alphabet(texts: Iterable[str], *, serialized: bool, addresses: bool) -> str:
    """One character of each class that the automata can tell apart, what looks natural first."""
    used = {char for text in texts for char in text}
    grammar = "0123456789x.:/-_+" + ("[]" if addresses else "")
    fresh = [next((char for char in some if char not in used), "") for some in ("aebcdf", "othrsgijklmnpquvwxyz")]
    kept = dict.fromkeys("".join(fresh) + "".join(sorted(used & LOWER)) + grammar + "".join(sorted(used)))
    if not serialized:
        others = (chr(code) for code in range(0x21, 0x7F))
        stranger = next((char for char in others if char not in kept and char.lower() == char), "")
        kept |= dict.fromkeys([stranger, *(char.upper() for char in list(kept)), " "])
    return "".join(char for char in kept if char == "\t" or " " <= char <= "~")
