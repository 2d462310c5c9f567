"""What can go wrong on a request's way, and what it means for the client: KrakenD's status and an honest one.

`str()` of each is KrakenD's text. It reaches clients only with `return_error_msg`.
"""

from collections.abc import Mapping
from typing import Any

from crossgate.flow.timers import DeadlineExceededError
from crossgate.http import reason as why
from crossgate.http.failure import UpstreamError
from crossgate.http.reason import Reason
from crossgate.pipeline.decode import DecodeError
from crossgate.pipeline.safe_value import UnsafeValueError


class InvalidStatusError(Exception):
    """The backend answered with a status that is no success (lura `transport/http/client/status.go`).

    `reason`: what stands in front of it did, for that reason.
    """

    def __init__(self, status: int, method: str, pattern: str, url: str, reason: Reason | None = None) -> None:
        super().__init__(f"invalid status code {status} [{method} {pattern}]: {url}")
        self.reason = reason or why.UPSTREAM_STATUS


class BackendAnswerError(Exception):
    """`return_error_code`: the backend's status and body are the client's. `str()` is the body."""

    def __init__(self, status: int, body: bytes, content_type: bytes, reason: Reason | None = None) -> None:
        super().__init__(body.decode("utf-8", "replace"))
        self.reason = reason or why.UPSTREAM_STATUS
        self.status = status
        self.body = body
        self.content_type = content_type


class PartFailedError(Exception):
    """A plugin failed. What it failed with is in the log already, under `error_id`, and shown to nobody."""

    def __init__(self, error_id: str, reason: Reason) -> None:
        super().__init__(f"error id {error_id}")
        self.reason = reason
        self.error_id = error_id


class MergeError(Exception):
    """No part of a merged answer arrived: the texts of all, in order of arrival."""

    def __init__(self, errors: tuple[Exception, ...]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = errors


class InvalidUrlError(Exception):
    """The backend's URL with the client's values in it is none. The fault is the client's."""


class RequestBodyTooLargeError(Exception):
    """The client's body has to be kept whole and is too large for that. Never a 500."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"the request body is larger than {max_bytes} bytes")


class RequestBodyBrokenError(Exception):
    """The client's body broke off while it was read."""

    def __init__(self) -> None:
        super().__init__("unexpected EOF")


class RefusedError(Exception):
    """A component stops a request, or its answer, for that reason. `str()` is KrakenD's text, `status` its status.

    `honest_status` names the fault; `members` are what problem details say besides, whatever `return_error_msg` says.
    `content_type` is that of the text, where it is not plain.
    """

    def __init__(
        self,
        text: str,
        *,
        reason: Reason,
        status: int = 500,
        honest_status: int,
        members: Mapping[str, Any] | None = None,
        content_type: bytes = b"",
    ) -> None:
        super().__init__(text)
        self.reason = reason
        self.status = status
        self.honest_status = honest_status
        self.members: Mapping[str, Any] = members or {}
        self.content_type = content_type


EXPECTED = (
    RefusedError,
    UpstreamError,
    DeadlineExceededError,
    DecodeError,
    InvalidStatusError,
    BackendAnswerError,
    MergeError,
    InvalidUrlError,
    UnsafeValueError,
    RequestBodyTooLargeError,
    RequestBodyBrokenError,
    PartFailedError,
)
"""Failures with a text for people. Anything else is a fault of ours, whose text stays in the log."""


def honest_status(error: Exception) -> int:
    """The status that names the fault (RFC 9110 section 15), for `crossgate/errors: {"style": "http"}`."""
    if isinstance(error, (UpstreamError, BackendAnswerError)):
        return error.status
    if isinstance(error, RefusedError):
        return error.honest_status
    if isinstance(error, DeadlineExceededError):
        return 504
    if isinstance(error, (DecodeError, InvalidStatusError)):
        return 502
    if isinstance(error, (InvalidUrlError, UnsafeValueError, RequestBodyBrokenError)):
        return 400
    if isinstance(error, RequestBodyTooLargeError):
        return 413
    if isinstance(error, MergeError):
        return max(map(honest_status, error.errors), default=502)
    return 500


def reason_of(error: Exception) -> Reason:
    """Why an endpoint has no answer. Of a merged one, the first part's reason."""
    if isinstance(error, (UpstreamError, RefusedError, PartFailedError, InvalidStatusError, BackendAnswerError)):
        return error.reason
    if isinstance(error, MergeError):
        return reason_of(error.errors[0]) if error.errors else why.FAILED
    for kind, reason in _REASONS.items():
        if isinstance(error, kind):
            return reason
    return why.FAILED


_REASONS: Mapping[type[Exception], Reason] = {
    DeadlineExceededError: why.ENDPOINT_TIMEOUT,
    DecodeError: why.UPSTREAM_UNDECODABLE,
    InvalidUrlError: why.INVALID_URL,
    UnsafeValueError: why.UNSAFE_VALUE,
    RequestBodyTooLargeError: why.BODY_TOO_LARGE,
    RequestBodyBrokenError: why.BODY_BROKEN,
}
