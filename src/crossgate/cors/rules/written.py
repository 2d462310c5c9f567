"""A CORS policy as its author wrote it: what the rules of this folder look at.

Knows the keys of a policy and where each value stands; does not know whether the policy is well typed: what has the
wrong type counts as not written here, since the decoder reports it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from crossgate.cors.rules.browser_form import find_defect
from crossgate.cors.rules.written_origin import WrittenOrigin
from crossgate.diagnostics import path as paths
from crossgate.golang.duration import DurationError, parse_duration

_MOST_PATTERNS = 64  # more patterns than that are not compared with each entry: the cost is their product
NOTHING: Mapping[str, Any] = MappingProxyType({})
Dialect = Literal["krakend", "crossgate", "python"]
_PLAUSIBLE = re.compile(r"[a-z][a-z0-9+.-]*://([*]?[a-z0-9._*-]*[a-z0-9][.]?|\[[0-9a-f:.*]+\])(?::[0-9*]+)?")
_NO_HOSTS = frozenset({"http", "https", "blob", "about", "data", "file"})  # a scheme that lost its slashes


@dataclass(frozen=True, slots=True)
class NameLookups:
    """What rules may ask about host names. The defaults know nothing, and then the rules that ask say nothing.

    `is_public_suffix` takes a lower-case ASCII host without a trailing dot. `ascii_host` gives the form of a Unicode
    host that browsers send (UTS 46), None where it has none.
    """

    is_public_suffix: Callable[[str], bool] = lambda host: False  # noqa: ARG005
    ascii_host: Callable[[str], str | None] = lambda host: None  # noqa: ARG005


@dataclass(frozen=True, slots=True)
class Entry:
    """One string of a list, with its place."""

    index: int
    text: str
    path: str


@dataclass(frozen=True)
class WrittenPolicy:
    """One policy's object. `path` is where it stands, as the diagnostics shall say.

    `values` are the object's keys as the decoder took them: the letter case of KrakenD's names, comments gone.
    `inherited` are the keys that hold where this object is silent: of the policy that a rule or an endpoint adjusts.
    Nothing is reported about inherited keys, but they decide what this object's keys mean. `spelling` has the
    document's spelling of keys that a loader changed, for the paths.
    """

    values: Mapping[str, Any]
    config_version: Literal[2, 3] = 3
    dialect: Dialect = "krakend"
    path: str = "$"
    inherited: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    lookups: NameLookups = field(default_factory=NameLookups)
    spelling: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def path_of(self, key: str) -> str:
        """The path of a key's value."""
        return paths.child(self.path, self.spelling.get(key, key))

    def effective(self, key: str) -> Any:
        """The value that holds for a key: this object's, else the inherited one, else None."""
        return self.values[key] if key in self.values else self.inherited.get(key)

    def entries(self, key: str) -> Iterator[Entry]:
        """The strings that this object's list under `key` holds, in order, with their places in the whole list."""
        if key in self.values:
            yield from _strings(self.values[key], self.path_of(key))

    def effective_texts(self, key: str) -> tuple[str, ...]:
        """The strings of the list that holds for `key`, inherited or not."""
        return tuple(entry.text for entry in _strings(self.effective(key), ""))

    def flag(self, key: str) -> bool:
        """Whether a boolean key is true, here or inherited."""
        return self.effective(key) is True

    def turns_on(self, key: str) -> bool:
        """Whether this object itself sets a boolean key to true."""
        return self.values.get(key) is True

    @cached_property
    def origins(self) -> tuple[WrittenOrigin, ...]:
        """This object's `allow_origins`, taken apart."""
        return tuple(WrittenOrigin.of(e.index, e.text, e.path) for e in self.entries("allow_origins"))

    @cached_property
    def _patterns(self) -> Sequence[WrittenOrigin]:
        return [origin for origin in self.origins if origin.pattern is not None][:_MOST_PATTERNS]

    @cached_property
    def _star(self) -> WrittenOrigin | None:
        return next((origin for origin in self.origins if origin.is_any), None)

    def cover_of(self, origin: WrittenOrigin) -> WrittenOrigin | None:
        """Another entry that allows all that this one does, so that it has no effect: a bare `*`, or a pattern."""
        if origin.is_any:
            return None
        if self._star is not None:
            return self._star
        others = (other for other in self._patterns if other.text.lower() != origin.text.lower())
        return next((other for other in others if other.covers(origin)), None)

    def proposal(self, origin: WrittenOrigin) -> str:
        """A hint: the origin that was most likely meant, or the form of one where that is anybody's guess."""
        meant = _PLAUSIBLE.fullmatch(self.repaired(origin))
        if meant is None or meant[1] in _NO_HOSTS:
            return 'write scheme and host: "https://example.com"'
        return f'write "{meant[0]}"'

    def repaired(self, origin: WrittenOrigin) -> str:
        """The serialized origin that an entry's author most likely meant, its host in ASCII where that is known."""
        return origin.repaired(None if origin.text.isascii() else self.ascii_host(origin))

    def ascii_host(self, origin: WrittenOrigin) -> str | None:
        """The ASCII form of an entry's host, label by label, so that a wildcard stays; None if it has none."""
        labels = ["*" if label == "*" else label and self.lookups.ascii_host(label) for label in origin.host.split(".")]
        known = [label for label in labels if label is not None]
        host = ".".join(known)
        return None if len(known) < len(labels) or find_defect("https", host, None) else host

    @property
    def krakend_origins(self) -> tuple[WrittenOrigin, ...]:
        """The origins in KrakenD's dialect, which takes any text. In the others the decoder refuses bad ones."""
        return self.origins if self.plain_wildcards else ()

    @property
    def plain_wildcards(self) -> bool:
        """Whether `*` in an origin is KrakenD's: any text. The other dialects refuse what is unsafe about that."""
        return self.dialect == "krakend"

    @property
    def old_semantics(self) -> bool:
        """Whether methods and headers compare as in KrakenD 1.4."""
        return self.config_version == 2 and self.dialect != "python"

    @cached_property
    def allows_any_origin(self) -> bool:
        """Whether every origin is allowed: by a bare `*`, or in KrakenD's dialect by leaving the list empty."""
        texts = self.effective_texts("allow_origins")
        return "*" in texts or (self.plain_wildcards and not texts)

    @cached_property
    def max_age_nanoseconds(self) -> int | None:
        """What this object's `max_age` says; None where it says nothing that can be understood."""
        value = self.values.get("max_age")
        if self.dialect == "python":
            return value * 1_000_000_000 if isinstance(value, int) and not isinstance(value, bool) else None
        try:
            return parse_duration(value) if isinstance(value, str) else None
        except DurationError:
            return None

    def duration(self, seconds: int) -> str:
        """How this dialect writes a duration of whole hours."""
        return str(seconds) if self.dialect == "python" else f'"{seconds // 3600}h"'


def _strings(value: Any, path: str) -> Iterator[Entry]:
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            if isinstance(item, str):
                yield Entry(index, item, f"{path}[{index}]")
