"""Ids of requests: taken from who has one, else made; told to backends and to the client. Knows no log."""

import re
import secrets
from itertools import count

from crossgate.http.message import Request
from crossgate.http.track import Track

_USABLE = re.compile(rb"[A-Za-z0-9._:@/+=-]{1,128}")


class RequestIds:
    """Ids in one field. Those it makes are 32 hexadecimal digits: a random half for the process, a number behind it."""

    def __init__(self, header: str) -> None:
        self._name = header.lower().encode("ascii")
        self._line = b"\r\n" + header.encode("ascii") + b": "
        self._prefix = secrets.token_hex(8).encode("ascii")
        self._numbers = count(secrets.randbelow(1 << 32))

    def track(self, request: Request) -> Track:
        """The request's notes with its id. A client's id counts if it is harmless wherever it may be written."""
        given = request.first(self._name)
        if given is None or _USABLE.fullmatch(given) is None:
            given = b"%b%016x" % (self._prefix, next(self._numbers))
        return Track(given, self._name, self._line + given)
