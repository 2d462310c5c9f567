"""The outcome of one CORS decision, as a value. Knows neither how it was reached nor how a message is written."""

from enum import StrEnum
from typing import NamedTuple

from crossgate.cors.edits import Edits


class Kind(StrEnum):
    """What a request is to CORS. A preflight is recognised by OPTIONS and Access-Control-Request-Method alone."""

    NOT_CORS = "not-cors"
    ACTUAL = "actual"
    PREFLIGHT = "preflight"


class Step(StrEnum):
    """The check that decided, in the order in which they are made."""

    OFF = "off"
    ORIGIN_PRESENT = "origin-present"
    ORIGIN_ALLOWED = "origin-allowed"
    METHOD_ALLOWED = "method-allowed"
    HEADERS_ALLOWED = "headers-allowed"
    GRANTED = "granted"


class Reason(StrEnum):
    """Why it decided so. The text is stable: logs, counters and explanations show it."""

    CORS_OFF = "cors-off"
    NO_ORIGIN = "no-origin"
    SEVERAL_ORIGINS = "several-origins"
    ORIGIN_TOO_LONG = "origin-too-long"
    ORIGIN_MALFORMED = "origin-malformed"
    ORIGIN_NOT_LISTED = "origin-not-listed"
    METHOD_NOT_LISTED = "method-not-listed"
    OPTIONS_NOT_ANSWERED = "options-not-answered"
    HEADERS_TOO_LONG = "headers-too-long"
    HEADERS_MALFORMED = "headers-malformed"
    HEADER_NOT_LISTED = "header-not-listed"
    HEADER_NOT_LOWER_CASE = "header-not-lower-case"
    HEADER_REPEATED = "header-repeated"
    HEADERS_NOT_SORTED = "headers-not-sorted"
    ANY_ORIGIN = "any-origin"
    ORIGIN_LISTED = "origin-listed"
    ORIGIN_MATCHES_PATTERN = "origin-matches-pattern"
    SAME_ORIGIN = "same-origin"


class Decision(NamedTuple):
    """What CORS says about one request. Immutable, so one value may be the answer to many requests.

    `allowed` is False only where a check refused; a request that is not CORS at all counts as allowed, since there is
    nothing to refuse. `preflight_status` asks for an answer at once, with that status and an empty body; None hands the
    request on. `edits` are to be made to whatever response goes out, errors included.
    """

    kind: Kind
    allowed: bool
    step: Step
    reason: Reason
    preflight_status: int | None
    edits: Edits
