"""The CORS check: may this origin, with these credentials, read this response? Fetch, section 4.9 "CORS check".

Used for actual responses, redirects and preflights alike. Knows no configuration.
"""

import re

from crossgate.cors.fetch.message import BlockedError, Outcome, Step, Trace, WireResponse
from crossgate.cors.fetch.names import PREFLIGHT_ERRORS
from crossgate.cors.fetch.url import OPAQUE_ORIGIN, UrlError, parse_origin

_SOURCE = "Fetch, CORS check, step {}"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def check_cors(trace: Trace, response: WireResponse, origin: str, *, is_preflight: bool) -> None:
    """Append the outcome of the CORS check to the trace. Raises BlockedError where it fails.

    The request's credentials mode counts, for a preflight too, although a preflight itself carries none.
    """
    _check_origin(trace, response, origin, is_preflight)
    if trace.request.credentials != "include":
        return
    step = Step.PREFLIGHT_ALLOW_CREDENTIALS if is_preflight else Step.ALLOW_CREDENTIALS
    value = response.combined(b"access-control-allow-credentials")
    if value != b"true":
        found = "is missing" if value is None else f"is {show(value)}"
        raise BlockedError(
            step,
            f"The request includes credentials and Access-Control-Allow-Credentials {found}; only true, exactly so "
            "written, lets the page read the answer.",
            _SOURCE.format("5-7"),
            error=_name("InvalidAllowCredentials", is_preflight),
        )
    trace.note(step, Outcome.OK, "Access-Control-Allow-Credentials is true.", _SOURCE.format("5-6"))


def _check_origin(trace: Trace, response: WireResponse, origin: str, is_preflight: bool) -> None:
    step = Step.PREFLIGHT_ALLOW_ORIGIN if is_preflight else Step.ALLOW_ORIGIN
    what = "The answer to the preflight" if is_preflight else "The response"
    values = response.values(b"access-control-allow-origin")
    combined = b", ".join(values)
    if not values:
        raise BlockedError(
            step,
            f"{what} (status {response.status}) has no Access-Control-Allow-Origin.",
            _SOURCE.format("2"),
            error=_name("MissingAllowOriginHeader", is_preflight),
        )
    if combined == b"*":
        if trace.request.credentials != "include":
            trace.note(step, Outcome.OK, "Access-Control-Allow-Origin is *: any page may read it.", _SOURCE.format("3"))
            return
        raise BlockedError(
            step,
            f"{what} allows * and the request includes credentials; with credentials the origin must be named.",
            _SOURCE.format("3-4"),
            error=_name("WildcardOriginNotAllowed", is_preflight),
        )
    if combined == origin.encode("utf-8", "surrogatepass"):
        trace.note(
            step, Outcome.OK, f"Access-Control-Allow-Origin is {origin}, the page's origin.", _SOURCE.format("4")
        )
        return
    error, firefox, why = _why_mismatch(values, combined, origin)
    raise BlockedError(step, f"{what} {why}", _SOURCE.format("4"), error=_name(error, is_preflight), firefox=firefox)


def _why_mismatch(values: list[bytes], combined: bytes, origin: str) -> tuple[str, str | None, str]:
    """Chromium's name, Firefox's where it is not that name's usual one, and the reason."""
    if len(values) > 1:
        listed = " and ".join(map(show, values))
        firefox = "CORSMultipleAllowOriginNotAllowed"
        return "MultipleAllowOriginValues", firefox, f"has Access-Control-Allow-Origin {len(values)} times: {listed}."
    firefox = "CORSAllowOriginNotMatchingOrigin"
    if b"," in combined or b" " in combined:
        reason = f"has several values in Access-Control-Allow-Origin, {show(combined)}; it takes exactly one."
        return "MultipleAllowOriginValues", firefox, reason
    if combined == b"":
        # Firefox drops fields without a value on arrival, so it sees none.
        reason = "has an empty Access-Control-Allow-Origin."
        return "InvalidAllowOriginValue", "CORSMissingAllowOrigin", reason
    text = combined.decode("utf-8", "replace")
    if text == OPAQUE_ORIGIN:
        return "AllowOriginMismatch", firefox, f"allows the origin null, and the page's is {origin}."
    scheme = _SCHEME.match(text)
    if scheme is None:
        return "InvalidAllowOriginValue", firefox, f"allows {show(combined)}, which is not an origin: it has no scheme."
    try:
        meant = parse_origin(text)
    except UrlError as wrong:
        # Chromium's parser takes anything after an unknown scheme (`localhost:3000`) for a URL, hence for a mismatch.
        special = scheme[0].lower() in ("http:", "https:", "ws:", "wss:", "ftp:")
        error = "InvalidAllowOriginValue" if special else "AllowOriginMismatch"
        return error, firefox, f"allows {show(combined)}, which {wrong}."
    if meant == origin:
        reason = f"allows {show(combined)}, which is compared byte by byte with what the browser sends: {origin}."
        return "AllowOriginMismatch", firefox, reason
    return "AllowOriginMismatch", firefox, f"allows {show(combined)}, and the page's origin is {origin}."


def _name(error: str, is_preflight: bool) -> str:
    return PREFLIGHT_ERRORS[error] if is_preflight else error


def show(value: bytes, limit: int = 200) -> str:
    """A field value for people: printable, in one line, cut after `limit` characters."""
    text = value.decode("utf-8", "backslashreplace")
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return f'"{text}"' if len(text) <= limit else f'"{text[:limit]}..."'
