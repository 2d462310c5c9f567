"""Times read by an example of how they look (`time.ParseInLocation`).

Source: Go 1.25 `time/format.go`.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from crossgate.golang.literals import quote
from crossgate.gotemplate.calendar import MONTHS, SECOND, WEEKDAYS, days_in, instant_of
from crossgate.gotemplate.errors import GoError
from crossgate.gotemplate.moments import ZERO_NANOSECONDS, Moment
from crossgate.gotemplate.time_layout import layout_parts


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self.year, self.month, self.day, self.year_day = 0, -1, -1, -1
        self.hour = self.minute = self.second = self.nanosecond = 0
        self.afternoon: bool | None = None
        self.offset: int | None = None
        self.zone_name = ""
        self.is_utc = False


def parse_moment(layout: str, text: str, zone: tzinfo) -> Moment:
    """time.ParseInLocation. Raises GoError with Go's text."""
    reading = _Reading()
    rest = text
    parts = layout_parts(layout)
    for index, (is_element, part) in enumerate(parts):
        if not is_element:
            rest = _skipped(rest, part, layout, text)
            continue
        fraction_follows = index + 1 < len(parts) and parts[index + 1][0] and parts[index + 1][1][0] in ".,"
        try:
            rest = _read(reading, part, rest, fraction_follows=fraction_follows)
        except _OutOfRangeError as error:
            raise GoError(f"parsing time {quote(text)}: {error} out of range") from None
        except ValueError:
            raise _mismatch(layout, text, part, rest) from None
    if rest:
        raise GoError(f"parsing time {quote(text)}: extra text: {quote(rest)}")
    return _assembled(reading, text, zone)


class _OutOfRangeError(Exception):
    """A number that no calendar or clock has; `str()` names what it was for."""


def _mismatch(layout: str, text: str, element: str, rest: str) -> GoError:
    return GoError(f"parsing time {quote(text)} as {quote(layout)}: cannot parse {quote(rest)} as {quote(element)}")


def _skipped(rest: str, prefix: str, layout: str, text: str) -> str:
    """Step over the text between elements; blanks of the layout match any number of blanks, none included."""
    left = prefix
    while left:
        if left[0] == " ":
            if rest and rest[0] != " ":
                raise _mismatch(layout, text, prefix, rest)
            left, rest = left.lstrip(" "), rest.lstrip(" ")
            continue
        if not rest or rest[0] != left[0]:
            raise _mismatch(layout, text, prefix, rest)
        left, rest = left[1:], rest[1:]
    return rest


def _number(rest: str, shortest: int, longest: int) -> tuple[int, str]:
    end = 0
    while end < longest and end < len(rest) and "0" <= rest[end] <= "9":
        end += 1
    if end < shortest:
        raise ValueError
    return int(rest[:end]), rest[end:]


def _bounded(value: int, low: int, high: int, name: str) -> int:
    if not low <= value <= high:
        raise _OutOfRangeError(name)
    return value


def _name(rest: str, names: tuple[str, ...], length: int | None) -> tuple[int, str]:
    for index, name in enumerate(names):
        shown = name if length is None else name[:length]
        if rest[: len(shown)].lower() == shown.lower():
            return index, rest[len(shown) :]
    raise ValueError


def _read(reading: _Reading, element: str, rest: str, *, fraction_follows: bool) -> str:
    match element:
        case "2006":
            if len(rest) < 4 or not rest[:4].isdigit():
                raise ValueError
            reading.year, rest = int(rest[:4]), rest[4:]
        case "06":
            if len(rest) < 2:
                raise ValueError
            value, rest = _number(rest, 2, 2)
            reading.year = value + (1900 if value >= 69 else 2000)
        case "January" | "Jan":
            index, rest = _name(rest, MONTHS, 3 if element == "Jan" else None)
            reading.month = index + 1
        case "1" | "01":
            value, rest = _number(rest, len(element), 2)
            reading.month = _bounded(value, 1, 12, "month")
        case "Monday" | "Mon":
            _, rest = _name(rest, WEEKDAYS, 3 if element == "Mon" else None)
        case "2" | "_2" | "02":
            if element == "_2" and rest[:1] == " ":
                rest = rest[1:]
            reading.day, rest = _number(rest, 2 if element == "02" else 1, 2)
        case "002" | "__2":
            if element == "__2":
                rest = rest.lstrip(" ") if rest[:2].startswith(" ") else rest
            reading.year_day, rest = _number(rest, 3 if element == "002" else 1, 3)
        case "15":
            value, rest = _number(rest, 1, 2)
            reading.hour = _bounded(value, 0, 23, "hour")
        case "3" | "03":
            value, rest = _number(rest, len(element), 2)
            reading.hour = _bounded(value, 0, 12, "hour")
        case "4" | "04":
            value, rest = _number(rest, len(element), 2)
            reading.minute = _bounded(value, 0, 59, "minute")
        case "5" | "05":
            value, rest = _number(rest, len(element), 2)
            reading.second = _bounded(value, 0, 59, "second")
            # A fraction may follow that the layout does not show.
            if not fraction_follows and (match := re.match(r"[.,][0-9]+", rest)):
                reading.nanosecond = _fraction(match[0])
                rest = rest[match.end() :]
        case "PM" | "pm":
            marks = ("PM", "AM") if element == "PM" else ("pm", "am")
            if rest[:2] not in marks:
                raise ValueError
            reading.afternoon, rest = rest[:2] == marks[0], rest[2:]
        case "MST":
            rest = _read_zone_name(reading, rest)
        case _ if element[0] in "Z-":
            rest = _read_offset(reading, element, rest)
        case _:
            return _read_fraction(reading, element, rest)
    return rest


