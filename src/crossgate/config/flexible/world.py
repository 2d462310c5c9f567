"""The world as a rendered configuration sees it: the real clock, the system's randomness and time zones."""

import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crossgate.gotemplate.sprig import World


def real_world(environ: Mapping[str, str], getenv: Callable[[str], str]) -> World:
    """The world of a process with these environment variables."""
    return World(getenv, time.time_ns, os.urandom, zone, local_zone(environ))


def zone(name: str) -> tzinfo | None:
    """A time zone by its IANA name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def local_zone(environ: Mapping[str, str]) -> tzinfo:
    """Go's Local: what TZ names, else what the system says, else UTC."""
    name = environ.get("TZ")
    if name is not None:
        return zone(name.removeprefix(":")) or UTC
    try:
        with Path("/etc/localtime").open("rb") as file:
            return ZoneInfo.from_file(file, key="Local")
    except (OSError, ValueError):
        return UTC
