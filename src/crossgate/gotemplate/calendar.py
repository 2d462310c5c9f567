"""The proleptic Gregorian calendar as Go counts in it, and its names."""

from datetime import UTC, datetime, timedelta, tzinfo

SECOND = 1_000_000_000  # nanoseconds
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


def instant_of(zone: tzinfo, *, year: int, month: int, day: int, second: int, nanosecond: int) -> int:
    """Nanoseconds since 1970 of a clock's reading; months and days beyond their ends go on into the next."""
    year += (month - 1) // 12
    month = (month - 1) % 12 + 1
    days = _days_before(year) + sum(days_in(earlier, year) for earlier in range(1, month)) + day - 1
    naive = days * 86_400 + second
    guess = naive
    if 1 < year < 9999:
        clock = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=naive)
        offset = clock.replace(tzinfo=zone).utcoffset() or timedelta()
        guess = naive - (offset.days * 86_400 + offset.seconds)
    return guess * SECOND + nanosecond


def _days_before(year: int) -> int:
    """Days from 1970 to the year's first, in the proleptic Gregorian calendar."""
    before = year - 1
    return before * 365 + before // 4 - before // 100 + before // 400 - 719_162


def days_in(month: int, year: int) -> int:
    """How many days a month has."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31
