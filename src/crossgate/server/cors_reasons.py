"""What CORS refused a request for, among the reasons of the gateway's answers. Knows no requests."""

from collections.abc import Mapping
from typing import Final

from crossgate.cors.decision import Reason as Decided
from crossgate.http.reason import Reason

_ASK = "Run `crossgate cors explain` with the page's origin and the request's method and headers."
_TEXTS: Final[Mapping[Decided, tuple[str, str]]] = {
    Decided.SEVERAL_ORIGINS: ("the request has several origins", "Send one `Origin`, as browsers do."),
    Decided.ORIGIN_TOO_LONG: ("the origin is too long to be valid", "Send an origin as browsers do."),
    Decided.ORIGIN_MALFORMED: (
        "the `Origin` header is not a valid origin",
        "Send an origin as browsers do: scheme, host and, unless it is the default, port.",
    ),
    Decided.ORIGIN_NOT_LISTED: (
        "pages of this origin may not read responses",
        "Add the origin to `allow_origins` if you trust its pages.",
    ),
    Decided.METHOD_NOT_LISTED: (
        "pages may not use this method",
        "Add the method to `allow_methods` if pages need it.",
    ),
    Decided.HEADERS_TOO_LONG: ("the list of headers that the page wants to send is too long", "Send fewer headers."),
    Decided.HEADERS_MALFORMED: ("`Access-Control-Request-Headers` is not a valid list", _ASK),
    Decided.HEADER_NOT_LISTED: (
        "pages may not send one of these headers",
        "Add the header to `allow_headers` if pages need it.",
    ),
    Decided.HEADER_NOT_LOWER_CASE: (
        "`Access-Control-Request-Headers` has capital letters, which no browser sends",
        _ASK,
    ),
    Decided.HEADER_REPEATED: ("`Access-Control-Request-Headers` names a header twice, which no browser does", _ASK),
    Decided.HEADERS_NOT_SORTED: ("`Access-Control-Request-Headers` is not sorted, which browsers always do", _ASK),
}

CORS_REASONS: Final = {decided: Reason(f"cors.{decided}", *texts) for decided, texts in _TEXTS.items()}
