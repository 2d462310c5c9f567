"""What Cache-Control, Date, Expires and Vary mean for a kept answer. Pure: given the time, in seconds since the epoch.

Source: gregjones/httpcache `httpcache.go`, which KrakenD uses; RFC 9111 where it is stricter.
"""

import math
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
_SHARED_AGE = "s-maxage"
_ASKED_AFTER_SECONDS = 600.0
_MOST_KEPT_SECONDS = 86_400.0
_LONGEST_DATE = 64
_LONGEST_KNOWN = 256
_MOST_DIGITS = 9
_NEVER = -math.inf

STRICT = frozenset(("no-store", "no-cache", "private", "must-revalidate", "proxy-revalidate"))


class Freshness(Enum):
    """What may be done with a kept answer."""

    FRESH = auto()  # it is the answer
    STALE = auto()  # the backend is asked whether it still holds
    PASSED_OVER = auto()  # the client does not want it


@dataclass(slots=True)
class Terms:
    """What a kept answer says of its use, worked out once. Times are in seconds since the epoch.

    `born` is when it would have been made, reckoned back from its age; `lifetime` is in seconds from then on. For who
    asks for nothing it is fresh until `fresh_until`.
    """

    said: Directives
    must_hold: bool
    date: float | None
    born: float
    lifetime: float
    fresh_until: float


def first(fields: Fields, name: bytes) -> str:
    """The first value of that lower-case name, empty where there is none."""
    return next((value.decode("latin-1") for known, value in fields if known.lower() == name), "")


def directives(fields: Fields) -> Directives:
    """Those of Cache-Control. KrakenD reads the first line and names as they are written.

    DEVIATION(DEV-CACHE-1): what forbids to keep an answer, or to give a stale one, counts in any line and in any
    letters, and so does the shortest s-maxage.
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
        for part in line.decode("latin-1").split(","):
            name, _, argument = part.strip(" ").partition("=")
            lowered = name.strip(" ").lower()
            argument = argument.partition("=")[0]
            if lowered in STRICT:
                found[lowered] = ""
            elif lowered == _SHARED_AGE:
                known = found.get(_SHARED_AGE)
                if known is None or (_seconds(argument) or 0.0) < (_seconds(known) or 0.0):
                    found[_SHARED_AGE] = argument
            elif number == 0 and name:
                found[name.strip(" ")] = argument
    return found


def terms_of(kept: Fields, received: float | None) -> Terms:
    """Those of an answer with these fields. `received` is when it came.

    DEVIATION(DEV-CACHE-1): KrakenD reckons its age from its Date alone, so that an answer of a backend whose clock is
    ahead, or one that lay in a cache on its way, lives for too long.
    """
    said, date = directives(kept), _time(first(kept, b"date"))
    must_hold = "must-revalidate" in said or "proxy-revalidate" in said
    if date is None:
        return Terms(said, must_hold, None, 0.0, 0.0, _NEVER)
    born = date
    if received is not None:
        born = min(date, received - max(0.0, _seconds(first(kept, b"age")) or 0.0))
    if "max-age" in said:
        lifetime = _seconds(said["max-age"]) or 0.0
    else:
        expires = _time(first(kept, b"expires"))
        lifetime = expires - date if expires is not None else 0.0
    if _SHARED_AGE in said:
        lifetime = min(lifetime, _seconds(said[_SHARED_AGE]) or 0.0)
    return Terms(said, must_hold, date, born, lifetime, _NEVER if "no-cache" in said else born + lifetime)


def passes_over(asked: Directives) -> bool:
    """Whether a request wants no kept answer, whatever it says."""
    return "no-cache" in asked


def freshness(kept: Terms, asked: Directives, now: float) -> Freshness:
    """Whether a kept answer may be given to a request.

    DEVIATION(DEV-CACHE-1): in KrakenD requests get stale answers where must-revalidate forbids it.
    """
    if not asked:
        return Freshness.FRESH if now < kept.fresh_until else Freshness.STALE
    if passes_over(asked):
        return Freshness.PASSED_OVER
    if "no-cache" in kept.said:
        return Freshness.STALE
    if "only-if-cached" in asked and not kept.must_hold:
        return Freshness.FRESH
    if kept.date is None:
        return Freshness.STALE
    age, lifetime = now - kept.born, kept.lifetime
    if "max-age" in asked:
        wanted = _seconds(asked["max-age"]) or 0.0
        lifetime = min(lifetime, wanted) if kept.must_hold else wanted
    age += _seconds(asked.get("min-fresh", "")) or 0.0
    if "max-stale" in asked and not kept.must_hold:
        if not asked["max-stale"]:
            return Freshness.FRESH
        age -= _seconds(asked["max-stale"]) or 0.0
    return Freshness.FRESH if lifetime > age else Freshness.STALE


def holds_on_error(kept: Terms, asked: Directives, now: float) -> bool:
    """Whether a stale answer may be given where the backend fails (RFC 5861)."""
    if kept.must_hold:
        return False
    lifetime: float | None = None
    for found in (kept.said, asked):
        if "stale-if-error" in found:
            if not found["stale-if-error"]:
                return True
            lifetime = _seconds(found["stale-if-error"])
            if lifetime is None:
                return False
    return lifetime is not None and kept.date is not None and lifetime > now - kept.date


def keeping_seconds(kept: Fields, now: float) -> int:
    """How long an answer is of use, a day at most: while it is fresh, stands in for a failing backend, or can be asked
    after.
    """
    said, date = directives(kept), _time(first(kept, b"date"))
    if date is None:
        return 0
    expires = _time(first(kept, b"expires"))
    fresh = _seconds(said["max-age"]) if "max-age" in said else expires - date if expires is not None else 0.0
    on_error = _seconds(said.get("stale-if-error", "")) or 0.0
    seconds = date + max(fresh or 0.0, on_error, 0.0) - now
    if first(kept, b"etag") or first(kept, b"last-modified"):
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


def _time(text: str) -> float | None:
    if not text:
        return None
    return _moment(text) if len(text) <= _LONGEST_DATE else _moment.__wrapped__(text)


@lru_cache(maxsize=256)  # all answers of a second have one Date
def _moment(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
