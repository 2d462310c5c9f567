"""What can go wrong between the gateway and a backend, in one vocabulary.

`str()` of a failure is the text Go's HTTP client gives, since KrakenD shows it. Whoever meets a foreign exception
(a socket's, TLS', the parser's) maps it to one of these once; above that, nobody sees an OSError.
"""

from enum import StrEnum

from crossgate.flow.timers import DeadlineExceededError
from crossgate.http import reason
from crossgate.http.reason import Reason


class FailureKind(StrEnum):
    """What failed."""

    REQUEST = "request"  # what we were to send cannot be sent: a field or a target that is no HTTP
    NO_HOST = "no-host"  # there is no backend to ask
    CONNECT = "connect"  # name not found, connection refused, certificate not accepted
    CLOSED = "closed"  # the connection ended before its answer did
    MALFORMED = "malformed"  # the answer is no HTTP, or is framed in a way that invites smuggling
    TIMEOUT = "timeout"  # it took too long
    NOT_ASKED = "not-asked"  # it could be asked, and we do not: a limit is used up, a circuit is open


STATUS = {
    FailureKind.REQUEST: 500,
    FailureKind.NO_HOST: 503,
    FailureKind.CONNECT: 502,
    FailureKind.CLOSED: 502,
    FailureKind.MALFORMED: 502,
    FailureKind.TIMEOUT: 504,
    FailureKind.NOT_ASKED: 503,
}


_REASONS = {
    FailureKind.REQUEST: reason.UPSTREAM_REQUEST,
    FailureKind.NO_HOST: reason.NO_HOST,
    FailureKind.CONNECT: reason.CONNECT_FAILED,
    FailureKind.CLOSED: reason.CLOSED,
    FailureKind.MALFORMED: reason.UPSTREAM_MALFORMED,
    FailureKind.TIMEOUT: reason.UPSTREAM_TIMEOUT,
    FailureKind.NOT_ASKED: reason.UPSTREAM_BUSY,
}


class UpstreamError(Exception):
    """A backend could not be asked, or did not answer properly. `str()` is Go's text.

    `reason` follows from the kind where none is given.
    """

    def __init__(self, kind: FailureKind, text: str, reason: Reason | None = None) -> None:
        super().__init__(text)
        self.kind = kind
        self.reason = reason or _REASONS[kind]

    @property
    def status(self) -> int:
        """The status that names the fault to a client: 500, 502, 503 or 504 (RFC 9110 section 15.6)."""
        return STATUS[self.kind]


def reason_of_break(error: Exception) -> Reason:
    """Why a response broke off behind its head, by what its body failed with."""
    if isinstance(error, UpstreamError):
        return error.reason
    return reason.UPSTREAM_TIMEOUT if isinstance(error, DeadlineExceededError) else reason.UPSTREAM_UNDECODABLE


def no_hosts_available() -> UpstreamError:
    """There is no host to choose from (lura, `sd/loadbalancing.go`, ErrNoHosts)."""
    return UpstreamError(FailureKind.NO_HOST, "no hosts available")


def failed_call(kind: FailureKind, method: bytes, url: str, cause: str, reason: Reason | None = None) -> UpstreamError:
    """A call that failed, told as Go's `url.Error` does: `Get "http://host/path": cause`."""
    verb = method.decode("latin-1")
    return UpstreamError(kind, f'{verb[:1]}{verb[1:].lower()} "{url}": {cause}', reason)
