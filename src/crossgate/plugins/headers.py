"""Header fields as plugins see and change them.

Names in any letter case, values as text; each octet of a value is one character (Latin-1), as HTTP has them. What is
set is checked at once, so that no plugin can break a message into two. Knows nothing of what a field means.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

MAX_LINES = 256
MAX_BYTES = 65_536
"""Bounds of all fields of a message once a plugin has changed one of them."""

_FEW = 16
_SMALL = 256
_MEMO_SIZE = 512

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}\Z")
_NOT_IN_VALUES = re.compile("[\x00-\x08\x0a-\x1f\x7f]")

Lines = list[tuple[bytes, bytes]]


class Source(Protocol):
    """A message that finds the first value of a lower-case name, and has all lines when they are asked for."""

    @property
    def fields(self) -> Lines:
        """All lines. The list is not changed."""

    def first(self, name: bytes, /) -> bytes | None:
        """The first value of that name."""


class Headers:
    """Field lines in order. Several lines may have one name: `get` and `[]` give the first, `all` gives them all.

    `changed` says whether a plugin has changed any, or made them all. Setting raises ValueError for what is no field.
    """

    # Of a message, fields that are set are kept apart from its lines until somebody wants those.
    __slots__ = ("_edits", "_known", "_source", "changed")

    def __init__(self, fields: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        self._known: Lines | None = []
        self._source: Source | None = None
        self._edits: dict[bytes, bytes] = {}
        pairs = fields.items() if isinstance(fields, Mapping) else fields
        for name, value in pairs:
            self.add(name, value)
        self.changed = True

    @classmethod
    def of_lines(cls, lines: Lines) -> "Headers":
        """Those of a message. The list is not changed."""
        headers = cls()
        headers._known = lines  # its own
        headers.changed = False
        return headers

    @classmethod
    def of_message(cls, source: Source) -> "Headers":
        """Those of a message, which is not changed."""
        headers = cls.__new__(cls)
        headers._known = None  # noqa: SLF001 # its own
        headers._source = source  # noqa: SLF001
        headers._edits = {}  # noqa: SLF001
        headers.changed = False
        return headers

    @property
    def _lines(self) -> Lines:
        if self._known is None:
            lines, edits = [] if self._source is None else self._source.fields, self._edits
            if edits:
                lines = [line for line in lines if line[0].lower() not in edits] + list(edits.items())
                self._source, self._edits = None, {}
            self._known = lines
        return self._known

    @property
    def edits(self) -> dict[bytes, bytes] | None:
        """The fields that were set, where nothing else was done to those of a message; not to be changed. Else None."""
        return self._edits if self._edits and self._known is None else None

    def get(self, name: str, default: str | None = None) -> str | None:
        """The value of the first line of that name."""
        wanted = name.lower().encode("latin-1", "replace")
        if self._source is not None:
            found = self._edits.get(wanted) if wanted in self._edits else self._source.first(wanted)
            return default if found is None else found.decode("latin-1")
        for known, value in self._lines:
            if known == wanted or known.lower() == wanted:
                return value.decode("latin-1")
        return default

    def all(self, name: str) -> list[str]:
        """The values of all lines of that name."""
        wanted = name.lower().encode("latin-1", "replace")
        return [value.decode("latin-1") for known, value in self._lines if known.lower() == wanted]

    def add(self, name: str, value: str) -> None:
        """One more line."""
        line = _line(name, value)
        self._take([*self._lines, line])

    def items(self) -> list[tuple[str, str]]:
        """All lines, names in lower case."""
        return [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in self._lines]

    def lines(self) -> Lines:
        """All lines as octets. Not to be changed."""
        return self._lines

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __setitem__(self, name: str, value: str) -> None:
        """Put one line in the place of all of that name."""
        line = _line(name, value)
        if self._known is None and len(self._edits) < _FEW and len(line[1]) <= _SMALL:
            self._edits[line[0]] = line[1]
            self.changed = True
        else:
            self._take([*self._without(line[0]), line])

    def __delitem__(self, name: str) -> None:
        """Remove all lines of that name; nothing happens where there is none."""
        kept = self._without(name.lower().encode("latin-1", "replace"))
        if len(kept) != len(self._lines):
            self._known, self._source, self._edits = kept, None, {}
            self.changed = True

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for name, _ in self.items()))

    def __len__(self) -> int:
        return len(self._lines)

    def __repr__(self) -> str:
        return f"Headers({list(self)})"  # names only: values may be secrets

    def _without(self, name: bytes) -> Lines:
        return [line for line in self._lines if line[0].lower() != name]

    def _take(self, lines: Lines) -> None:
        if len(lines) > MAX_LINES or sum(len(name) + len(value) for name, value in lines) > MAX_BYTES:
            raise ValueError(f"more than {MAX_LINES} header fields or {MAX_BYTES} bytes of them")
        self._known, self._source, self._edits = lines, None, {}
        self.changed = True


_names: dict[str, bytes] = {}  # that have been looked at; plugins write few


def _line(name: str, value: str) -> tuple[bytes, bytes]:
    written = _names.get(name)
    if written is None:
        if _NAME.match(name) is None:
            raise ValueError(f"{name[:64]!r} is no name of a header field")
        written = name.lower().encode("ascii")
        if len(_names) < _MEMO_SIZE:
            _names[name] = written
    if _NOT_IN_VALUES.search(value) is not None:
        raise ValueError(f"the value of {name} has a control character in it")
    return written, value.strip(" \t").encode("latin-1")
