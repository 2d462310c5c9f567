"""A whole fetch as a browser does it, against whoever answers. Fetch, sections 4.1 "Main fetch" and 4.3 "HTTP fetch".

The order of the checks is this file's only business; each is made elsewhere in this package. No I/O: requests go to a
`Responder`. The trace is complete whatever happens.
"""

from crossgate.cors.fetch.browsers import STANDARD, Browser
from crossgate.cors.fetch.cors_check import check_cors
from crossgate.cors.fetch.expose import note_exposed, readable_names
from crossgate.cors.fetch.message import (
    BlockedError,
    Check,
    Exchange,
    FetchRequest,
    NetworkFailure,
    Outcome,
    Responder,
    Step,
    Trace,
    WireRequest,
    WireResponse,
)
from crossgate.cors.fetch.preflight import check_preflight, preflight_request
from crossgate.cors.fetch.preflight_cache import PreflightCache
from crossgate.cors.fetch.redirect import REDIRECT_STATUSES, Hop, next_hop
from crossgate.cors.fetch.safelist import (
    SAFELISTED_METHODS,
    Headers,
    is_forbidden_header,
    is_forbidden_method,
    is_safelisted,
    is_token,
    is_valid_value,
    normalize_method,
    normalize_value,
    unsafe_names,
    why_unsafe,
)
from crossgate.cors.fetch.url import (
    OPAQUE_ORIGIN,
    ParseUrl,
    Url,
    UrlError,
    blocked_port,
    local_network_host,
    loopback_host,
    parse_url,
    potentially_trustworthy,
    same_origin,
)


def run_fetch(
    request: FetchRequest,
    respond: Responder,
    browser: Browser = STANDARD,
    cache: PreflightCache | None = None,
    parse: ParseUrl = parse_url,
) -> Trace:
    """Do what `browser` does with a script's `fetch()`. Never raises for what request or responses contain."""
    trace = Trace(browser, request)
    try:
        _main_fetch(trace, respond, cache, parse)
    except BlockedError as blocked:
        trace.checks.append(blocked.check)
        trace.response_type = "error"
        trace.readable_headers = ()
    return trace


def _main_fetch(trace: Trace, respond: Responder, cache: PreflightCache | None, parse: ParseUrl) -> None:
    request = trace.request
    url = _parse_target(request, parse)
    method = _check_method(request)
    headers = _check_headers(trace)
    _check_transport(trace, url)
    same = same_origin(request.origin, url)
    _check_mode(trace, url, same)
    hop = Hop(url, method, headers, request.has_body or request.streamed_body, is_cors=not same)
    while True:
        response = _http_fetch(trace, hop, respond, cache)
        if response.status not in REDIRECT_STATUSES or not response.values(b"location"):
            break
        if request.redirect == "error":
            raise BlockedError(
                Step.REDIRECT,
                "The response is a redirect and the request's redirect mode is error.",
                "Fetch, HTTP fetch, step 7",
            )
        if request.redirect == "manual":
            trace.response_type = "opaqueredirect"
            trace.checks.append(
                _unreadable(
                    Step.REDIRECT,
                    "The request's redirect mode is manual: the script learns nothing of the redirect.",
                    "Fetch, HTTP fetch, step 7",
                )
            )
            return
        hop = next_hop(trace, hop, response, parse)
        if request.mode == "same-origin" and hop.is_cors:
            raise BlockedError(
                Step.MODE,
                "The redirect leads to another origin and the request's mode is same-origin.",
                "Fetch, main fetch, step 12",
                error="DisallowedByMode",
            )
        _check_transport(trace, hop.url)
    _finish(trace, hop, response)


def _finish(trace: Trace, hop: Hop, response: WireResponse) -> None:
    trace.status = response.status
    if hop.is_cors and trace.request.mode == "no-cors":
        trace.response_type = "opaque"
        reason = (
            "The request's mode is no-cors: it is sent, and its response is opaque: no status, header or byte of it."
        )
        trace.checks.append(_unreadable(Step.MODE, reason, "Fetch, main fetch, step 12"))
        return
    trace.response_type = "cors" if hop.is_cors else "basic"
    with_credentials = trace.request.credentials == "include"
    trace.readable_headers = readable_names(response, is_cors=hop.is_cors, with_credentials=with_credentials)
    if hop.is_cors:
        note_exposed(trace, response)


