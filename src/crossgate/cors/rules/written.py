"""A CORS policy beside the words its author wrote: what the rules of this folder look at.

Knows which of a policy's values stand in its own object, where, and in which letters; does not judge them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from crossgate.cors.config import CorsConfig, Dialect, OriginGrammar
from crossgate.cors.rules.written_origin import WrittenOrigin
from crossgate.golang.duration import DurationError, parse_duration


@dataclass(frozen=True, slots=True)
class Lookups:
    """What rules may ask about host names. A look-up that is None leaves the rules that need it silent.

    `public_suffix`: the public suffix of a lower-case ASCII host, None if it has none that is listed. `to_ascii`: the
    form of a Unicode host that browsers send (UTS 46), None if it has none.
    """

    public_suffix: Callable[[str], str | None] | None = None
    to_ascii: Callable[[str], str | None] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One string of a list, with its place."""

    index: int
    text: str
    path: str


@dataclass(frozen=True)
class WrittenPolicy:
    """One policy. Rules report what this object says; what it inherits or leaves out only decides what that means."""

    config: CorsConfig
    lookups: Lookups

    def wrote(self, key: str) -> bool:
        """Whether the object itself has the key. A policy made in Python has all of them."""
        return key in self.config.written or self._made_in_python

    def path(self, key: str) -> str:
        """The path of a key's value."""
        return self.config.at(key)

    def entries(self, key: str) -> Iterator[Entry]:
        """The strings of the object's own list under `key`; nothing where the list is inherited or a default."""
        value = self.config.written.get(key, getattr(self.config, key) if self._made_in_python else ())
        if isinstance(value, list | tuple):
            for index, item in enumerate(value):
                if isinstance(item, str):
                    yield Entry(index, item, self.config.at(key, index))

    def turns_on(self, key: str) -> bool:
        """Whether the object itself sets a boolean key to true."""
        return self.wrote(key) and getattr(self.config, key) is True

    @cached_property
    def origins(self) -> tuple[WrittenOrigin, ...]:
        """The object's own `allow_origins`, taken apart."""
        return tuple(WrittenOrigin.of(e.index, e.text, e.path) for e in self.entries("allow_origins"))

    @cached_property
    def plain_wildcards(self) -> bool:
        """Whether `*` in an origin is KrakenD's: any text. The safe grammar refuses what is unsafe about that."""
        return self.config.origin_grammar is OriginGrammar.KRAKEND

    @property
    def old_dialect(self) -> bool:
        """Whether KrakenD 1.4's request semantics hold."""
        return self.config.dialect is Dialect.KRAKEND_1_4

    @cached_property
    def max_age_nanoseconds(self) -> int | None:
        """The object's own `max_age`, to the nanosecond; None where it has none."""
        if self._made_in_python:
            seconds = self.config.max_age_seconds
            return None if seconds is None else seconds * 1_000_000_000
        value = self.config.written.get("max_age")
        try:
            return parse_duration(value) if isinstance(value, str) else None
        except DurationError:
            return None

    @property
    def _made_in_python(self) -> bool:
        return self.config.dialect is Dialect.FETCH and not self.config.written
