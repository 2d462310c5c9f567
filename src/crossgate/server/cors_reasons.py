"""What CORS refused a request for, among the reasons of the gateway's answers. Knows no requests."""

from collections.abc import Mapping
from typing import Final

from crossgate.cors.decision import Reason as Decided
from crossgate.http.reason import Reason

_AS_BROWSERS = "as browsers do. If a proxy in front of the gateway changes the header, have it passed on unchanged."
_CONSOLE = "The browser's console says that `Access-Control-Allow-Origin` is missing; the real cause is the"
_TEXTS: Final[Mapping[Decided, tuple[str, str]]] = {
    Decided.SEVERAL_ORIGINS: ("the request has several origins", "Send one `Origin`, as browsers do."),
    Decided.ORIGIN_TOO_LONG: ("the origin is too long to be valid", "Send an origin as browsers do."),
    Decided.ORIGIN_MALFORMED: (
        "the `Origin` header is not a valid origin",
        "Send an origin as browsers do: scheme, host and, unless it is the default, port.",
    ),
    Decided.ORIGIN_NOT_LISTED: (
        "pages of this origin may not read responses",
        f"Add the origin to `allow_origins` if you trust its pages. {_CONSOLE} origin.",
    ),
    Decided.METHOD_NOT_LISTED: (
        "pages may not use this method",
        f"Add the method to `allow_methods` if pages need it. {_CONSOLE} method.",
    ),
    Decided.HEADERS_TOO_LONG: ("the list of headers that the page wants to send is too long", "Send fewer headers."),
    Decided.HEADERS_MALFORMED: (
        "`Access-Control-Request-Headers` is not a valid list",
        f"Separate the names by one comma each, {_AS_BROWSERS}",
    ),
    Decided.HEADER_NOT_LISTED: (
        "pages may not send one of these headers",
        f"Add the header to `allow_headers` if pages need it. {_CONSOLE} header.",
    ),
    Decided.HEADER_NOT_LOWER_CASE: (
        "`Access-Control-Request-Headers` has capital letters",
        f"Write the names in lower case, {_AS_BROWSERS}",
    ),
    Decided.HEADER_REPEATED: (
        "`Access-Control-Request-Headers` names a header twice",
        f"Name each header once, {_AS_BROWSERS}",
    ),
    Decided.HEADERS_NOT_SORTED: (
        "`Access-Control-Request-Headers` is not in alphabetical order",
        f"Sort the names, {_AS_BROWSERS}",
    ),
}

CORS_REASONS: Final = {decided: Reason(f"cors.{decided}", *texts) for decided, texts in _TEXTS.items()}