def _unreadable(step: Step, reason: str, source: str) -> Check:
    return Check(step, Outcome.FAILED, reason, source)


# -- what the script may ask for at all: Fetch, section 5.4 "Request class"


def _parse_target(request: FetchRequest, parse: ParseUrl) -> Url:
    source = "Fetch, Request constructor"
    try:
        url = parse(request.url)
    except UrlError as wrong:
        error = "CorsDisabledScheme" if "scheme" in str(wrong) else None
        raise BlockedError(Step.REQUEST, f"The URL {wrong}.", source, error=error) from None
    if url.includes_credentials:
        raise BlockedError(
            Step.REQUEST, "The URL has a user name or password in it: fetch() throws a TypeError.", source
        )
    return url


def _check_method(request: FetchRequest) -> str:
    source = "Fetch, Request constructor"
    method = normalize_method(request.method)
    if not is_token(method):
        raise BlockedError(Step.REQUEST, "The method is no token: fetch() throws a TypeError.", source, subject=method)
    if is_forbidden_method(method):
        raise BlockedError(
            Step.REQUEST,
            f"The method {method} is forbidden to scripts: fetch() throws a TypeError.",
            source,
            subject=method,
        )
    if request.mode == "no-cors" and method not in SAFELISTED_METHODS:
        raise BlockedError(
            Step.REQUEST, f"The mode no-cors takes only GET, HEAD and POST, not {method}.", source, subject=method
        )
    if (request.has_body or request.streamed_body) and method in ("GET", "HEAD"):
        raise BlockedError(Step.REQUEST, f"A {method} request cannot have a body: fetch() throws a TypeError.", source)
    return method


def _check_headers(trace: Trace) -> Headers:
    kept: list[tuple[str, str]] = []
    for name, raw in trace.request.headers:
        value = normalize_value(raw)
        if not is_token(name) or not is_valid_value(value):
            raise BlockedError(
                Step.REQUEST,
                f"The header {name[:60]!r} has a name or value that is none: fetch() throws a TypeError.",
                "Fetch, Headers class",
                subject=name,
            )
        if is_forbidden_header(name, value):
            reason = f"Scripts cannot set {name}: the browser ignores it."
            trace.note(Step.FORBIDDEN_HEADERS, Outcome.SKIPPED, reason, "Fetch, forbidden request-header", name)
        elif name.lower() == "user-agent" and trace.browser.script_user_agent_ignored:
            reason = "This browser ignores the script's User-Agent and sends its own."
            trace.note(Step.FORBIDDEN_HEADERS, Outcome.SKIPPED, reason, "not in the standard", name)
        elif trace.request.mode == "no-cors" and not is_safelisted(name, value, trace.browser):
            reason = f"The mode no-cors drops {name}."
            trace.note(
                Step.FORBIDDEN_HEADERS, Outcome.SKIPPED, reason, "Fetch, no-CORS-safelisted request-header", name
            )
        else:
            kept.append((name, value))
    return tuple(kept)


# -- what is decided before anything is sent


def _check_transport(trace: Trace, url: Url) -> None:
    if blocked_port(url):
        raise BlockedError(
            Step.PORT, f"Browsers never call port {url.port}: it belongs to another protocol.", "Fetch, port blocking"
        )
    origin = trace.request.origin
    if url.scheme == "http" and origin.startswith("https://") and not potentially_trustworthy(url.origin):
        raise BlockedError(
            Step.MIXED_CONTENT,
            f"The page is on https and {url.origin} is not: mixed content is blocked before anything is sent.",
            "Mixed Content, section 4.4",
        )
    page_host = origin.partition("://")[2]
    if local_network_host(url.host) and page_host and not local_network_host(page_host):
        where = "this machine" if loopback_host(url.host) else "a local network"
        trace.note(
            Step.LOCAL_NETWORK,
            Outcome.NOTE,
            f"{url.host} is {where}: if the page itself comes from the internet, browsers ask the user first (Local "
            "Network Access), and only for pages in a secure context. No response header grants it.",
            "Local Network Access",
        )


