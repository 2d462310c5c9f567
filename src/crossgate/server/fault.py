"""Why the server itself refuses a request: the closed list of its own answers.

Texts begin as those of Go's `net/http`, which is what KrakenD's clients have seen so far.
"""

from http import HTTPStatus
from typing import NamedTuple

from crossgate.http.message import Response


class Fault(NamedTuple):
    """A refusal. `detail` is for people and never holds anything a client sent."""

    status: int
    detail: str = ""

    def response(self) -> Response:
        """The answer, but for CORS and framing. DEVIATION(DEV-HTTP-6): Go mostly leaves the detail out."""
        text = f"{self.status} {HTTPStatus(self.status).phrase}"
        if self.detail:
            text = f"{text}: {self.detail}"
        fields = [(b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff")]
        return Response(self.status, fields, text.encode("ascii"))


BAD_REQUEST = Fault(400)
MALFORMED_REQUEST_LINE = Fault(400, "malformed request line")
MALFORMED_TARGET = Fault(400, "malformed request target")
MISSING_HOST = Fault(400, "missing required Host header")
TOO_MANY_HOSTS = Fault(400, "too many Host headers")
MALFORMED_HOST = Fault(400, "malformed Host header")
AMBIGUOUS_FRAMING = Fault(400, "ambiguous message framing")
TOO_MUCH_CHUNKING = Fault(400, "chunked encoding contains too much non-data")
REQUEST_TIMEOUT = Fault(408)
BODY_TOO_LARGE = Fault(413)
TARGET_TOO_LONG = Fault(414)
EXPECTATION_FAILED = Fault(417)
HEAD_TOO_LARGE = Fault(431)
UNKNOWN_METHOD = Fault(501, "unknown method")
UNKNOWN_CODING = Fault(501, "unsupported transfer encoding")
TOO_MANY_CONNECTIONS = Fault(503)
UNKNOWN_VERSION = Fault(505, "unsupported protocol version")
