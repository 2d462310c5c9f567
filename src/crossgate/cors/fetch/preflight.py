"""The CORS-preflight fetch: what the browser asks, and what it takes for a yes. Fetch, section 4.8.

Knows the preflight's request and response; whether one is needed and whether a cached answer will do is decided by
its callers.
"""

from dataclasses import dataclass, replace

from crossgate.cors.fetch.browsers import Browser
from crossgate.cors.fetch.cors_check import check_cors, show
from crossgate.cors.fetch.message import (
    BlockedError,
    FetchRequest,
    NetworkFailure,
    Outcome,
    Step,
    Trace,
    WireRequest,
    WireResponse,
)
from crossgate.cors.fetch.safelist import SAFELISTED_METHODS, Headers, is_token, unsafe_names

DEFAULT_MAX_AGE_SECONDS = 5

_SOURCE = "Fetch, CORS-preflight fetch, step {}"
_REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Permission:
    """What a preflight's answer permits, as the preflight cache keeps it.

    `methods` are case-sensitive, `header_names` lower-case; either may hold `*`. `lifetime_seconds` is after the
    browser's cap; 0 means that it is not kept.
    """

    methods: frozenset[bytes]
    header_names: frozenset[bytes]
    lifetime_seconds: int


def preflight_request(method: str, url: str, origin: str, asked_names: tuple[str, ...]) -> WireRequest:
    """The OPTIONS request (steps 1 to 5). It never carries credentials."""
    fields = [
        (b"accept", b"*/*"),
        (b"access-control-request-method", method.encode("latin-1")),
        (b"origin", origin.encode("utf-8")),
    ]
    if asked_names:
        fields.append((b"access-control-request-headers", ",".join(asked_names).encode("latin-1")))
    return WireRequest("OPTIONS", url, tuple(fields), credentials=False, is_preflight=True)


def check_preflight(
    trace: Trace, response: WireResponse | NetworkFailure, method: str, headers: Headers, origin: str
) -> Permission:
    """Append the checks of a preflight's response (steps 6 and 7) to the trace. Raises BlockedError where one fails."""
    if isinstance(response, NetworkFailure):
        raise BlockedError(
            Step.PREFLIGHT_RESPONSE,
            f"The preflight got no answer: {response.reason}.",
            _SOURCE.format("6"),
            error="InvalidResponse",
        )
    _check_redirect(trace, response, origin)
    check_cors(trace, response, origin, is_preflight=True)
    if not 200 <= response.status <= 299:
        raise BlockedError(
            Step.PREFLIGHT_STATUS,
            f"The preflight was answered with status {response.status}; only 200 to 299 count as a yes.",
            _SOURCE.format("7"),
            error="PreflightInvalidStatus",
        )
    trace.note(Step.PREFLIGHT_STATUS, Outcome.OK, f"The preflight's status is {response.status}.", _SOURCE.format("7"))
    methods = _extract(response, b"access-control-allow-methods", Step.PREFLIGHT_ALLOW_METHODS)
    names = _extract(response, b"access-control-allow-headers", Step.PREFLIGHT_ALLOW_HEADERS)
    if methods is None and (trace.request.upload_listener or trace.request.streamed_body):
        methods = frozenset({method.encode("latin-1")})
    lower_names = frozenset(name.lower() for name in names or ())
    _check_method(trace, method, methods or frozenset())
    _check_headers(trace, headers, lower_names)
    lifetime = lifetime_seconds(response, trace.browser)
    trace.note(
        Step.PREFLIGHT_MAX_AGE, Outcome.NOTE, _lifetime_reason(response, trace, lifetime), _SOURCE.format("7.10")
    )
    return Permission(methods or frozenset(), lower_names, lifetime)


def is_granted(
    request: FetchRequest, browser: Browser, response: WireResponse, method: str, headers: Headers, origin: str
) -> bool:
    """Whether that would be a yes to a preflight for another method or other headers, credentials left aside."""
    trace = Trace(browser, replace(request, credentials="omit"))
    try:
        check_preflight(trace, response, method, headers, origin)
    except BlockedError:
        return False
    return True


def _check_redirect(trace: Trace, response: WireResponse, origin: str) -> None:
    if response.status not in _REDIRECT_STATUSES or not response.values(b"location"):
        return
    firefox = "CORSExternalRedirectNotAllowed"
    try:
        # Firefox looks at the redirect's own CORS fields first and then names what it missed there.
        check_cors(Trace(trace.browser, trace.request), response, origin, is_preflight=True)
    except BlockedError as blocked:
        firefox = blocked.check.firefox_error or firefox
    location = show(response.values(b"location")[0])
    raise BlockedError(
        Step.PREFLIGHT_REDIRECT,
        f"The preflight was redirected (status {response.status}, to {location}); browsers follow no redirect of a "
        "preflight.",
        _SOURCE.format("7"),
        error="PreflightDisallowedRedirect",
        firefox=firefox,
    )


def _extract(response: WireResponse, name: bytes, step: Step) -> frozenset[bytes] | None:
    """Fetch, "extract header list values": None without the field. Raises BlockedError where it does not parse."""
    values = response.values(name)
    if not values:
        return None
    found = parse_token_list(values)
    if found is None:
        what = "Methods" if step is Step.PREFLIGHT_ALLOW_METHODS else "Headers"
        raise BlockedError(
            step,
            f"Access-Control-Allow-{what} of the preflight's answer is {show(b', '.join(values))}, which is no "
            "comma-separated list of names.",
            _SOURCE.format("7.3"),
            error=f"InvalidAllow{what}PreflightResponse",
        )
    return frozenset(found)