def _fraction(text: str) -> int:
    return int(text[1:10].ljust(9, "0"))


def _read_fraction(reading: _Reading, element: str, rest: str) -> str:
    if element[1] == "0":
        digits = rest[: len(element)]
        if len(digits) < len(element) or digits[0] not in ".," or not digits[1:].isdigit():
            raise ValueError
        reading.nanosecond = _fraction(digits)
        return rest[len(element) :]
    match = re.match(r"[.,][0-9]+", rest)
    if match is None:
        return rest
    reading.nanosecond = _fraction(match[0])
    return rest[match.end() :]


def _read_offset(reading: _Reading, element: str, rest: str) -> str:
    if element[0] == "Z" and rest[:1] == "Z":
        reading.is_utc = True
        return rest[1:]
    pattern = {
        "07": r"([+-])(\d\d)",
        "0700": r"([+-])(\d\d)(\d\d)",
        "07:00": r"([+-])(\d\d):(\d\d)",
        "070000": r"([+-])(\d\d)(\d\d)(\d\d)",
        "07:00:00": r"([+-])(\d\d):(\d\d):(\d\d)",
    }[element[1:]]
    match = re.match(pattern, rest, re.ASCII)
    if match is None:
        raise ValueError
    numbers = [int(group) for group in match.groups()[1:]]
    hours, minutes, seconds = [*numbers, 0, 0][:3]
    _bounded(hours, 0, 24, "time zone offset hour")
    _bounded(minutes, 0, 59, "time zone offset minute")
    _bounded(seconds, 0, 59, "time zone offset second")
    reading.offset = (hours * 3600 + minutes * 60 + seconds) * (-1 if match[1] == "-" else 1)
    return rest[match.end() :]


def _read_zone_name(reading: _Reading, rest: str) -> str:
    if rest.startswith("UTC"):
        reading.is_utc = True
        return rest[3:]
    match = re.match(r"ChST|MeST|GMT[+-]\d{1,2}|[+-]\d\d(?:\d\d)?|[A-Z]{3,6}", rest, re.ASCII)
    if match is None:
        raise ValueError
    name = match[0]
    if name.isalpha() and name not in ("ChST", "MeST"):
        letters = len(name)
        if letters == 6 or (letters == 5 and name[4] != "T") or (letters == 4 and name[3] != "T" and name != "WITA"):
            raise ValueError
    reading.zone_name = name
    return rest[match.end() :]


def _assembled(reading: _Reading, text: str, local: tzinfo) -> Moment:
    zone = local
    if reading.afternoon and reading.hour < 12:
        reading.hour += 12
    elif reading.afternoon is False and reading.hour == 12:
        reading.hour = 0
    month, day = reading.month, reading.day
    if reading.year_day >= 0:
        first = datetime(max(reading.year, 1), 1, 1, tzinfo=UTC) + timedelta(days=reading.year_day - 1)
        leap = reading.year % 4 == 0 and (reading.year % 100 != 0 or reading.year % 400 == 0)
        if not 1 <= reading.year_day <= 365 + leap:
            raise GoError(f"parsing time {quote(text)}: day-of-year out of range")
        month, day = first.month, first.day
    month, day = (1 if month < 0 else month), (1 if day < 0 else day)
    if not 1 <= day <= days_in(month, reading.year):
        raise GoError(f"parsing time {quote(text)}: day out of range")
    if reading.is_utc:
        zone = UTC
    elif reading.offset is not None:
        here = Moment(_instant(reading, month, day, UTC) - reading.offset * SECOND, zone, "Local")
        if reading.year > 0 and here.offset_seconds == reading.offset:
            return here
        zone = _fixed_zone(reading.offset, reading.zone_name)
    elif reading.zone_name:
        zone = _named_zone(reading, zone, month, day)
    zone_name = "UTC" if reading.is_utc else "Local" if zone is local else ""
    return Moment(_instant(reading, month, day, zone), zone, zone_name)


def _named_zone(reading: _Reading, zone: tzinfo, month: int, day: int) -> tzinfo:
    """The zone where it has that abbreviation then; else a made-up one with no offset, as in Go."""
    here = Moment(_instant(reading, month, day, zone), zone)
    if here.abbreviation == reading.zone_name:
        return zone
    offset = 0
    if reading.zone_name.startswith("GMT") and len(reading.zone_name) > 3:
        offset = int(reading.zone_name[3:]) * 3600
    return _fixed_zone(offset, reading.zone_name)


def _fixed_zone(offset: int, name: str) -> tzinfo:
    """A zone with one offset; without a name Go shows the offset in its place."""
    if not name:
        name = f"{'-' if offset < 0 else '+'}{abs(offset) // 3600:02d}"
        if offset % 3600:
            name += f"{abs(offset) % 3600 // 60:02d}"
    return timezone(timedelta(seconds=offset), name)


def _instant(reading: _Reading, month: int, day: int, zone: tzinfo) -> int:
    return instant_of(
        zone,
        year=reading.year,
        month=month,
        day=day,
        second=reading.hour * 3600 + reading.minute * 60 + reading.second,
        nanosecond=reading.nanosecond,
    )


ZERO = Moment(ZERO_NANOSECONDS, UTC, "UTC")
