"""Go's time.Time, time.Duration, time.Month and time.Weekday as template values, with the methods templates call.

Source: Go 1.25 `time/time.go`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Any, ClassVar

from crossgate.golang.duration import format_duration
from crossgate.golang.literals import quote
from crossgate.golang.numerals import wrap_int64
from crossgate.gotemplate.calendar import MONTHS, SECOND, WEEKDAYS, Clock, clock_of, instant_of, zone_at
from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.time_layout import format_moment
from crossgate.gotemplate.values import Int64, NamedInt, Object, Uint64

ZERO_NANOSECONDS = -62_135_596_800 * SECOND  # the first of January of the year 1


class Month(NamedInt):
    """A time.Month, from 1."""

    go_type = "time.Month"

    def text(self) -> str:
        return MONTHS[self - 1] if 1 <= self <= 12 else f"%!Month({int(self)})"


class Weekday(NamedInt):
    """A time.Weekday, Sunday is 0."""

    go_type = "time.Weekday"

    def text(self) -> str:
        return WEEKDAYS[self] if 0 <= self <= 6 else f"%!Weekday({int(self)})"


class Duration(NamedInt):
    """A time.Duration in nanoseconds."""

    go_type = "time.Duration"
    go_kind = "int64"

    def text(self) -> str:
        return format_duration(int(self))


@dataclass(frozen=True, eq=False)
class Moment(Object):
    """A time.Time: nanoseconds since 1970, shown in a zone."""

    go_type: ClassVar[str] = "time.Time"
    fields: ClassVar[tuple[str, ...]] = ("wall", "ext", "loc")
    methods: ClassVar[Mapping[str, Function]] = {}

    nanoseconds: int
    zone: tzinfo
    zone_name: str = ""  # the location's name; empty for one that knows only its abbreviations

    @property
    def local(self) -> Clock:
        """The clock of its zone."""
        seconds = self.nanoseconds // SECOND
        return clock_of(seconds + zone_at(self.zone, seconds)[0])

    @property
    def offset_seconds(self) -> int:
        """East of Greenwich."""
        return zone_at(self.zone, self.nanoseconds // SECOND)[0]

    @property
    def abbreviation(self) -> str:
        """`EST`, `UTC`; a zone without a name gives `+03`."""
        return zone_at(self.zone, self.nanoseconds // SECOND)[1]

    def text(self) -> str:
        return format_moment(self, "2006-01-02 15:04:05.999999999 -0700 MST")

    @property
    def wall(self) -> Uint64:
        """The part below a second, as the struct holds it."""
        return Uint64(self.nanoseconds % SECOND)

    @property
    def ext(self) -> Int64:
        """Seconds since the year 1, as the struct holds them."""
        return Int64((self.nanoseconds - ZERO_NANOSECONDS) // SECOND)

    @property
    def loc(self) -> None:
        """The zone; nil for UTC."""
        return

    def go_syntax(self) -> str:
        here = self.local
        known = {"UTC": "time.UTC", "Local": "time.Local"}
        zone = known.get(self.zone_name) or f"time.Location({quote(self.zone_name or self.abbreviation)})"
        clock = f"{here.hour}, {here.minute}, {here.second}, {self.nanoseconds % SECOND}"
        return f"time.Date({here.year}, time.{MONTHS[here.month - 1]}, {here.day}, {clock}, {zone})"

    def json(self) -> Any:
        return format_moment(self, "2006-01-02T15:04:05.999999999Z07:00")

    def added(self, nanoseconds: int) -> "Moment":
        """Later by that much."""
        return replace(self, nanoseconds=self.nanoseconds + int(nanoseconds))

    def shown_in(self, zone: tzinfo, name: str = "") -> "Moment":
        """The same instant in another zone."""
        return replace(self, zone=zone, zone_name=name)


def civil(moment: Moment, **parts: int) -> Moment:
    """The instant of a clock's reading in the moment's zone."""
    return replace(moment, nanoseconds=instant_of(moment.zone, **parts))


def _add_date(moment: Moment, years: int, months: int, days: int) -> Moment:
    here = moment.local
    return civil(
        moment,
        year=here.year + years,
        month=here.month + months,
        day=here.day + days,
        second=here.hour * 3600 + here.minute * 60 + here.second,
        nanosecond=moment.nanoseconds % SECOND,
    )


def _rounded(moment: Moment, step: int, *, up: bool) -> Moment:
    if step <= 0:
        return moment
    rest = (moment.nanoseconds - ZERO_NANOSECONDS) % step
    return moment.added(step - rest if up and rest + rest >= step else -rest)


def _formatted(moment: Moment, layout: str) -> str:
    return format_moment(moment, layout)


def _float_seconds(unit: int) -> Function:
    def count(duration: int) -> float:
        whole, rest = divmod(abs(int(duration)), unit)
        value = float(whole) + rest / unit
        return -value if duration < 0 else value

    return go_function("", count)


def _whole(unit: int) -> Function:
    return go_function("", lambda duration: Int64(abs(int(duration)) // unit * (-1 if duration < 0 else 1)))


def _truncated(duration: int, step: int) -> Duration:
    if step <= 0:
        return Duration(duration)
    return Duration(abs(int(duration)) // step * step * (-1 if duration < 0 else 1))


def round_duration(duration: int, step: int) -> int:
    """Duration.Round: to the nearest multiple, halves away from zero."""
    if step <= 0:
        return duration
    rest = abs(duration) % step
    size = abs(duration) - rest + (step if rest + rest >= step else 0)
    return -size if duration < 0 else size


Moment.methods = {
    "Add": go_function("time.Duration", lambda m, d: m.added(d)),
    "AddDate": go_function("int, int, int", _add_date),
    "After": go_function("time.Time", lambda m, other: m.nanoseconds > other.nanoseconds),
    "Before": go_function("time.Time", lambda m, other: m.nanoseconds < other.nanoseconds),
    "Compare": go_function(
        "time.Time", lambda m, other: (m.nanoseconds > other.nanoseconds) - (m.nanoseconds < other.nanoseconds)
    ),
    "Day": go_function("", lambda m: m.local.day),
    "Equal": go_function("time.Time", lambda m, other: m.nanoseconds == other.nanoseconds),
    "Format": go_function("string", format_moment),
    "Hour": go_function("", lambda m: m.local.hour),
    "IsZero": go_function("", lambda m: m.nanoseconds == ZERO_NANOSECONDS),
    "Minute": go_function("", lambda m: m.local.minute),
    "Month": go_function("", lambda m: Month(m.local.month)),
    "Nanosecond": go_function("", lambda m: m.nanoseconds % SECOND),
    "Round": go_function("time.Duration", lambda m, step: _rounded(m, step, up=True)),
    "Second": go_function("", lambda m: m.local.second),
    "String": go_function("", lambda m: m.text()),
    "Sub": go_function("time.Time", lambda m, other: Duration(wrap_int64(m.nanoseconds - other.nanoseconds))),
    "Truncate": go_function("time.Duration", lambda m, step: _rounded(m, step, up=False)),
    "UTC": go_function("", lambda m: m.shown_in(UTC, "UTC")),
    "Unix": go_function("", lambda m: Int64(m.nanoseconds // SECOND)),
    "UnixMicro": go_function("", lambda m: Int64(m.nanoseconds // 1000)),
    "UnixMilli": go_function("", lambda m: Int64(m.nanoseconds // 1_000_000)),
    "UnixNano": go_function("", lambda m: Int64(wrap_int64(m.nanoseconds))),
    "Weekday": go_function("", lambda m: Weekday(m.local.weekday)),
    "Year": go_function("", lambda m: m.local.year),
    "YearDay": go_function("", lambda m: m.local.day_of_year),
}
_STRING = {"String": go_function("", lambda value: value.text())}
Month.methods = _STRING
Weekday.methods = _STRING
Duration.methods = {
    **_STRING,
    "Abs": go_function("", lambda d: Duration(abs(d))),
    "Hours": _float_seconds(3600 * SECOND),
    "Microseconds": _whole(1000),
    "Milliseconds": _whole(1_000_000),
    "Minutes": _float_seconds(60 * SECOND),
    "Nanoseconds": go_function("", Int64),
    "Round": go_function("time.Duration", lambda d, step: Duration(round_duration(d, step))),
    "Seconds": _float_seconds(SECOND),
    "Truncate": go_function("time.Duration", _truncated),
}
