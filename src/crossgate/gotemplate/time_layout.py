"""Times written by an example of how they look: `Mon Jan 2 15:04:05 MST 2006`.

Source: Go 1.25 `time/format.go`.
"""

import re
from collections.abc import Callable
from typing import Protocol

from crossgate.gotemplate.calendar import MONTHS, SECOND, WEEKDAYS, Clock

# The elements of a layout, those first that are longer than others they begin with.
_ELEMENT = re.compile(
    r"January|Jan(?![a-z]uary)|Monday|Mon(?!day)|MST|2006|-07:00:00|-070000|-07:00|-0700|-07"
    r"|Z07:00:00|Z070000|Z07:00|Z0700|Z07|002|__2|_2006|_2|01|02|03|04|05|06|15|PM|pm"
    r"|[.,]0+(?![0-9])|[.,]9+(?![0-9])|1|2|3|4|5"
)
_ZONE_OFFSET = {
    "-0700": (False, False),
    "-07:00": (True, False),
    "-07": (False, False),
    "-070000": (False, True),
    "-07:00:00": (True, True),
}


class Shown(Protocol):
    """An instant in a zone."""

    @property
    def nanoseconds(self) -> int:
        """Since 1970."""

    @property
    def local(self) -> Clock:
        """The clock of its zone."""

    @property
    def offset_seconds(self) -> int:
        """East of Greenwich."""

    @property
    def abbreviation(self) -> str:
        """The zone's abbreviation then."""


def layout_parts(layout: str) -> list[tuple[bool, str]]:
    """The layout cut into elements (True) and text between them."""
    out: list[tuple[bool, str]] = []
    position = 0
    while position < len(layout):
        match = _next_element(layout, position)
        if match is None:
            out.append((False, layout[position:]))
            break
        start, element = match
        if start > position:
            out.append((False, layout[position:start]))
        out.append((True, element))
        position = start + len(element)
    return out


def _next_element(layout: str, position: int) -> tuple[int, str] | None:
    for match in _ELEMENT.finditer(layout, position):
        element, start = match[0], match.start()
        following = layout[match.end() : match.end() + 1]
        if element in ("Jan", "Mon") and following.islower() and following.isascii():
            continue
        if element == "_2006":
            return start + 1, "2006"
        return start, element
    return None


def format_moment(moment: Shown, layout: str) -> str:
    """Time.Format."""
    here = moment.local
    nanosecond = moment.nanoseconds % SECOND
    return "".join(
        [
            _written(element, moment, here, nanosecond) if is_element else element
            for is_element, element in layout_parts(layout)
        ]
    )


def _written(element: str, moment: Shown, here: Clock, nanosecond: int) -> str:
    hour12 = here.hour % 12 or 12
    simple: dict[str, Callable[[], str]] = {
        "2006": lambda: f"{here.year:04d}",
        "06": lambda: f"{here.year % 100:02d}",
        "January": lambda: MONTHS[here.month - 1],
        "Jan": lambda: MONTHS[here.month - 1][:3],
        "1": lambda: str(here.month),
        "01": lambda: f"{here.month:02d}",
        "Monday": lambda: WEEKDAYS[here.weekday],
        "Mon": lambda: WEEKDAYS[here.weekday][:3],
        "2": lambda: str(here.day),
        "_2": lambda: f"{here.day:2d}",
        "02": lambda: f"{here.day:02d}",
        "__2": lambda: f"{here.day_of_year:3d}",
        "002": lambda: f"{here.day_of_year:03d}",
        "15": lambda: f"{here.hour:02d}",
        "3": lambda: str(hour12),
        "03": lambda: f"{hour12:02d}",
        "4": lambda: str(here.minute),
        "04": lambda: f"{here.minute:02d}",
        "5": lambda: str(here.second),
        "05": lambda: f"{here.second:02d}",
        "PM": lambda: "PM" if here.hour >= 12 else "AM",
        "pm": lambda: "pm" if here.hour >= 12 else "am",
        "MST": lambda: moment.abbreviation,
    }
    if element in simple:
        return simple[element]()
    if element[0] in "Z-":
        if element[0] == "Z" and moment.offset_seconds == 0:
            return "Z"
        return _offset_text(element.replace("Z", "-"), moment.offset_seconds)
    digits = f"{nanosecond:09d}"[: len(element) - 1].ljust(len(element) - 1, "0")
    if element[1] == "9":
        digits = digits.rstrip("0")
        return element[0] + digits if digits else ""
    return element[0] + digits


def _offset_text(element: str, seconds: int) -> str:
    colon, with_seconds = _ZONE_OFFSET[element]
    sign, magnitude = ("-" if seconds < 0 else "+"), abs(seconds)
    hours, minutes, rest = magnitude // 3600, magnitude % 3600 // 60, magnitude % 60
    if element == "-07":
        return f"{sign}{hours:02d}"
    between = ":" if colon else ""
    return f"{sign}{hours:02d}{between}{minutes:02d}" + (f"{between}{rest:02d}" if with_seconds else "")