def parse_token_list(values: list[bytes]) -> list[bytes] | None:
    """The elements of a list-based field of tokens (RFC 9110, section 5.6.1), none empty; None if it is malformed."""
    elements = [element.strip(b"\t ") for value in values for element in value.split(b",")]
    elements = [element for element in elements if element]
    return elements if all(is_token(element.decode("latin-1")) for element in elements) else None


def _check_method(trace: Trace, method: str, methods: frozenset[bytes]) -> None:
    step = Step.PREFLIGHT_ALLOW_METHODS
    source = _SOURCE.format("7.5")
    if method.encode("latin-1") in methods:
        trace.note(step, Outcome.OK, f"{method} is in Access-Control-Allow-Methods.", source, method)
    elif method in SAFELISTED_METHODS:
        trace.note(step, Outcome.OK, f"{method} needs no permission.", source, method)
    elif b"*" in methods and trace.request.credentials != "include":
        trace.note(step, Outcome.OK, f"Access-Control-Allow-Methods is *, which covers {method}.", source, method)
    else:
        raise BlockedError(
            step,
            f"The method {method} is not in Access-Control-Allow-Methods{_except(method, methods, trace)}.",
            source,
            error="MethodDisallowedByPreflightResponse",
            subject=method,
        )


def _except(method: str, methods: frozenset[bytes], trace: Trace) -> str:
    if b"*" in methods and trace.request.credentials == "include":
        return "; its * does not count when credentials are included"
    if method.upper().encode("latin-1") in methods:
        return f", which lists {method.upper()}; methods are compared with regard to case"
    if not methods:
        return ", which is missing or empty"
    return ", which lists " + ", ".join(sorted(m.decode("latin-1") for m in methods)[:20])


def _check_headers(trace: Trace, headers: Headers, allowed: frozenset[bytes]) -> None:
    step = Step.PREFLIGHT_ALLOW_HEADERS
    with_credentials = trace.request.credentials == "include"
    wildcard = b"*" in allowed and not with_credentials
    if any(name.lower() == "authorization" for name, _ in headers) and b"authorization" not in allowed and wildcard:
        if not trace.browser.wildcard_covers_authorization:
            raise BlockedError(
                step,
                "Access-Control-Allow-Headers is *, which does not cover authorization: it must be listed by name.",
                _SOURCE.format("7.6"),
                error="HeaderDisallowedByPreflightResponse",
                subject="authorization",
            )
        trace.note(
            step,
            Outcome.NOTE,
            "Access-Control-Allow-Headers is *, which by the standard does not cover Authorization; this browser still "
            "lets it pass. List it by name.",
            _SOURCE.format("7.6"),
            "authorization",
        )
    names = unsafe_names(headers, trace.browser)
    for name in names:
        if name.encode("latin-1") in allowed or wildcard:
            continue
        raise BlockedError(
            step,
            f"The header {name} is not in Access-Control-Allow-Headers{_except_header(allowed, with_credentials)}.",
            _SOURCE.format("7.7"),
            error="HeaderDisallowedByPreflightResponse",
            subject=name,
        )
    if names:
        reason = f"Access-Control-Allow-Headers covers {', '.join(names)}."
    else:
        reason = "No header of the request needs permission."
    trace.note(step, Outcome.OK, reason, _SOURCE.format("7.7"))


def _except_header(allowed: frozenset[bytes], with_credentials: bool) -> str:
    if b"*" in allowed and with_credentials:
        return "; its * does not count when credentials are included"
    if not allowed:
        return ", which is missing or empty"
    return ", which lists " + ", ".join(sorted(name.decode("latin-1") for name in allowed)[:20])


def lifetime_seconds(response: WireResponse, browser: Browser) -> int:
    """How long the browser keeps the preflight's answer (steps 7.8 to 7.10), its cap applied. 0: not kept."""
    values = response.values(b"access-control-max-age")
    if not values or values == [b""]:
        seconds = DEFAULT_MAX_AGE_SECONDS
    elif len(values) == 1 and values[0].isdigit():
        seconds = int(values[0][:20])
    elif len(values) == 1 and values[0][:1] == b"-" and values[0][1:].isdigit():
        return 0
    else:
        seconds = 0 if browser.malformed_max_age_not_cached else DEFAULT_MAX_AGE_SECONDS
    return seconds if browser.max_age_cap_seconds is None else min(seconds, browser.max_age_cap_seconds)


def _lifetime_reason(response: WireResponse, trace: Trace, lifetime: int) -> str:
    values = response.values(b"access-control-max-age")
    if not values:
        return f"No Access-Control-Max-Age: the browser asks again after {lifetime} s."
    said = show(b", ".join(values))
    cap = trace.browser.max_age_cap_seconds
    if cap is not None and len(values) == 1 and values[0].isdigit() and int(values[0][:20]) > cap:
        return f"Access-Control-Max-Age is {said}; this browser keeps the answer {cap} s at most."
    return f"Access-Control-Max-Age is {said}: the browser keeps the answer {lifetime} s."
