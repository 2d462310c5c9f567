"""Where the real browsers depart from the Fetch standard, each with cases that show it.

Every departure was first a case in which model and browser disagreed. The model's `max_age_cap_seconds` is not here:
to see it one would have to wait for hours.
"""

from collections.abc import Mapping

from tests.browser.launch import Name

_BOTH: dict[str, tuple[str, ...]] = {
    "wildcard_covers_authorization": ("authorization, allow-headers star",),
}

DEPARTURES: Mapping[Name, Mapping[str, tuple[str, ...]]] = {
    "chromium": {
        **_BOTH,
        "client_hints_safelisted": ("hint DPR refused", "hint Save-Data refused", "hint ECT refused"),
        "script_user_agent_ignored": ("hint User-Agent refused",),
        "joins_values_before_check": ("safelist accept twice", "safelist content-type twice"),
    },
    "firefox": {
        **_BOTH,
        "repeats_unsafe_names": ("safelist own header twice",),
        "no_total_value_limit": ("safelist language nine times long",),
        "preflights_again_on_redirect": ("redirect 302 same host post-json exact-credentials",),
        "preflight_keeps_origin": ("redirect 307 other host put exact-credentials",),
        "malformed_max_age_not_cached": ("cache field 'abc'",),
        "cache_split_by_credentials": ("cache with, then without credentials",),
    },
}
