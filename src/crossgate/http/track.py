"""What is noted of one request on its way, for those who observe it. Knows no observer and no clock."""

from typing import Any


class Track:
    """A request's notes. `request_id` is empty where requests have none.

    `upstream_began` is when the first call of a backend began, in monotonic seconds (0: none was made), and
    `upstream_seconds` how long after it the last answer's head came. `id_name` is the field, in lower case, whose place
    on a response `id_line` takes, a whole line with its CRLF in front.

    `trace` is what who traces the request keeps of it (None: nothing); `trace_lines` are what backends are told of its
    trace where nothing is kept, lines with a CRLF in front of each (None: nobody has said).
    """

    __slots__ = ("id_line", "id_name", "request_id", "trace", "trace_lines", "upstream_began", "upstream_seconds")

    def __init__(self, request_id: bytes = b"", id_name: bytes = b"", id_line: bytes = b"") -> None:
        self.request_id = request_id
        self.id_name = id_name
        self.id_line = id_line
        self.upstream_began = 0.0
        self.upstream_seconds = 0.0
        self.trace: Any = None
        self.trace_lines: bytes | None = None
