"""The answers the gateway gives on its own: not found, method not allowed, failures, refusals.

Knows both styles of `crossgate/errors`. Does not know why something failed beyond the exception it is given.
"""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from random import Random
from typing import Any

from crossgate.golang.json_text import encode_json
from crossgate.golang.number import with_float64_numbers
from crossgate.http.message import Fields, Response, refusal
from crossgate.http.printable import printable
from crossgate.http.reason import (
    BAD_TARGET,
    FAILED,
    LED_ELSEWHERE,
    METHOD_NOT_ALLOWED,
    NO_ROUTE,
    NOT_RUN,
    UNSAFE_VALUE,
    Reason,
)
from crossgate.pipeline.failure import (
    EXPECTED,
    BackendAnswerError,
    PartFailedError,
    RefusedError,
    RequestBodyTooLargeError,
    honest_status,
    reason_of,
)
from crossgate.pipeline.safe_value import UnsafeValueError
from crossgate.plan import Plan

JSON = b"application/json; charset=utf-8"
PLAIN = b"text/plain; charset=utf-8"
PROBLEM = b"application/problem+json"
_WITHOUT_BODY = (204, 304)
_ROUTER_TEXTS = {404: b"404 page not found", 405: b"405 method not allowed"}


class Answers:
    """Compiled from a plan's router options and error style."""

    __slots__ = (
        "_log",
        "_random",
        "_return_error_msg",
        "_router_bodies",
        "_style",
        "incomplete_fields",
        "version_field",
    )

    def __init__(self, plan: Plan, log: logging.Logger, random: Random) -> None:
        version = "undefined" if plan.router.hide_version_header else plan.identity.version
        self.version_field = (b"x-krakend", f"Version {version}".encode())
        self.incomplete_fields: Fields = [self.version_field, (b"x-krakend-completed", b"false")]
        self._style = plan.error_style
        self._return_error_msg = plan.router.return_error_msg
        self._log = log
        self._random = random
        self._router_bodies = {status: self._router_body(plan, status) for status in _ROUTER_TEXTS}

    def _router_body(self, plan: Plan, status: int) -> tuple[bytes, bytes]:
        if status in plan.router.error_bodies:
            return JSON, encode_json(with_float64_numbers(plan.router.error_bodies[status]))
        if self._style == "http":
            return PROBLEM, _problem(status, {})
        return b"text/plain", _ROUTER_TEXTS[status]

    def not_found(self) -> Response:
        """No route."""
        content_type, body = self._router_bodies[404]
        return refusal(404, NO_ROUTE, [*self.incomplete_fields, (b"content-type", content_type)], body)

    def method_not_allowed(self, allowed: Sequence[bytes]) -> Response:
        """The path has routes, but for other methods."""
        content_type, body = self._router_bodies[405]
        fields = [*self.incomplete_fields, (b"content-type", content_type), (b"allow", b", ".join(allowed))]
        return refusal(405, METHOD_NOT_ALLOWED, fields, body)

    def bad_request(self, text: str, reason: Reason = BAD_TARGET) -> Response:
        """A target that KrakenD refuses before any endpoint sees it; the text is always shown."""
        if self._style == "http":
            return refusal(400, reason, [(b"content-type", PROBLEM)], _problem(400, {"detail": text}))
        return refusal(400, reason, [(b"content-type", PLAIN)], text.encode())

    def not_run(self, endpoint: str, unsupported: tuple[str, ...]) -> Response:
        """The endpoint uses what is not run and not safe to leave out."""
        if self._style == "http":
            fields: dict[str, str] = {}
            if self._return_error_msg:
                fields["detail"] = f"not run: {', '.join(unsupported)}"
            return refusal(501, NOT_RUN, [*self.incomplete_fields, (b"content-type", PROBLEM)], _problem(501, fields))
        self._log.debug("[ENDPOINT: %s] not run: %s", endpoint, ", ".join(unsupported))
        return refusal(501, NOT_RUN, list(self.incomplete_fields))

    def broken(self, error_id: str, reason: Reason = FAILED) -> Response:
        """Something of ours, or of a plugin, failed: the log has the rest under that id."""
        if self._style == "http":
            fields = [*self.incomplete_fields, (b"content-type", PROBLEM)]
            return refusal(500, reason, fields, _problem(500, {"error_id": error_id}))
        fields = [*self.incomplete_fields, (b"content-type", PLAIN)]
        return refusal(500, reason, fields, f"error id {error_id}".encode())

    def led_elsewhere(self, path: bytes, endpoint: str) -> Response:
        """What stands before the router led a request to a route for which another CORS policy holds."""
        error_id = self.new_error_id()
        text = "error %s: a plugin led a request to %s (%s), which has a CORS policy of its own; only rewrite() can"
        self._log.error(text, error_id, printable(path), endpoint)
        return self.broken(error_id, LED_ELSEWHERE)

    def new_error_id(self) -> str:
        """What links an answer with its line in the log."""
        return f"{self._random.getrandbits(64):016x}"

    def report(self, endpoint: str, errors: tuple[Exception, ...]) -> None:
        """Failures beside an answer."""
        for error in errors:
            self._log.error("[ENDPOINT: %s] %s", endpoint, _one_line(error))

    def failure(self, endpoint: str, error: Exception) -> Response:
        """No answer at all. Faults of ours are logged with their traceback and shown to nobody."""
        if isinstance(error, UnsafeValueError):
            self._log.error("[ENDPOINT: %s] %s", endpoint, error)
            return self.bad_request(f"error: {error}", UNSAFE_VALUE)
        if isinstance(error, PartFailedError):
            return self.broken(error.error_id, error.reason)
        is_expected = isinstance(error, EXPECTED)
        if self._style == "http":
            return self._problem_response(endpoint, error, is_expected)
        if is_expected:
            self._log.error("[ENDPOINT: %s] %s", endpoint, _one_line(error))
        else:
            self._log.error("[ENDPOINT: %s] internal error", endpoint, exc_info=error)
        status, content_type, body = 500, PLAIN, str(error).encode() if is_expected else b"internal server error"
        if isinstance(error, RequestBodyTooLargeError):
            status = 413
        elif isinstance(error, RefusedError):
            status, content_type = error.status, error.content_type or PLAIN
            body = b"" if status in _WITHOUT_BODY else body
        elif isinstance(error, BackendAnswerError):
            status, content_type, body = error.status, error.content_type or PLAIN, error.body
        if not self._return_error_msg or not body:
            return refusal(status, reason_of(error), list(self.incomplete_fields))
        return refusal(status, reason_of(error), [*self.incomplete_fields, (b"content-type", content_type)], body)

    def _problem_response(self, endpoint: str, error: Exception, is_expected: bool) -> Response:
        """RFC 9457. The id stands in the log, too, where the reason is."""
        error_id = self.new_error_id()
        if is_expected:
            self._log.error("[ENDPOINT: %s] error %s: %s", endpoint, error_id, _one_line(error))
        else:
            self._log.error("[ENDPOINT: %s] error %s", endpoint, error_id, exc_info=error)
        status = honest_status(error)
        members: dict[str, Any] = {"error_id": error_id}
        if isinstance(error, RefusedError):
            members.update(error.members)
        if self._return_error_msg and is_expected:
            members["detail"] = str(error)
        if isinstance(error, BackendAnswerError) and self._return_error_msg and error.body:
            content_type = error.content_type or PLAIN
            fields = [*self.incomplete_fields, (b"content-type", content_type)]
            return refusal(status, error.reason, fields, error.body)
        fields = [*self.incomplete_fields, (b"content-type", PROBLEM)]
        return refusal(status, reason_of(error), fields, _problem(status, members))


def _problem(status: int, members: dict[str, Any]) -> bytes:
    try:
        title = HTTPStatus(status).phrase
    except ValueError:
        title = "Error"
    return encode_json({"type": "about:blank", "title": title, "status": status, **members})


def _one_line(error: Exception) -> str:
    return str(error).replace("\n", " | ").replace("\r", " ")