def _check_mode(trace: Trace, url: Url, same: bool) -> None:
    request = trace.request
    source = "Fetch, main fetch, step 12"
    if same:
        trace.note(Step.ORIGIN, Outcome.OK, f"The page and the URL share the origin {url.origin}: no CORS.", source)
        return
    page = "The page's origin is opaque (null)" if request.origin == OPAQUE_ORIGIN else f"The page is {request.origin}"
    trace.note(Step.ORIGIN, Outcome.OK, f"{page}, the URL {url.origin}: cross-origin.", source)
    if request.mode == "same-origin":
        raise BlockedError(
            Step.MODE, "The request's mode is same-origin and the URL is not.", source, error="DisallowedByMode"
        )


# -- one hop


def _http_fetch(trace: Trace, hop: Hop, respond: Responder, cache: PreflightCache | None) -> WireResponse:
    request = trace.request
    origin = hop.origin(request.origin)
    is_cors = hop.is_cors and request.mode == "cors"
    if is_cors:
        keeps_origin = trace.browser.preflight_keeps_origin
        _preflight(trace, hop, request.origin if keeps_origin else origin, respond, cache)
    fields = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in hop.headers]
    if is_cors or hop.method not in ("GET", "HEAD"):
        fields.append((b"origin", origin.encode("utf-8")))
    with_credentials = request.credentials == "include" or (request.credentials == "same-origin" and not hop.is_cors)
    wire = WireRequest(hop.method, str(hop.url), tuple(fields), with_credentials, is_preflight=False)
    response = respond(wire)
    trace.exchanges.append(Exchange(wire, response, len(trace.checks)))
    if isinstance(response, NetworkFailure):
        raise BlockedError(Step.RESPONSE, f"The request got no answer: {response.reason}.", "Fetch, HTTP-network fetch")
    if is_cors:
        check_cors(trace, response, origin, is_preflight=False)
    return response


def _preflight(trace: Trace, hop: Hop, origin: str, respond: Responder, cache: PreflightCache | None) -> None:
    asked = unsafe_names(hop.headers, trace.browser)
    reasons = _why_preflight(trace, hop, asked)
    source = "Fetch, HTTP fetch, step 4"
    if not reasons:
        trace.note(
            Step.PREFLIGHT_NEEDED,
            Outcome.SKIPPED,
            "No preflight: any page could cause such a request with a form.",
            source,
        )
        return
    url = str(hop.url)
    trace.note(Step.PREFLIGHT_NEEDED, Outcome.OK, f"A preflight is needed: {'; '.join(reasons)}.", source)
    if cache is not None and cache.permits(trace.request, origin, url, hop.method, hop.headers):
        trace.note(Step.PREFLIGHT_CACHE, Outcome.OK, "The answer of an earlier preflight still holds.", source)
        return
    wire = preflight_request(hop.method, url, origin, asked)
    response = respond(wire)
    trace.exchanges.append(Exchange(wire, response, len(trace.checks)))
    permission = check_preflight(trace, response, hop.method, hop.headers, origin)
    trace.preflight_cache_seconds = permission.lifetime_seconds
    if cache is not None:
        cache.store(trace.request, origin, url, permission)


def _why_preflight(trace: Trace, hop: Hop, asked: tuple[str, ...]) -> list[str]:
    reasons: list[str] = []
    if hop.method not in SAFELISTED_METHODS:
        reasons.append(f"the method {hop.method} is not GET, HEAD or POST")
    for name in dict.fromkeys(asked):
        values = [value for known, value in hop.headers if known.lower() == name]
        unsafe = [value for value in values if not is_safelisted(name, value, trace.browser)]
        if unsafe:
            reasons.append(f"{name} {why_unsafe(name, unsafe[0])}")
        else:
            reasons.append(f"{name} is too long together with the other headers")
    if trace.request.upload_listener:
        reasons.append("a listener watches the upload")
    if trace.request.streamed_body:
        reasons.append("the body is a stream")
    if not reasons and trace.browser.preflights_again_on_redirect and _was_preflighted(trace):
        reasons.append("the request needed one before it was redirected, and this browser then asks again")
    return reasons


def _was_preflighted(trace: Trace) -> bool:
    return any(check.step is Step.PREFLIGHT_NEEDED and check.outcome is Outcome.OK for check in trace.checks)
