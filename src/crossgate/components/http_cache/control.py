"""What Cache-Control, Date, Expires and Vary mean for a kept answer. Pure: given the time, in seconds since the epoch.

Source: gregjones/httpcache `httpcache.go`, which KrakenD uses; RFC 9111 where it is stricter.
"""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum, auto

from crossgate.golang.duration import DurationError, parse_duration
from crossgate.http.message import Fields

Directives = Mapping[str, str]
"""Arguments by directive, empty where there is none."""

_SHARED_AGE = "s-maxage"
_ASKED_AFTER_SECONDS = 600.0
_MOST_KEPT_SECONDS = 86_400.0

STRICT = frozenset(("no-store", "no-cache", "private", "must-revalidate", "proxy-revalidate"))
_REVALIDATED = ("must-revalidate", "proxy-revalidate")


class Freshness(Enum):
    """What may be done with a kept answer."""

    FRESH = auto()  # it is the answer
    STALE = auto()  # the backend is asked whether it still holds
    PASSED_OVER = auto()  # the client does not want it


def first(fields: Fields, name: bytes) -> str:
    """The first value of that lower-case name, empty where there is none."""
    return next((value.decode("latin-1") for known, value in fields if known.lower() == name), "")


def directives(fields: Fields) -> Directives:
    """Those of Cache-Control. KrakenD reads the first line and names as they are written.

    DEVIATION(DEV-CACHE-1): what forbids to keep an answer, or to give a stale one, counts in any line and in any
    letters, and so does the shortest s-maxage.
    """
    found: dict[str, str] = {}
    lines = [value.decode("latin-1") for name, value in fields if name.lower() == b"cache-control"]
    for number, line in enumerate(lines):
        for part in line.split(","):
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


def freshness(kept: Fields, request: Fields, now: float, received: float | None = None) -> Freshness:
    """Whether a kept answer may be given for a request. `received` is when it came, by the clock of `now`.

    DEVIATION(DEV-CACHE-1): KrakenD reckons its age from its Date alone, so that an answer of a backend whose clock is
    ahead, or one that lay in a cache on its way, lives for too long; and requests get stale answers where
    must-revalidate forbids it.
    """
    said, asked = directives(kept), directives(request)
    must_hold = any(name in said for name in _REVALIDATED)
    if "no-cache" in asked:
        return Freshness.PASSED_OVER
    if "no-cache" in said:
        return Freshness.STALE
    if "only-if-cached" in asked and not must_hold:
        return Freshness.FRESH
    date = _time(first(kept, b"date"))
    if date is None:
        return Freshness.STALE
    age, lifetime = now - date, 0.0
    if received is not None:
        age = max(age, now - received + max(0.0, _seconds(first(kept, b"age")) or 0.0))
    if "max-age" in said:
        lifetime = _seconds(said["max-age"]) or 0.0
    else:
        expires = _time(first(kept, b"expires"))
        lifetime = expires - date if expires is not None else 0.0
    if _SHARED_AGE in said:
        lifetime = min(lifetime, _seconds(said[_SHARED_AGE]) or 0.0)
    if "max-age" in asked:
        wanted = _seconds(asked["max-age"]) or 0.0
        lifetime = min(lifetime, wanted) if must_hold else wanted
    age += _seconds(asked.get("min-fresh", "")) or 0.0
    if "max-stale" in asked and not must_hold:
        if not asked["max-stale"]:
            return Freshness.FRESH
        age -= _seconds(asked["max-stale"]) or 0.0
    return Freshness.FRESH if lifetime > age else Freshness.STALE


def holds_on_error(kept: Fields, request: Fields, now: float) -> bool:
    """Whether a stale answer may be given where the backend fails (RFC 5861)."""
    if any(name in directives(kept) for name in _REVALIDATED):
        return False
    lifetime: float | None = None
    for found in (directives(kept), directives(request)):
        if "stale-if-error" in found:
            if not found["stale-if-error"]:
                return True
            lifetime = _seconds(found["stale-if-error"])
            if lifetime is None:
                return False
    date = _time(first(kept, b"date"))
    return lifetime is not None and date is not None and lifetime > now - date


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
    try:
        return parse_duration(text + "s") / 1e9
    except DurationError:
        return None


def _time(text: str) -> float | None:
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
