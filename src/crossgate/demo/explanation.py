"""A call of the demo page, gone through once more with the browser model against the real gateway.

The page's script never sees the heads that decide about it; here they are, with each check that the browser makes of
them. Does not know HTTP servers or the page; what it returns is plain data for the page's script.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Literal, cast

from crossgate.cors.fetch import (
    CHROMIUM,
    FIREFOX,
    Browser,
    Check,
    FetchRequest,
    NetworkFailure,
    Outcome,
    Trace,
    WireRequest,
    WireResponse,
    parse_url,
    run_fetch,
)
from crossgate.demo.raw_exchange import ExchangeError, RawResponse, exchange, render_request_line
from crossgate.http.message import Fields
from crossgate.probe.url_standard import parse_standard_url

MAX_EXCHANGES = 24

_MAX_HEADERS = 64
_CREDENTIALS_MODES = ("omit", "same-origin", "include")
_OUTCOMES = {Outcome.OK: "passed", Outcome.FAILED: "failed", Outcome.SKIPPED: "skipped", Outcome.NOTE: "note"}

Answer = RawResponse | NetworkFailure
Send = Callable[[WireRequest], Awaitable[Answer]]


class CallError(Exception):
    """What the page sent describes no call that may be made."""


def decode_call(data: Any, allowed_origins: tuple[str, ...]) -> tuple[FetchRequest, bytes]:
    """The call that a JSON object describes, and its body. Raises CallError; the URL must be of an allowed origin."""
    if not isinstance(data, dict):
        raise CallError("A call is an object.")
    texts = {key: data.get(key, "") for key in ("origin", "method", "url", "credentials", "body")}
    if not all(isinstance(value, str) for value in texts.values()):
        raise CallError("A part of the call is no text.")
    if texts["credentials"] not in _CREDENTIALS_MODES:
        raise CallError("There is no such credentials mode.")
    if not texts["url"].startswith(tuple(origin + "/" for origin in allowed_origins)):
        raise CallError("Calls go to the demo's own gateway only.")
    request = FetchRequest(
        texts["origin"],
        texts["url"],
        texts["method"],
        _decode_headers(data.get("headers", [])),
        cast('Literal["omit", "same-origin", "include"]', texts["credentials"]),
        has_body=bool(texts["body"]),
    )
    return request, texts["body"].encode("utf-8", "replace")


def _decode_headers(items: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(items, list) or len(items) > _MAX_HEADERS:
        raise CallError("The headers are no list, or too many.")
    pairs = []
    for item in items:
        if not (isinstance(item, list) and len(item) == 2 and all(isinstance(part, str) for part in item)):
            raise CallError("A header is a name and a value.")
        pairs.append((item[0], item[1]))
    return tuple(pairs)


def browser_of(user_agent: bytes) -> Browser:
    """The model of the browser that calls itself so. Chromium's, where it is neither of the two that are known."""
    return FIREFOX if b"Firefox/" in user_agent else CHROMIUM


async def explain_call(
    request: FetchRequest, body: bytes, browser: Browser, allowed_origins: tuple[str, ...]
) -> dict[str, Any]:
    """The model's verdict and checks, and the exchanges it is drawn from, as the gateway really answers them.

    Redirects are followed within the allowed origins.
    """

    async def send(wire: WireRequest) -> Answer:
        return await _send(wire, b"" if wire.is_preflight else body, allowed_origins)

    trace, answers = await run_fetch_against(request, browser, send)
    decided = trace.decided_by
    return {
        "browser": browser.name,
        "verdict": "allowed" if trace.allowed else "blocked",
        "preflight": trace.preflighted,
        "step": str(decided.step),
        "reason": decided.reason,
        "chromium_error": decided.chromium_error,
        "firefox_error": decided.firefox_error,
        "status": trace.status,
        "readable_headers": list(trace.readable_headers),
        "checks": [_show_check(check) for check in trace.checks],
        "exchanges": [
            _show_exchange(made.request, answer) for made, answer in zip(trace.exchanges, answers, strict=True)
        ],
    }


async def run_fetch_against(request: FetchRequest, browser: Browser, send: Send) -> tuple[Trace, list[Answer]]:
    """The model's trace of a request whose exchanges `send` makes, and the answers in their order.

    The model is a plain function that wants each answer at once. So it is begun again whenever one was missing: it is
    cheap and always asks the same.
    """
    answers: list[Answer] = []
    while True:
        given = iter(answers)

        def respond(wire: WireRequest, given: Any = given) -> WireResponse | NetworkFailure:
            answer = next(given, None)
            if answer is None:
                raise _UnansweredError(wire)
            if isinstance(answer, RawResponse):
                fields = tuple((name.lower(), value) for name, value in answer.fields)
                return WireResponse(answer.status, fields)
            return cast("NetworkFailure", answer)

        try:
            return run_fetch(request, respond, browser, parse=parse_standard_url), answers
        except _UnansweredError as unanswered:
            if len(answers) >= MAX_EXCHANGES:
                answers.append(NetworkFailure("the demo makes no more requests for one call"))
            else:
                answers.append(await send(unanswered.wire))


class _UnansweredError(Exception):
    def __init__(self, wire: WireRequest) -> None:
        super().__init__()
        self.wire = wire


async def _send(wire: WireRequest, body: bytes, allowed_origins: tuple[str, ...]) -> Answer:
    url = parse_url(wire.url)
    if url.origin not in allowed_origins:
        return NetworkFailure("the demo calls nobody but its own gateway")
    body = b"" if wire.method in {"GET", "HEAD"} else body
    try:
        return await exchange(url.host.strip("[]"), url.port, wire.method, url.target, _wire_fields(wire), body)
    except ExchangeError as error:
        return NetworkFailure(str(error).rstrip(".").lower())


def _wire_fields(wire: WireRequest) -> Fields:
    fields = [(b"host", parse_url(wire.url).authority.encode()), *wire.fields]
    return [(name.title(), value) for name, value in fields]


def _show_check(check: Check) -> dict[str, Any]:
    return {
        "title": str(check.step).replace("-", " ").capitalize(),
        "outcome": _OUTCOMES[check.outcome],
        "reason": check.reason,
        "section": check.source,
    }


def _show_exchange(wire: WireRequest, answer: Answer) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "title": "The preflight" if wire.is_preflight else "The request itself",
        "preflight": wire.is_preflight,
        "request": {
            "line": render_request_line(wire.method, parse_url(wire.url).target),
            "fields": _readable(_wire_fields(wire)),
        },
    }
    if isinstance(answer, RawResponse):
        shown["response"] = {"line": answer.line, "fields": _readable(answer.fields)}
    else:
        shown["missing"] = f"No answer: {answer.reason}."
    return shown


def _readable(fields: Fields) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in fields]
