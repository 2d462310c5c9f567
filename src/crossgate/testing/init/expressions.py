"""Values for what CEL expressions ask of requests: candidates, taken from the words of the expressions themselves.

Knows how expressions name parts of requests; does not evaluate them. What it makes is tried before it becomes a test.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Literal

from crossgate.testing.init.approach import sample_of

Part = tuple[Literal["params", "headers", "querystring"], str]
_PART = re.compile(r"req_(params|headers|querystring)(?:\.(\w+)|\[\s*(['\"])(.*?)\3\s*\])")
_HAS = re.compile(r"(['\"])([^'\"]*)\1\s+in\s+req_(params|headers|querystring)")
_TEXT = re.compile(r"(['\"])((?:(?!\1).)*)\1")
_NUMBER = re.compile(r"(?<![\w.'\"])(\d+)(?![\w.])")
_MOST = 400


def parts_of(expressions: Iterable[str]) -> list[Part]:
    """The parts of requests that they look at."""
    found: dict[Part, None] = {}
    for text in expressions:
        for match in _PART.finditer(text):
            found[match[1], match[2] or match[4]] = None  # type: ignore[index]
        for match in _HAS.finditer(text):
            found[match[3], match[2]] = None  # type: ignore[index]
    return list(found)


def candidates(expressions: Iterable[str]) -> Iterator[Mapping[Part, str]]:
    """Values for all of the parts, a bounded number of combinations of them."""
    usable = _values_of_parts(list(expressions))
    for chosen in itertools.islice(itertools.product(*usable.values()), _MOST):
        yield dict(zip(usable, chosen, strict=True))


def variations(expressions: Iterable[str]) -> Iterator[tuple[Part, str | None]]:
    """Each part with each of its values; None: without it, which a parameter of the path cannot be."""
    for part, values in _values_of_parts(list(expressions)).items():
        yield from ((part, value) for value in values)
        if part[0] != "params":
            yield part, None


def _values_of_parts(texts: Sequence[str]) -> dict[Part, list[str]]:
    parts = parts_of(texts)
    names = {name for _, name in parts}
    return {part: values_in([text for text in texts if part in parts_of([text])], names) for part in parts}


def values_in(texts: Iterable[str], names: AbstractSet[str] = frozenset()) -> list[str]:
    """What expressions compare with, and what is near it: texts but those names, samples of patterns, numbers."""
    values = dict.fromkeys(["1"])
    for text in texts:
        values |= dict.fromkeys(match[2] for match in _TEXT.finditer(text) if match[2] not in names)
        values |= dict.fromkeys(sample_of(match[2]) for match in _TEXT.finditer(text) if match[2] not in names)
        for match in _NUMBER.finditer(_TEXT.sub("", text)):
            values |= dict.fromkeys(str(int(match[1]) + step) for step in (-1, 0, 1))
    return [value for value in values if value.isprintable() and value.isascii()]
