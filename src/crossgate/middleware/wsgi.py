"""The CORS engine in front of a WSGI application (PEP 3333).

Knows the WSGI environment and `start_response`; decides nothing itself. WSGI cannot carry repeated request lines (a
server joins them with commas), and it has no WebSockets.
"""

from __future__ import annotations  # or the function in a function below would evaluate its own with each request

import logging
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from types import FrameType
from typing import Any, Literal, get_args

from crossgate.cors import CorsPolicy, Counters, Decision
from crossgate.cors.edits import TOUCHED_FIELDS, FieldLines
from crossgate.middleware.observer import Observer
from crossgate.middleware.wsgi_callers import Outside, page_of_debugger, what_is_outside

Environment = dict[str, Any]
# PEP 3333's has an optional third argument; there are several protocols for it, and this is what all of them fit.
StartResponse = Callable[..., Callable[[bytes], object]]
ExceptionMode = Literal["auto", "answer", "raise"]
Application = Callable[[Environment, StartResponse], Iterable[bytes]]
HeaderList = list[tuple[str, str]]

# What a decision looks at, by the names that the environment gives them.
_REQUEST_FIELDS = (
    ("HTTP_ORIGIN", b"origin"),
    ("HTTP_ACCESS_CONTROL_REQUEST_METHOD", b"access-control-request-method"),
    ("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", b"access-control-request-headers"),
    ("HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK", b"access-control-request-private-network"),
)
_SPELLINGS = {name: name.decode().title() for name in TOUCHED_FIELDS}
_TOUCHED_NAMES = frozenset(name.decode() for name in TOUCHED_FIELDS)
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_WHOLE_BODIES = (list, tuple)


