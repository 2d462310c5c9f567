"""The proleptic Gregorian calendar as Go counts in it, and its names."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

SECOND = 1_000_000_000  # nanoseconds
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What Python's datetime reaches, a day less at either end; zones do not change beyond.
_FIRST, _LAST = -62_135_510_400, 253_402_128_000
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


class Clock(NamedTuple):
    """What a calendar and a clock show; weekday 0 is Sunday, day_of_year counts from 1."""

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    weekday: int
    day_of_year: int


def clock_of(seconds: int) -> Clock:
    """The clock of UTC so many seconds after 1970 began; of any year."""
    days, rest = divmod(seconds, 86_400)
    year = 1970 + days // 366
    while _days_before(year + 1) <= days:
        year += max(1, (days - _days_before(year)) // 366)
    while _days_before(year) > days:
        year -= 1
    day_of_year = days - _days_before(year)
    month, day = 1, day_of_year
    while day >= days_in(month, year):
        day -= days_in(month, year)
        month += 1
    hour, rest = divmod(rest, 3600)
    return Clock(year, month, day + 1, hour, rest // 60, rest % 60, (days + 4) % 7, day_of_year + 1)


def zone_at(zone: tzinfo, seconds: int) -> tuple[int, str]:
    """Seconds east of Greenwich, and the abbreviation, that a zone has at an instant."""
    moment = _EPOCH + timedelta(seconds=max(_FIRST, min(seconds, _LAST)))
    there = moment.astimezone(zone)
    offset = there.utcoffset() or timedelta()
    return offset.days * 86_400 + offset.seconds, there.tzname() or "UTC"


def instant_of(zone: tzinfo, *, year: int, month: int, day: int, second: int, nanosecond: int) -> int:
    """Nanoseconds since 1970 of a clock's reading; months and days beyond their ends go on into the next."""
    year += (month - 1) // 12
    month = (month - 1) % 12 + 1
    days = _days_before(year) + sum(days_in(earlier, year) for earlier in range(1, month)) + day - 1
    shown = days * 86_400 + second
    offset = zone_at(zone, shown)[0]
    if offset:
        offset = zone_at(zone, shown - offset)[0]
    return (shown - offset) * SECOND + nanosecond


def _days_before(year: int) -> int:
    """Days from 1970 to the year's first, in the proleptic Gregorian calendar."""
    before = year - 1
    return before * 365 + before // 4 - before // 100 + before // 400 - 719_162


def days_in(month: int, year: int) -> int:
    """How many days a month has."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31
