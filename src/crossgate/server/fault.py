"""Why the server itself refuses a request: the closed list of its own answers.

Texts begin as those of Go's `net/http`, which is what KrakenD's clients have seen so far.
"""

from http import HTTPStatus
from typing import NamedTuple

from crossgate.http import reason
from crossgate.http.message import Response, refusal
from crossgate.http.reason import Reason


class Fault(NamedTuple):
    """A refusal. `detail` is for people and never holds anything a client sent."""

    status: int
    reason: Reason
    detail: str = ""

    def response(self) -> Response:
        """The answer, but for CORS and framing. DEVIATION(DEV-HTTP-6): Go mostly leaves the detail out."""
        text = f"{self.status} {HTTPStatus(self.status).phrase}"
        if self.detail:
            text = f"{text}: {self.detail}"
        fields = [(b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff")]
        return refusal(self.status, self.reason, fields, text.encode("ascii"))


BAD_REQUEST = Fault(400, reason.MALFORMED)
MALFORMED_REQUEST_LINE = Fault(400, reason.MALFORMED, "malformed request line")
MALFORMED_TARGET = Fault(400, reason.MALFORMED, "malformed request target")
MISSING_HOST = Fault(400, reason.MALFORMED, "missing required Host header")
TOO_MANY_HOSTS = Fault(400, reason.MALFORMED, "too many Host headers")
MALFORMED_HOST = Fault(400, reason.MALFORMED, "malformed Host header")
AMBIGUOUS_FRAMING = Fault(400, reason.MALFORMED, "ambiguous message framing")
TOO_MUCH_CHUNKING = Fault(400, reason.MALFORMED, "chunked encoding contains too much non-data")
REQUEST_TIMEOUT = Fault(408, reason.REQUEST_TIMEOUT)
BODY_TOO_LARGE = Fault(413, reason.BODY_TOO_LARGE)
TARGET_TOO_LONG = Fault(414, reason.TARGET_TOO_LONG)
EXPECTATION_FAILED = Fault(417, reason.EXPECTATION)
HEAD_TOO_LARGE = Fault(431, reason.HEAD_TOO_LARGE)
UNKNOWN_METHOD = Fault(501, reason.UNKNOWN_METHOD, "unknown method")
UNKNOWN_CODING = Fault(501, reason.UNKNOWN_CODING, "unsupported transfer encoding")
TOO_MANY_CONNECTIONS = Fault(503, reason.TOO_MANY_CONNECTIONS)
UNKNOWN_VERSION = Fault(505, reason.UNKNOWN_VERSION, "unsupported protocol version")
