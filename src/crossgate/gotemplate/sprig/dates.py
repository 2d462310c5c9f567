"""sprig's functions on times. Source: sprig 3.2.3 `date.go`."""

from datetime import UTC, tzinfo
from typing import Any

from crossgate.golang.duration import DurationError, format_duration, parse_duration
from crossgate.golang.literals import quote
from crossgate.golang.numerals import NumeralError, parse_int, wrap_int64
from crossgate.gotemplate.calendar import SECOND
from crossgate.gotemplate.errors import GoError
from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.moments import Moment, round_duration
from crossgate.gotemplate.sprig.world import World
from crossgate.gotemplate.time_layout import format_moment
from crossgate.gotemplate.time_reading import ZERO, parse_moment
from crossgate.gotemplate.values import Int32, Int64, type_of

_HOUR = 3600 * SECOND
_UNITS = (
    (_HOUR * 24 * 365, "y"),
    (_HOUR * 24 * 30, "mo"),
    (_HOUR * 24, "d"),
    (_HOUR, "h"),
    (60 * SECOND, "m"),
    (SECOND, "s"),
)


def _nanoseconds(text: str) -> int:
    try:
        return parse_duration(text)
    except DurationError as error:
        raise GoError(f"time: {error} {quote(text)}") from None


def _modify(text: str, moment: Moment) -> Moment:
    try:
        return moment.added(_nanoseconds(text))
    except GoError:
        return moment


def _duration(seconds: Any) -> str:
    number = 0
    if isinstance(seconds, str):
        try:
            number = parse_int(seconds)
        except NumeralError as error:
            number = int(error.value)
    elif type_of(seconds) == "int64":
        number = int(seconds)
    return format_duration(wrap_int64(number * SECOND))


class _Clock:
    """The functions that need the time or a zone."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> Moment:
        return Moment(self._world.now(), self._world.local_zone, "Local")

    def _moment(self, value: Any) -> Moment:
        if isinstance(value, Moment):
            return value
        if type_of(value) in ("int", "int64", "int32"):
            return Moment(int(value) * SECOND, self._world.local_zone, "Local")
        return self.now()

    def _zone(self, name: str) -> tzinfo:
        if name in ("", "UTC"):
            return UTC
        if name == "Local":
            return self._world.local_zone
        return self._world.zone(name) or UTC

    def in_zone(self, layout: str, value: Any, zone: str) -> str:
        return format_moment(self._moment(value).shown_in(self._zone(zone), zone), layout)

    def ago(self, value: Any) -> str:
        if isinstance(value, Int32):
            value = None
        return format_duration(round_duration(self._world.now() - self._moment(value).nanoseconds, SECOND))

    def duration_round(self, value: Any) -> str:
        nanoseconds = 0
        if isinstance(value, str):
            try:
                nanoseconds = _nanoseconds(value)
            except GoError:
                nanoseconds = 0
        elif isinstance(value, Moment):
            nanoseconds = self._world.now() - value.nanoseconds
        elif isinstance(value, Int64):
            nanoseconds = int(value)
        size = abs(nanoseconds)
        for unit, name in _UNITS:
            if size > unit:
                return f"{size // unit}{name}"
        return "0s"

    def parse(self, layout: str, text: str) -> Moment:
        return parse_moment(layout, text, self._world.local_zone)

    def parse_or_zero(self, layout: str, text: str) -> Moment:
        try:
            return self.parse(layout, text)
        except GoError:
            return ZERO


def dates(world: World) -> dict[str, Function]:
    """The functions on times, with a world's clock and zones."""
    clock = _Clock(world)
    in_zone = go_function("string, any, string", clock.in_zone)
    modify = go_function("string, time.Time", _modify)
    must_modify = go_function("string, time.Time", lambda text, moment: moment.added(_nanoseconds(text)))
    return {
        "ago": go_function("any", clock.ago),
        "date": go_function("string, any", lambda layout, value: clock.in_zone(layout, value, "Local")),
        "dateInZone": in_zone,
        "dateModify": modify,
        "date_in_zone": in_zone,
        "date_modify": modify,
        "duration": go_function("any", _duration),
        "durationRound": go_function("any", clock.duration_round),
        "htmlDate": go_function("any", lambda value: clock.in_zone("2006-01-02", value, "Local")),
        "htmlDateInZone": go_function("any, string", lambda value, zone: clock.in_zone("2006-01-02", value, zone)),
        "mustDateModify": must_modify,
        "mustToDate": go_function("string, string", clock.parse),
        "must_date_modify": must_modify,
        "now": go_function("", clock.now),
        "toDate": go_function("string, string", clock.parse_or_zero),
        "unixEpoch": go_function("time.Time", lambda moment: str(moment.nanoseconds // SECOND)),
    }
