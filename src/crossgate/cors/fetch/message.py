"""What goes into the model and comes out of it: the script's request, what is sent, what is answered, the trace.

Plain values. Field names on the wire are lower-case bytes, values bytes without outer blanks. Knows no rule.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from crossgate.cors.fetch.browsers import Browser
from crossgate.cors.fetch.names import FIREFOX_ERRORS
from crossgate.cors.fetch.safelist import Headers

Fields = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """What a page's script asks for, as in `fetch(url, {method, headers, credentials, mode})`.

    `origin` is the page's serialized origin, `null` for an opaque one. `headers` are those that the script sets.
    `has_body` matters to redirects and to GET, `upload_listener` is XMLHttpRequest's `upload` with a listener,
    `streamed_body` a ReadableStream: both of them ask for a preflight.
    """

    origin: str
    url: str
    method: str = "GET"
    headers: Headers = ()
    credentials: Literal["omit", "same-origin", "include"] = "same-origin"
    mode: Literal["cors", "no-cors", "same-origin"] = "cors"
    redirect: Literal["follow", "error", "manual"] = "follow"
    has_body: bool = False
    upload_listener: bool = False
    streamed_body: bool = False


@dataclass(frozen=True, slots=True)
class WireRequest:
    """A request as the browser sends it; fields that say nothing of CORS (Host, User-Agent …) are left out.

    `credentials` says whether cookies and the like go with it.
    """

    method: str
    url: str
    fields: Fields
    credentials: bool
    is_preflight: bool


@dataclass(frozen=True, slots=True)
class WireResponse:
    """A response's head. Interim responses never appear here."""

    status: int
    fields: Fields

    def values(self, name: bytes) -> list[bytes]:
        """The values of all field lines of that lower-case name."""
        return [value for known, value in self.fields if known == name]

    def combined(self, name: bytes) -> bytes | None:
        """Fetch, "get": all values of that name joined with comma and blank, or None."""
        values = self.values(name)
        return b", ".join(values) if values else None


@dataclass(frozen=True, slots=True)
class NetworkFailure:
    """No response came. `reason` is the end of a sentence: `the connection was refused`."""

    reason: str


Responder = Callable[[WireRequest], WireResponse | NetworkFailure]
"""Whoever answers: an engine, a recording, a real connection."""


class Step(StrEnum):
    """The steps of a fetch at which it can be decided, in the order in which they come. The values are stable."""

    REQUEST = "request"
    FORBIDDEN_HEADERS = "forbidden-headers"
    PORT = "port"
    MIXED_CONTENT = "mixed-content"
    LOCAL_NETWORK = "local-network"
    ORIGIN = "origin"
    MODE = "mode"
    PREFLIGHT_NEEDED = "preflight-needed"
    PREFLIGHT_CACHE = "preflight-cache"
    PREFLIGHT_RESPONSE = "preflight-response"
    PREFLIGHT_REDIRECT = "preflight-redirect"
    PREFLIGHT_ALLOW_ORIGIN = "preflight-allow-origin"
    PREFLIGHT_ALLOW_CREDENTIALS = "preflight-allow-credentials"
    PREFLIGHT_STATUS = "preflight-status"
    PREFLIGHT_ALLOW_METHODS = "preflight-allow-methods"
    PREFLIGHT_ALLOW_HEADERS = "preflight-allow-headers"
    PREFLIGHT_MAX_AGE = "preflight-max-age"
    RESPONSE = "response"
    ALLOW_ORIGIN = "allow-origin"
    ALLOW_CREDENTIALS = "allow-credentials"
    REDIRECT = "redirect"
    EXPOSE_HEADERS = "expose-headers"


class Outcome(StrEnum):
    """How a check went. A note decides nothing."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Check:
    """One step of the trace: what was looked at, how it went, one plain sentence why, and the standard's section.

    `subject` is the method or header name at stake, where there is one. `chromium_error` is set on failed checks that
    Chromium has a CorsError for.
    """

    step: Step
    outcome: Outcome
    reason: str
    source: str
    subject: str = ""
    chromium_error: str | None = None
    firefox_error: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back. `checks_before` is how many checks had been made when it was sent."""

    request: WireRequest
    response: WireResponse | NetworkFailure
    checks_before: int = 0


@dataclass(slots=True)
class Trace:
    """A whole fetch in one browser.

    `response_type` is Fetch's: `basic` and `cors` can be read, `opaque` and `opaqueredirect` cannot, `error` is a
    network error. `readable_headers` are lower-case, in order of first appearance.
    """

    browser: Browser
    request: FetchRequest
    checks: list[Check] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    response_type: Literal["basic", "cors", "opaque", "opaqueredirect", "error"] = "error"
    status: int = 0
    readable_headers: tuple[str, ...] = ()
    preflight_cache_seconds: int | None = None

    @property
    def allowed(self) -> bool:
        """Whether the script may read the response."""
        return self.response_type in ("basic", "cors")

    @property
    def preflighted(self) -> bool:
        """Whether a preflight was sent."""
        return any(exchange.request.is_preflight for exchange in self.exchanges)

    @property
    def decided_by(self) -> Check:
        """The check that failed, else the last one that let the response through."""
        for check in self.checks:
            if check.outcome is Outcome.FAILED:
                return check
        return next(check for check in reversed(self.checks) if check.outcome is Outcome.OK)

    def note(self, step: Step, outcome: Outcome, reason: str, source: str, subject: str = "") -> None:
        """Append a check that does not fail."""
        self.checks.append(Check(step, outcome, reason, source, subject))


class BlockedError(Exception):
    """A check failed: the fetch ends in a network error. Never leaves this package."""

    def __init__(
        self,
        step: Step,
        reason: str,
        source: str,
        *,
        error: str | None = None,
        firefox: str | None = None,
        subject: str = "",
    ) -> None:
        super().__init__(reason)
        if firefox is None and error is not None:
            firefox = FIREFOX_ERRORS[error]
        self.check = Check(step, Outcome.FAILED, reason, source, subject, error, firefox or None)
