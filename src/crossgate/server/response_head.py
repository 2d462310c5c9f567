"""The head of a response, as bytes: the one place where heads are written, so that every response has its CORS fields.

Knows status lines, field lines and CORS edits; does not know sockets, or how a body is framed.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final, Literal

from crossgate.cors import Decision
from crossgate.http.field_lines import FieldLines
from crossgate.http.hop_by_hop import HOP_BY_HOP
from crossgate.http.message import Fields, Response, first_of_lines, parse_lines
from crossgate.http.track import Track

STATUS_LINES: Final = {int(one): b"HTTP/1.1 %d %b" % (one, one.phrase.encode("ascii")) for one in HTTPStatus}

BODILESS = (204, 304)
"""Statuses of responses that have no body (RFC 9110 sections 15.3.5 and 15.4.5)."""


class HeadWriter:
    """Writes response heads. `date_line` is the Date field's line with its CRLF in front; its owner renews it.

    `on_removed` hears once of each backend whose own CORS fields had to go.
    """

    __slots__ = ("_lines", "_on_removed", "_told", "date_line")

    def __init__(self, on_removed: Callable[[str], None]) -> None:
        self._lines = FieldLines(HOP_BY_HOP | {b"content-length"})
        self._on_removed = on_removed
        self._told: set[str] = set()
        self.date_line = b""

    def render(
        self,
        response: Response,
        framing: bytes,
        decision: Decision | None,
        upstream: Literal["strip", "pass", "prefer"] = "strip",
    ) -> bytes:
        """Status line, fields and the empty line. `framing` are whole lines, each with its CRLF in front.

        `upstream` matters for a backend's response only. A Date is added where there is none (RFC 9110 section 6.6.1).
        """
        fields = response.fields
        passed_on = response.lines
        lower = passed_on.lower() if passed_on else b""  # `find`: `in` costs Python an exception where bytes are sought
        cors = b""
        if decision is not None:
            edits = decision.edits
            concerns_cors = lower.find(b"\r\naccess-control-") >= 0 or lower.find(b"\r\nvary:") >= 0
            if not response.from_backend:
                cors = edits.block
            elif passed_on and not concerns_cors and not fields and (upstream != "pass" or edits.exclusive):
                cors = edits.block  # nearly always: nothing of the backend's to remove or to merge with
            else:
                if passed_on:
                    fields = fields + parse_lines(passed_on)
                    passed_on = b""
                if response.from_backend not in self._told and edits.removes(fields, upstream):
                    self._told.add(response.from_backend)
                    self._on_removed(response.from_backend)
                fields = edits.apply(fields, upstream)
                framing = _with_length(response, framing)
        lines = self._lines.render(fields) + passed_on if fields else passed_on
        has_date = lower.find(b"\r\ndate:") >= 0 or (fields and _has_date(fields))
        date = b"" if has_date else self.date_line
        start = STATUS_LINES.get(response.status) or b"HTTP/1.1 %d " % response.status
        return b"".join((start, lines, date, framing, b"\r\n", cors, b"\r\n"))


def _with_length(response: Response, framing: bytes) -> bytes:
    """The framing with the length that stood among lines which are written anew without it."""
    return framing if response.framed_bytes is None else b"\r\nContent-Length: %d%b" % (response.framed_bytes, framing)


def _has_date(fields: Fields) -> bool:
    return any(name == b"date" for name, _ in fields)


def id_line(track: Track, response: Response) -> bytes:
    """The line that tells the client its request's id, if it has one. What a backend says of one goes."""
    name = track.id_name
    if not track.id_line:
        return b""
    if any(known.lower() == name for known, _ in response.fields):
        response.fields = [field for field in response.fields if field[0].lower() != name]
    if response.lines and first_of_lines(response.lines, name) is not None:
        kept = [line for line in response.lines.split(b"\r\n") if line.partition(b":")[0].lower() != name]
        response.lines = b"\r\n".join(kept)
    return track.id_line