class CORSMiddleware:
    """Answers preflights, and sets the CORS fields of every response of `app`, its unhandled exceptions included.

    The application's own CORS fields are treated as the policy's `upstream` says (removed by default) and its Vary is
    merged.

    `exceptions` is about an exception before the response's first bytes; one that comes later is raised again. WSGI has
    no way to answer and to raise. `answer` sends an empty 500 with the CORS fields and writes the traceback to
    `wsgi.errors`; `raise` leaves both to whoever stands outside. `auto` raises where a WSGI application outside calls
    this one within a `try`, and answers where only the server is left. Werkzeug's debugger shows its page, with the
    CORS fields.
    """

    def __init__(
        self,
        app: Application,
        policy: CorsPolicy,
        *,
        exceptions: ExceptionMode = "auto",
        counters: Counters | None = None,
        logger: logging.Logger | None = None,
    ) -> None:
        if not isinstance(policy, CorsPolicy):
            raise TypeError(f"policy must be a CorsPolicy, not {type(policy).__name__}")
        if exceptions not in get_args(ExceptionMode):
            raise ValueError(f"exceptions must be auto, answer or raise, not {exceptions!r}")
        self.app = app
        self.policy = policy
        self.counters = counters
        self._exceptions: ExceptionMode = exceptions
        self._upstream: Literal["strip", "pass", "prefer"] = policy.config.upstream.value
        self._observer = Observer(policy, counters, logger)
        self._observed = not self._observer.is_idle

    def __call__(self, environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        """One request."""
        decision = self._decide(environ)
        if self._observed:
            method = environ["REQUEST_METHOD"].encode("latin-1", "replace")
            path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
            self._observer.observe(
                decision, method, path.encode("latin-1").decode("utf-8", "replace"), cors_fields(environ)
            )
        if decision.preflight_status is not None:
            start_response(_status_line(decision.preflight_status), _empty_headers(decision.preflight_status, decision))
            return []

        begun = False

        def start_with_cors(status: str, headers: HeaderList, exc_info: Any = None) -> Callable[[bytes], object]:
            nonlocal begun
            begun = True
            if exc_info is None:
                return start_response(status, self._edited(headers, decision))
            return start_response(status, self._edited(headers, decision), exc_info)

        try:
            body = self.app(environ, start_with_cors)
        except Exception as error:  # noqa: BLE001 # whatever leaves an application is its 500
            outside = self._outside(_caller(), environ)
            return self._answer_failure(environ, start_response, decision, outside, error, begun)
        if isinstance(body, _WHOLE_BODIES) or type(body) is environ.get("wsgi.file_wrapper"):
            return body  # nothing in there can raise, and servers treat these kinds better than an iterator
        # By the time a streamed body fails, those who called have returned.
        outside = self._outside(_caller(), environ)
        return _GuardedBody(
            body, lambda error: self._answer_failure(environ, start_response, decision, outside, error, begun)
        )

    def _outside(self, frame: FrameType | None, environ: Environment) -> Outside:
        if self._exceptions == "auto":
            return what_is_outside(frame, environ)
        return Outside(None, handled=self._exceptions == "raise")

    def _answer_failure(
        self,
        environ: Environment,
        start_response: StartResponse,
        decision: Decision,
        outside: Outside,
        error: Exception,
        begun: bool,
    ) -> Iterable[bytes]:
        """The answer to an exception before the first bytes, or the exception. `begun`: headers are set already."""
        # With exc_info a server replaces headers that were set but not sent, and raises if they have been sent.
        exc_info = (type(error), error, error.__traceback__)
        if outside.debugger is not None:

            def start(status: str, headers: HeaderList, _: Any = None) -> Callable[[bytes], object]:
                edited = [*headers, *_as_text_lines(decision.edits.lines)]
                # The debugger passes no exc_info, and Werkzeug's test client takes one for a wish to raise.
                return start_response(status, edited, exc_info) if begun else start_response(status, edited)

            return page_of_debugger(outside.debugger, environ, start, error)
        if outside.handled:
            raise error
        errors = environ.get("wsgi.errors")
        if errors is not None:
            traceback.print_exception(error, file=errors)
        start_response(_status_line(500), _empty_headers(500, decision), exc_info)
        return []

    def _decide(self, environ: Environment) -> Decision:
        method = environ["REQUEST_METHOD"]
        if method != "OPTIONS":
            origin = environ.get("HTTP_ORIGIN")
            origin_bytes = origin.encode("latin-1", "replace") if origin else None
            return self.policy.decide_actual(method.encode("latin-1", "replace"), origin_bytes)
        return self.policy.decide_options(cors_fields(environ))

    def _edited(self, headers: HeaderList, decision: Decision) -> HeaderList:
        if self._upstream != "pass":
            for name, value in headers:
                if name.lower() in _TOUCHED_NAMES or not (name.isascii() and value.isascii()):
                    break
            else:  # nearly always: nothing to remove, nothing to merge, and nothing that is no header text
                return [*headers, *_as_text_lines(decision.edits.lines)]
        before = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        after = decision.edits.apply(before, self._upstream)
        spelling = {name.lower(): name for name, _ in headers}
        return [_as_text(name, value, spelling) for name, value in after]


def cors_fields(environ: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
    """The request fields that a decision looks at, out of a WSGI environment or what is like one."""
    return [(name, environ[key].encode("latin-1", "replace")) for key, name in _REQUEST_FIELDS if key in environ]


class _GuardedBody:
    """A body whose failure before its first bytes still becomes an answer."""

    def __init__(self, body: Iterable[bytes], answer_failure: Callable[[Exception], Iterable[bytes]]) -> None:
        self._body = body
        self._answer_failure = answer_failure

    def __iter__(self) -> Iterator[bytes]:
        sent = False
        try:
            for piece in self._body:
                # An empty piece sends no headers (PEP 3333), so they can still be replaced.
                sent = sent or bool(piece)
                yield piece
        except Exception as error:
            if sent:
                raise
            yield from self._answer_failure(error)

    def close(self) -> None:
        close = getattr(self._body, "close", None)
        if close is not None:
            close()


def _caller() -> FrameType | None:
    """The frame of whoever called the middleware; only where Python has frames."""
    return sys._getframe(1).f_back  # noqa: SLF001 # `inspect.currentframe` is the same and slow to import


def _as_text(name: bytes, value: bytes, spelling: dict[str, str]) -> tuple[str, str]:
    known = name.decode("latin-1")
    return spelling.get(known) or _SPELLINGS[name], value.decode("latin-1")


def _as_text_lines(lines: FieldLines) -> HeaderList:
    return [(_SPELLINGS[name], value.decode("latin-1")) for name, value in lines]


def _empty_headers(status: int, decision: Decision) -> HeaderList:
    lines = _as_text_lines(decision.edits.lines)
    return lines if status == 204 else [("Content-Length", "0"), *lines]


def _status_line(status: int) -> str:
    return f"{status} {_PHRASES.get(status, 'Unknown')}"
