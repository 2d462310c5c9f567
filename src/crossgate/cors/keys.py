"""The keys of a CORS block: their names, their types, and what a misspelt one was meant to be.

Knows names; does not know values' meaning.
"""

from enum import Enum, auto


class Type(Enum):
    """What a value must be in JSON."""

    STRINGS = auto()
    BOOLEAN = auto()
    DURATION = auto()  # a string that Go's time.ParseDuration takes
    STATUS = auto()  # an integer in 200..599


KEYS: dict[str, Type] = {
    "allow_origins": Type.STRINGS,
    "allow_methods": Type.STRINGS,
    "allow_headers": Type.STRINGS,
    "expose_headers": Type.STRINGS,
    "max_age": Type.DURATION,
    "allow_credentials": Type.BOOLEAN,
    "debug": Type.BOOLEAN,
    "allow_private_network": Type.BOOLEAN,
    "options_passthrough": Type.BOOLEAN,
    "options_success_status": Type.STATUS,
}
"""The keys of KrakenD's block. Source: the KrakenD documentation page on CORS, 1.4 and 2.13."""

KEYS_SINCE_2_7 = frozenset(("allow_private_network", "options_passthrough", "options_success_status"))
COMMENT_MARKS = ("@", "$", "_", "#")

_PREFIXES = ("accesscontrol", "cors", "allowed", "allow", "options", "option")
_MAX_KEY_CHARACTERS = 64
_MAX_NAMES = 200


def is_comment(key: str) -> bool:
    """Whether a key is a comment by KrakenD's convention."""
    return key.startswith(COMMENT_MARKS)


def resembled_key(key: str, known: tuple[str, ...]) -> str | None:
    """The known key that an unknown one was probably meant to be; None if it resembles none.

    Letters count, not their case nor what separates words; `allow` and the like in front may be missing. A key that
    speaks of origins counts as `allow_origins`: to leave such a one out would open the gate.
    """
    letters = _letters(key[:_MAX_KEY_CHARACTERS])
    if not letters:
        return None
    best: tuple[int, str] | None = None
    for name in known:
        target = _letters(name)
        most = _tolerance(min(len(letters), len(target)))
        distance = min(_distance(letters, target, most), _distance(_stem(letters), _stem(target), most))
        if distance <= most and (best is None or distance < best[0]):
            best = distance, name
    if best is not None:
        return best[1]
    return "allow_origins" if "origin" in letters and "allow_origins" in known else None


def nearest_name(name: str, known: tuple[str, ...]) -> str | None:
    """The known name that is at most two edits away from this one, if any; of very many, the first are looked at."""
    name = name[:_MAX_KEY_CHARACTERS]
    ranked = sorted((_distance(name, other[:_MAX_KEY_CHARACTERS], 2), other) for other in known[:_MAX_NAMES])
    return ranked[0][1] if ranked and ranked[0][0] <= 2 else None


def _letters(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


def _stem(letters: str) -> str:
    for prefix in _PREFIXES:
        if len(letters) > len(prefix) + 3:
            letters = letters.removeprefix(prefix)
    return letters


def _tolerance(length: int) -> int:
    """How many edits still count as the same word."""
    if length <= 3:
        return 0
    return 1 if length <= 6 else 2


def _distance(one: str, other: str, most: int) -> int:
    """Edits between two short texts: insertions, deletions, substitutions, swaps of neighbours.

    Any number above `most` where there are more: whoever writes ten thousand names is not to wait for the exact one.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        before, row, previous = row, [i], before
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != wanted))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
        if min(row) > most and min(before) > most:  # a swap reaches back two rows
            return most + 1
    return row[-1]
