"""Which namespace an unknown name was meant to be, and whether that is a guard.

Typing errors, wrong prefixes, wrong letter case, other punctuation, a part of the name alone.

Knows names only: not where they stand or what they hold.
"""

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache

from crossgate.config.namespaces.table import (
    ENTERPRISE,
    GUARD_FAMILIES,
    NAMESPACES,
    PLAIN_FAMILIES,
    NamespaceSpec,
    by_any_name,
)

_BY_NAME = by_any_name()
_REPOSITORY = re.compile(
    r"(?:https?://)?(?:www[._])?git\w*[._-]?com[/._](?:(?!krakend[-_])[^/])*/(?:krakend(?:[-_/]|$))?"
)
_ALIKE = 0.75
"""Least share of equal letters. `qos/ratelimit` has .8 of `qos/ratelimit/router`, `routr` .9 of `router`."""
_NEARLY = 0.95
"""The same where the repository counts: one typing error in `github.com/devopsfaith/krakend-cel`, not another name."""
_BONUS = 0.06
_WORDS = {
    "auth": "auth/validator",
    "authn": "auth/validator",
    "authz": "auth/validator",
    "authentication": "auth/validator",
    "authorization": "auth/validator",
    "jwt": "auth/validator",
    "jose": "auth/validator",
    "oauth": "auth/client-credentials",
    "oauth2": "auth/client-credentials",
    "ratelimit": "qos/ratelimit/router",
    "lua": "modifier/lua-endpoint",
    "amqp": "backend/amqp/consumer",
    "pubsub": "backend/pubsub/publisher",
}
"""What a guard is called where its name is not known, as the first or last part of a name."""


def is_guard(name: str, known: NamespaceSpec | None) -> bool:
    """Whether leaving this namespace out would open something. `known` is the one that has exactly this name."""
    spec = known or _same_letters(name)
    if spec is not None:
        return spec.guard
    if _in_family(name, GUARD_FAMILIES):
        return True
    lower = name.lower()
    if lower.startswith((*PLAIN_FAMILIES, *ENTERPRISE)):
        return False
    meant = resembled(name, "")
    return meant is not None and meant.guard


@lru_cache(maxsize=4096)
def resembled(name: str, scope: str) -> NamespaceSpec | None:
    """The namespace that an unknown name probably means. Of two that are about as close, one of this scope."""
    letters = _letters(name)
    first, last = _parts(name)
    found = [(ratio, spec) for written, spec in _LETTERS if (ratio := _ratio(letters, written)) >= _ALIKE]
    found += [(0.9 * _ratio(last, written), spec) for written, spec in _LAST if _is_end(last, written)]
    whole = _alphanumeric(name)
    found += [(ratio, spec) for written, spec in _WHOLE if (ratio := _ratio(whole, written)) >= _NEARLY]
    found += [(0.8, _BY_NAME[_WORDS[part]]) for part in (first, last) if part in _WORDS]
    if not found:
        return None
    return max(found, key=lambda each: each[0] + _BONUS * (scope in each[1].scopes))[1]


def _letters(name: str) -> str:
    """A name without what people get wrong: where its source lies, letter case, punctuation."""
    return _alphanumeric(_without_repository(name))


def _alphanumeric(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _without_repository(name: str) -> str:
    lower = name.strip().lower().replace("\\", "/")
    return _REPOSITORY.sub("", lower, count=1).removeprefix("krakend-")


def _same_letters(name: str) -> NamespaceSpec | None:
    letters = _letters(name)
    return next((spec for written, spec in _LETTERS if written == letters), None)


def _in_family(name: str, families: tuple[str, ...]) -> bool:
    """Whether a name begins as a family does, with whatever stands for its slashes."""
    text = re.sub(r"[^a-z0-9]+", "/", name.strip().lower()).lstrip("/")
    return text.startswith(families)


def _parts(name: str) -> tuple[str, str]:
    """The first and the last part of a name, in letters only."""
    parts = [part for part in re.split(r"[/.]", _without_repository(name)) if part] or [""]
    return _letters(re.split(r"[-_]", parts[0])[0]), _letters(parts[-1])


def _is_end(part: str, last: str) -> bool:
    """Whether the end of a name is that of a namespace. Long ones may have a typing error."""
    return part == last or (len(last) >= 8 and _ratio(part, last) >= 0.8)


def _ratio(one: str, other: str) -> float:
    """Between 0 and 1: the share of letters that are equal, in order. Short names have to be equal.

    A name is held against some four hundred, so what cannot be alike is told by its length and its letters alone.
    """
    if min(len(one), len(other)) < 4:
        return float(one == other)
    most = _ALIKE * (len(one) + len(other)) / 2
    if min(len(one), len(other)) < most:
        return 0.0
    counts = _counts(other)
    if sum(min(count, counts.get(letter, 0)) for letter, count in _counts(one).items()) < most:
        return 0.0
    return SequenceMatcher(None, one, other).ratio()


@lru_cache(maxsize=4096)
def _counts(text: str) -> Counter[str]:
    return Counter(text)


def _last_parts() -> Iterator[tuple[str, NamespaceSpec]]:
    """The ends of KrakenD's names that say what is meant: `http` could be a guard or not."""
    ends = [(_letters(spec.name.rpartition("/")[2]), spec) for spec in NAMESPACES if spec.scopes != ("async_agent",)]
    for end, spec in ends:
        if not spec.is_own and all(other.guard == spec.guard for last, other in ends if last == end):
            yield end, spec


_LETTERS = tuple((_letters(name), spec) for name, spec in _BY_NAME.items())
_LAST = tuple(_last_parts())
_WHOLE = tuple((_alphanumeric(name), spec) for name, spec in _BY_NAME.items())
