"""What CORS refused a request for, among the reasons of the gateway's answers. Knows no requests."""

from collections.abc import Mapping
from typing import Final

from crossgate.cors import Decision
from crossgate.cors.decision import Reason as Decided
from crossgate.http.reason import Reason

_ASK = "Ask `crossgate cors explain` with the page's origin and the call's method and fields."
_TEXTS: Final[Mapping[Decided, tuple[str, str]]] = {
    Decided.SEVERAL_ORIGINS: ("the request names several origins", "Send one `Origin`, as browsers do."),
    Decided.ORIGIN_TOO_LONG: ("the origin is longer than any is", "Send an origin as browsers do."),
    Decided.ORIGIN_MALFORMED: (
        "the origin is none",
        "Send an origin as browsers do: scheme, host, and port if need be.",
    ),
    Decided.ORIGIN_NOT_LISTED: (
        "pages of this origin may not read answers",
        "Add the origin to `allow_origins`, if its pages are to be let in.",
    ),
    Decided.METHOD_NOT_LISTED: (
        "pages may not use this method",
        "Add the method to `allow_methods`, if pages are to use it.",
    ),
    Decided.HEADERS_TOO_LONG: ("the list of fields that the page wants to send is too long", "Send fewer fields."),
    Decided.HEADERS_MALFORMED: ("the list of fields that the page wants to send is none", _ASK),
    Decided.HEADER_NOT_LISTED: (
        "pages may not send one of these fields",
        "Add the field to `allow_headers`, if pages are to send it.",
    ),
    Decided.HEADER_NOT_LOWER_CASE: ("the list of fields has capital letters, which no browser sends", _ASK),
    Decided.HEADER_REPEATED: ("the list of fields names one twice, which no browser does", _ASK),
    Decided.HEADERS_NOT_SORTED: ("the list of fields is not sorted, as browsers sort it", _ASK),
}

CORS_REASONS: Final = {decided: Reason(f"cors.{decided}", *texts) for decided, texts in _TEXTS.items()}


def reason_of_decision(decision: Decision) -> Reason | None:
    """Why CORS refused; None where it did not."""
    return None if decision.allowed else CORS_REASONS.get(decision.reason)
