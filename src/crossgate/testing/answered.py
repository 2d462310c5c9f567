"""A response as a test sees it, from the bytes that came. Knows HTTP/1.1's responses; does not know who answered."""

import io
import socket
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import cast

from crossgate.cors import Decision
from crossgate.http.reason import Reason
from crossgate.testing.watched import Stood


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back. `status` 0: the connection was broken off, or what came is no response.

    `fields` are in order, names as written. `route` is the endpoint's path as written, empty where there is none, and
    `endpoint` its number. `passed_gates` and `refused_by` name components. `took_seconds` are the test's. `log` holds
    the gateway's own lines about it, and `reason` why it refused; None where it did not. `stood` says where in the
    configuration stands what refused; None where that is not known, and where it is no component.
    """

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes
    whole: bool
    route: str
    endpoint: int | None
    decision: Decision | None
    passed_gates: tuple[str, ...]
    refused_by: str
    took_seconds: float
    log: tuple[str, ...]
    reason: Reason | None = None
    stood: Stood | None = None

    def values(self, name: str) -> list[str]:
        """The values of all field lines of that name, in any case."""
        return [value for known, value in self.fields if known.lower() == name.lower()]


class _Bytes:
    """What http.client takes for a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def parsed(data: bytes, method: str) -> tuple[int, tuple[tuple[str, str], ...], bytes, bool]:
    """Status, fields, body, and whether it is whole."""
    response = HTTPResponse(cast("socket.socket", _Bytes(data)), method=method)
    try:
        response.begin()
    except (HTTPException, ValueError, OSError):
        return 0, (), b"", False
    fields = tuple(response.headers.raw_items())
    try:
        return response.status, fields, response.read(), True
    except HTTPException as error:
        return response.status, fields, getattr(error, "partial", b""), False
