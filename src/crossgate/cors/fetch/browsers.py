"""The browsers that the model knows, and where each departs from the Fetch standard.

Every departure was seen in a real browser (Chromium 156, Firefox ESR 153) and is one field here; the standard itself
is the browser without any. Knows no request.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser's ways. A field that is False or None means: as the standard says.

    `max_age_cap_seconds` is how long it keeps a preflight's answer at most; None where the standard leaves it open.
    """

    name: str
    max_age_cap_seconds: int | None = None
    wildcard_covers_authorization: bool = False  # `Access-Control-Allow-Headers: *` lets Authorization through
    client_hints_safelisted: bool = False  # DPR, Save-Data, Width … need no preflight
    script_user_agent_ignored: bool = False  # a User-Agent that the script sets is not sent
    joins_values_before_check: bool = False  # two values of one name are checked as one list
    repeats_unsafe_names: bool = False  # a name set twice stands twice in Access-Control-Request-Headers
    no_total_value_limit: bool = False  # the limit of 1024 bytes for all safelisted values together is not enforced
    preflights_again_on_redirect: bool = (
        False  # a request that needed a preflight has one at each hop, whatever is left
    )
    preflight_keeps_origin: bool = False  # a preflight after redirects names the page's origin, not `null`
    malformed_max_age_not_cached: bool = False  # a malformed Access-Control-Max-Age means 0 s, not the default of 5 s
    cache_split_by_credentials: bool = False  # an entry made with credentials does not serve a request without


STANDARD = Browser("standard")

CHROMIUM = Browser(
    "chromium",
    max_age_cap_seconds=7200,
    wildcard_covers_authorization=True,
    client_hints_safelisted=True,
    script_user_agent_ignored=True,
    joins_values_before_check=True,
)

FIREFOX = Browser(
    "firefox",
    max_age_cap_seconds=86_400,
    wildcard_covers_authorization=True,
    repeats_unsafe_names=True,
    no_total_value_limit=True,
    preflights_again_on_redirect=True,
    preflight_keeps_origin=True,
    malformed_max_age_not_cached=True,
    cache_split_by_credentials=True,
)
