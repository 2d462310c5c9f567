"""What a redirect makes of a request. Fetch, section 4.4 "HTTP-redirect fetch".

Computes the next hop; sends nothing.
"""

from dataclasses import dataclass, replace

from crossgate.cors.fetch.cors_check import show
from crossgate.cors.fetch.message import BlockedError, Outcome, Step, Trace, WireResponse
from crossgate.cors.fetch.safelist import REQUEST_BODY_NAMES, Headers
from crossgate.cors.fetch.url import OPAQUE_ORIGIN, ParseUrl, Url, UrlError, same_origin

MAX_REDIRECTS = 20
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})

_SOURCE = "Fetch, HTTP-redirect fetch, step {}"


@dataclass(frozen=True, slots=True)
class Hop:
    """A request on its way: what is left of it after the redirects so far.

    `tainted` means that its Origin has become `null` (Fetch, "redirect-tainted origin"). `is_cors` is the response
    tainting: once a request has been cross-origin it stays so.
    """

    url: Url
    method: str
    headers: Headers
    has_body: bool
    is_cors: bool
    tainted: bool = False
    redirects: int = 0

    def origin(self, page_origin: str) -> str:
        """Fetch, "serializing a request origin"."""
        return OPAQUE_ORIGIN if self.tainted else page_origin


def next_hop(trace: Trace, hop: Hop, response: WireResponse, parse: ParseUrl) -> Hop:
    """The request that follows a redirect. Raises BlockedError where the browser does not follow."""
    page_origin = trace.request.origin
    location = response.values(b"location")[0]
    try:
        url = parse(location.decode("utf-8", "replace").strip(), hop.url)
    except UrlError as wrong:
        # A scheme that is not fetched over HTTP is what Chromium calls disabled for CORS.
        error = "CorsDisabledScheme" if "scheme" in str(wrong) and hop.is_cors else None
        raise BlockedError(
            Step.REDIRECT, f"The redirect leads to {show(location)}, which {wrong}.", _SOURCE.format("3-5"), error=error
        ) from None
    if hop.redirects >= MAX_REDIRECTS:
        raise BlockedError(Step.REDIRECT, f"There are more than {MAX_REDIRECTS} redirects.", _SOURCE.format("6"))
    if url.includes_credentials and trace.request.mode == "cors" and (hop.is_cors or not same_origin(page_origin, url)):
        raise BlockedError(
            Step.REDIRECT,
            f"The redirect leads to {show(location)}, a URL with a user name or password in it.",
            _SOURCE.format("8-9"),
            error="RedirectContainsCredentials",
        )
    if trace.request.streamed_body and hop.has_body and response.status != 303:
        raise BlockedError(Step.REDIRECT, "The request's streamed body cannot be sent again.", _SOURCE.format("10"))
    following = _rewritten(hop, response.status, url)
    reason = f"Redirected (status {response.status}) to {url}"
    changes = [f"as {following.method}"] if following.method != hop.method else []
    crosses = url.origin != hop.url.origin
    if crosses and any(name.lower() == "authorization" for name, _ in following.headers):
        headers = tuple(pair for pair in following.headers if pair[0].lower() != "authorization")
        following = replace(following, headers=headers)
        changes.append("without Authorization")
    if crosses and not hop.tainted and not same_origin(page_origin, hop.url) and page_origin != OPAQUE_ORIGIN:
        following = replace(following, tainted=True)
        changes.append(
            "with the origin null from here on: a redirect from one foreign origin to another hides whose request it is"
        )
    is_cors = hop.is_cors or not same_origin(page_origin, url)
    trace.note(Step.REDIRECT, Outcome.OK, ", ".join([reason, *changes]) + ".", _SOURCE.format("11-17"))
    return replace(following, is_cors=is_cors)


def _rewritten(hop: Hop, status: int, url: Url) -> Hop:
    method, headers, has_body = hop.method, hop.headers, hop.has_body
    if (status in (301, 302) and method == "POST") or (status == 303 and method not in ("GET", "HEAD")):
        method, has_body = "GET", False
        headers = tuple(pair for pair in headers if pair[0].lower() not in REQUEST_BODY_NAMES)
    return replace(hop, url=url, method=method, headers=headers, has_body=has_body, redirects=hop.redirects + 1)
