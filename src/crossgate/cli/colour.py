"""Whether a report is coloured: the conventions of no-color.org and force-color.org. Knows no colours."""

from collections.abc import Mapping
from typing import TextIO


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """NO_COLOR and FORCE_COLOR decide, in this order and if not empty; else whether the stream is a terminal."""
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return environ.get("TERM") != "dumb" and stream.isatty()
