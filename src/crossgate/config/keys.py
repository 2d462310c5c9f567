"""How the tables of fixed keys are written: one `Key` per key, one `KeyTable` per kind of object.

The tables are the only list of keys there is: decoding, "did you mean" and the editors' schema read them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Literal


class Kind(Enum):
    """What a value has to be."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DURATION = "duration"
    TEXTS = "list of texts"
    TEXT_MAP = "texts by name"
    OBJECT = "object"
    OBJECTS = "list of objects"
    ANY = "any value"


class Manner(Enum):
    """What happens to a value of another type, and how key names are compared."""

    CONVERT = "convert"  # KrakenD's own fields: weak conversion, else refused; names in any letter case
    JSON = "json"  # read by Go's encoding/json, whose errors KrakenD drops: ignored; names in any letter case
    EXACT = "exact"  # looked up in a map by the component: ignored; names exactly
    OWN = "own"  # crossgate's own: refused; names exactly


@dataclass(frozen=True)
class Key:
    """One key. `old` is its name in a version 2 file where that differs; empty: the same.

    `since3` says that KrakenD 1.4 does not know it. `default` and `choices` are for people and editors; a value
    outside `choices` is no error. `minimum` bounds crossgate's own numbers. `inner` are the keys of the object, or of
    each object in the list; `shape` says to people what ANY means here, as JSON names it.
    """

    name: str
    kind: Kind
    doc: str
    default: Any = None
    old: str = ""
    also_old: bool = False  # version 2 reads the new name too
    since3: bool = False
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    exact: bool = False  # letter case matters where it does not for the table's other keys
    inner: "KeyTable | None" = None
    shape: str = ""


@dataclass(frozen=True)
class KeyTable:
    """The keys of one kind of object. `is_list`: what has these keys are the items of a list. `is_open`: others
    may stand beside them, which somebody else reads. `is_free`: there are no fixed keys, and any value may stand there.
    """

    title: str
    manner: Manner
    keys: tuple[Key, ...]
    is_list: bool = False
    is_open: bool = False
    is_free: bool = False

    def __hash__(self) -> int:
        return id(self)

    @cached_property
    def names(self) -> Mapping[Literal[2, 3], Mapping[str, Key]]:
        """The keys by the name a file of that version uses, lower-case where letter case does not matter."""
        by_version: dict[Literal[2, 3], dict[str, Key]] = {2: {}, 3: {}}
        for key in self.keys:
            name, old = (key.name.lower(), key.old.lower()) if self.folds_case else (key.name, key.old)
            by_version[3][name] = key
            if not key.since3 and (not key.old or key.also_old):
                by_version[2][name] = key
            if old:
                by_version[2][old] = key
        return by_version

    @cached_property
    def by_name(self) -> Mapping[str, Key]:
        """The keys by KrakenD 2's names, as the table writes them."""
        return {key.name: key for key in self.keys}

    @cached_property
    def spellings(self) -> Mapping[Literal[2, 3], Mapping[str, str]]:
        """Keys exactly as a file of that version is to write them, which nobody has to be told anything about."""
        return {
            version: {
                spelling: key.name
                for name, key in names.items()
                for spelling in (key.name, key.old)
                if name == (spelling.lower() if self.folds_case else spelling) and (spelling == name or not key.exact)
            }
            for version, names in self.names.items()
        }

    @property
    def folds_case(self) -> bool:
        """Whether letter case of key names does not matter."""
        return self.manner in (Manner.CONVERT, Manner.JSON)


def is_comment(name: str) -> bool:
    """Whether a key is one of those that KrakenD's schema leaves to people: `@comment`, `$schema`, `_off`, `#todo`."""
    return name[:1] in ("@", "$", "_", "#")
