"""What Cache-Control, Date, Expires and Vary mean for a kept answer. Pure: given the time, in seconds since the epoch.

Source: gregjones/httpcache `httpcache.go`, which KrakenD uses; RFC 9111 where it is stricter.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from functools import lru_cache
from types import MappingProxyType

from crossgate.golang.duration import DurationError, parse_duration
from crossgate.http.message import Fields

Directives = Mapping[str, str]
"""Arguments by directive, empty where there is none."""

NOTHING: Directives = MappingProxyType({})
_AGES = frozenset(("max-age", "s-maxage"))
_AT_MOST = " at most"  # not a directive: the shortest of all ages, however they are written
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"?')
_ASKED_AFTER_SECONDS = 600.0
_MOST_KEPT_SECONDS = 86_400.0
_LONGEST_DATE = 64
_ZONES = frozenset(("GMT", "UTC", "+0000", "-0000"))
_LONGEST_KNOWN = 256
_MOST_DIGITS = 9
_NEVER = -math.inf

OLDEST_SECONDS = 2**31
"""What ages beyond are said to be (RFC 9111 section 1.2.2)."""
STRICT = frozenset(
    ("must-revalidate", "must-understand", "no-cache", "no-store", "private", "proxy-revalidate", "s-maxage")
)

_FORBIDS_STALE = frozenset(("must-revalidate", "proxy-revalidate"))
_MUST_HOLD = _FORBIDS_STALE | {"s-maxage"}  # where many share a cache


class Freshness(Enum):
    """What may be done with a kept answer."""

    FRESH = auto()  # it is the answer
    STALE = auto()  # the backend is asked whether it still holds
    PASSED_OVER = auto()  # the client does not want it


@dataclass(slots=True)
class Terms:
    """What a kept answer says of its use, worked out once. Times are in seconds since the epoch.

    `born` is when it would have been made, reckoned back from its age; `lifetime` is in seconds from then on. For who
    asks for nothing it is fresh from `fresh_from`, when it came, until `fresh_until`: a clock that was set back since
    says nothing about its age.
    """

    said: Directives
    must_hold: bool
    date: float | None
    born: float
    lifetime: float
    fresh_from: float
    fresh_until: float


def first(fields: Fields, name: bytes) -> str:
    """The first value of that lower-case name, empty where there is none."""
    return next((value.decode("latin-1") for known, value in fields if known.lower() == name), "")


def directives(fields: Fields) -> Directives:
    """Those of Cache-Control. KrakenD reads the first line, at each comma, and names as they are written.

    DEVIATION(DEV-CACHE-1): what forbids to keep an answer, or to give a stale one, counts in any line and in any
    letters, and so does the shortest max-age or s-maxage; what stands in quotes permits nothing.
    """
    return directives_in([value for name, value in fields if name.lower() == b"cache-control"])


def directives_in(values: Sequence[bytes]) -> Directives:
    """The same, given the lines of Cache-Control."""
    if not values:
        return NOTHING
    lines = tuple(values)
    return _said_in(lines) if sum(map(len, lines)) <= _LONGEST_KNOWN else _said_in.__wrapped__(lines)


@lru_cache(maxsize=256)  # nearly all say the same
def _said_in(lines: tuple[bytes, ...]) -> Directives:
    found: dict[str, str] = {}
    for number, line in enumerate(lines):
        text = line.decode("latin-1")
        outside = _QUOTED.sub('""', text)
        if outside != text:  # quotes may be broken, and what they hide is none the less forbidden
            found.update({name: "" for name in map(_name, text.split(",")) if name in STRICT})
        for part in outside.split(","):
            name, _, argument = part.strip(" ").partition("=")
            lowered, argument = _name(part), argument.partition("=")[0]
            if lowered in STRICT:
                found[lowered] = ""
            elif number == 0 and name:
                found[name.strip(" ")] = argument
            if lowered in _AGES and (_AT_MOST not in found or _lasting(argument) < _lasting(found[_AT_MOST])):
                found[_AT_MOST] = argument
    return found


def _name(part: str) -> str:
    return part.partition("=")[0].strip(" \t").lower()


def terms_of(kept: Fields, received: float | None) -> Terms:
    """Those of an answer with these fields. `received` is when it was asked for, so that its way here counts, too.

    DEVIATION(DEV-CACHE-1): KrakenD reckons its age from its Date alone, so that an answer of a backend whose clock is
    ahead, or one that lay in a cache on its way, lives for too long.
    """
    said, date = directives(kept), _time(first(kept, b"date"))
    must_hold = not said.keys().isdisjoint(_MUST_HOLD)
    born, since = 0.0, _NEVER
    if received is not None:
        born, since = received - _age_seconds(first(kept, b"age")), received
    if date is None:
        return Terms(said, must_hold, None, born, 0.0, since, _NEVER)
    born = date if received is None else min(date, born)
    if "max-age" in said:
        lifetime = _lasting(said["max-age"])
    else:
        expires = _time(first(kept, b"expires"))
        lifetime = expires - date if expires is not None else 0.0
    if _AT_MOST in said:
        lifetime = min(lifetime, _lasting(said[_AT_MOST]))
    return Terms(said, must_hold, date, born, lifetime, since, _NEVER if "no-cache" in said else born + lifetime)


def has_lifetime(said: Directives) -> bool:
    """Whether there is a max-age or an s-maxage."""
    return _AT_MOST in said


def passes_over(asked: Directives) -> bool:
    """Whether a request wants no kept answer, whatever it says."""
    return "no-cache" in asked


def freshness(kept: Terms, asked: Directives, now: float) -> Freshness:
    """Whether a kept answer may be given to a request.

    DEVIATION(DEV-CACHE-4): in KrakenD requests get stale answers where must-revalidate forbids it, and by a max-age
    that is longer than the answer's.
    """
    if not asked:
        return Freshness.FRESH if kept.fresh_from <= now < kept.fresh_until else Freshness.STALE
    if passes_over(asked):
        return Freshness.PASSED_OVER
    if "no-cache" in kept.said:
        return Freshness.STALE
    if "only-if-cached" in asked and not kept.must_hold:
        return Freshness.FRESH
    if kept.date is None or now < kept.fresh_from:
        return Freshness.STALE
    age, lifetime = now - kept.born, kept.lifetime
    if _AT_MOST in asked:
        lifetime = min(lifetime, _lasting(asked[_AT_MOST]))
    age += max(0.0, _lasting(asked.get("min-fresh", "")))
    if "max-stale" in asked and not kept.must_hold:
        if not asked["max-stale"]:
            return Freshness.FRESH
        age -= _lasting(asked["max-stale"])
    return Freshness.FRESH if lifetime > age else Freshness.STALE


def holds_on_error(kept: Terms, asked: Directives, now: float) -> bool:
    """Whether a stale answer may be given where the backend fails (RFC 5861).

    DEVIATION(DEV-CACHE-4): in KrakenD it may where no-cache or must-revalidate forbids it. An s-maxage forbids what a
    client permits, and not what the answer itself does.
    """
    if "no-cache" in kept.said or not kept.said.keys().isdisjoint(_FORBIDS_STALE):
        return False
    lifetime: float | None = None
    for found in (kept.said,) if kept.must_hold else (kept.said, asked):
        if "stale-if-error" in found:
            if not found["stale-if-error"]:
                return True
            lifetime = _seconds(found["stale-if-error"])
            if lifetime is None:
                return False
    return lifetime is not None and kept.date is not None and lifetime > now - kept.born


def keeping_seconds(terms: Terms, can_be_asked_after: bool, now: float) -> int:
    """How long an answer is of use, a day at most: while it is fresh, stands in for a failing backend, or can be asked
    after.
    """
    if terms.date is None:
        return 0
    on_error = terms.said.get("stale-if-error")
    lasting = _MOST_KEPT_SECONDS if on_error == "" else _seconds(on_error or "") or 0.0
    seconds = terms.born + max(terms.lifetime, lasting, 0.0) - now
    if can_be_asked_after:
        seconds = max(seconds, _ASKED_AFTER_SECONDS)
    return int(min(seconds, _MOST_KEPT_SECONDS)) if seconds > 0 else 0


def varied(answer: Fields) -> tuple[bytes, ...] | None:
    """The lower-case request fields that an answer depends on; None for `*`, which no other request matches.

    An answer that names an origin depends on Origin, and one with a coding on Accept-Encoding, whether it says so or
    not.
    """
    names: list[bytes] = []
    for name, value in answer:
        if name.lower() == b"vary":
            names += [item.strip(b" \t").lower() for item in value.split(b",")]
        elif name.lower() == b"access-control-allow-origin" and value != b"*":
            names.append(b"origin")
        elif name.lower() == b"content-encoding":
            names.append(b"accept-encoding")
    return None if b"*" in names else tuple(dict.fromkeys(filter(None, names)))


def _seconds(text: str) -> float | None:
    if len(text) <= _MOST_DIGITS and text.isascii() and text.isdigit():
        return float(text)
    try:
        return parse_duration(text + "s") / 1e9
    except DurationError:
        return None


def _lasting(text: str) -> float:
    return _seconds(text) or 0.0  # what is no number is over


def _age_seconds(text: str) -> float:
    """Of several the first; what is no number is none (RFC 9111 section 5.1)."""
    digits = text.partition(",")[0].strip(" \t")
    if not (digits.isascii() and digits.isdigit()):
        return 0.0
    return float(digits) if len(digits) <= _MOST_DIGITS else float(OLDEST_SECONDS)


def _time(text: str) -> float | None:
    if not text:
        return None
    return _moment(text) if len(text) <= _LONGEST_DATE else _moment.__wrapped__(text)


@lru_cache(maxsize=256)  # all answers of a second have one Date
def _moment(text: str) -> float | None:
    zone = text.rpartition(" ")[2].upper()
    if zone not in _ZONES and not zone.isdigit():  # of asctime the year
        return None
    try:
        return parsedate_to_datetime(text).replace(tzinfo=UTC).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
