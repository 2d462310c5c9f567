"""A span that has ended, as plain values: cheap to make, and made into OpenTelemetry's own where it is sent."""

from collections.abc import Mapping
from typing import Any, NamedTuple

INTERNAL, SERVER, CLIENT = "internal", "server", "client"


class Span(NamedTuple):
    """Times are in nanoseconds since the epoch. `parent_id` is 0 where it begins a trace.

    `ok` is None where nothing is said of its status; `failure` says why it is not. `is_remote`: the parent is somebody
    else's.
    """

    name: str
    kind: str
    trace_id: int
    span_id: int
    parent_id: int
    begin_ns: int
    end_ns: int
    attributes: Mapping[str, Any]
    ok: bool | None = None
    failure: str = ""
    exception: tuple[str, str] | None = None
    state: bytes = b""
    is_remote: bool = False
