"""The lint rules that look at one CORS policy alone, in the order in which they run.

Rules are pure. What they need to know of the world outside (public suffixes, the ASCII form of a host) comes in as
look-ups; without one, the rules that need it say nothing.
"""

from collections.abc import Iterable

from crossgate.cors.rules import (
    authorization_with_wildcard,
    blank_in_origin,
    debug_left_on,
    default_port,
    duplicate_entry,
    empty_list_means_default,
    empty_origin_list,
    forbidden_method,
    forbidden_request_header,
    forbidden_response_header,
    insecure_origin_with_credentials,
    invalid_header_name,
    invalid_method,
    lower_case_method,
    max_age_over_chromium_cap,
    max_age_over_every_cap,
    max_age_under_a_second,
    missing_scheme,
    negative_max_age,
    null_origin,
    origin_never_sent,
    origin_with_path,
    origin_with_userinfo,
    preflight_status_not_ok,
    private_network_flag,
    request_header_exposed,
    response_header_allowed,
    scheme_wildcard,
    second_wildcard,
    several_origins_in_one_entry,
    shadowed_entry,
    subdomain_wildcard,
    trailing_slash,
    trailing_wildcard,
    unicode_host,
    upper_case_origin,
    wildcard_in_expose_headers,
    wildcard_in_scheme,
    wildcard_inside_label,
    wildcard_method,
    wildcard_on_public_suffix,
    wildcard_port,
    wildcard_with_credentials,
)
from crossgate.cors.rules.written import NameLookups, WrittenPolicy
from crossgate.diagnostics import Diagnostic
from crossgate.diagnostics.rule import Rule

__all__ = ["POLICY_RULES", "NameLookups", "WrittenPolicy", "check_policy"]

POLICY_RULES: tuple[Rule[WrittenPolicy], ...] = (
    wildcard_with_credentials.RULE,
    scheme_wildcard.RULE,
    wildcard_inside_label.RULE,
    trailing_wildcard.RULE,
    wildcard_port.RULE,
    wildcard_on_public_suffix.RULE,
    null_origin.RULE,
    insecure_origin_with_credentials.RULE,
    subdomain_wildcard.RULE,
    wildcard_in_scheme.RULE,
    empty_origin_list.RULE,
    trailing_slash.RULE,
    origin_with_path.RULE,
    origin_with_userinfo.RULE,
    default_port.RULE,
    missing_scheme.RULE,
    upper_case_origin.RULE,
    blank_in_origin.RULE,
    unicode_host.RULE,
    second_wildcard.RULE,
    duplicate_entry.RULE,
    shadowed_entry.RULE,
    several_origins_in_one_entry.RULE,
    origin_never_sent.RULE,
    lower_case_method.RULE,
    wildcard_method.RULE,
    forbidden_method.RULE,
    invalid_method.RULE,
    invalid_header_name.RULE,
    forbidden_request_header.RULE,
    response_header_allowed.RULE,
    authorization_with_wildcard.RULE,
    wildcard_in_expose_headers.RULE,
    forbidden_response_header.RULE,
    request_header_exposed.RULE,
    empty_list_means_default.RULE,
    max_age_over_chromium_cap.RULE,
    max_age_over_every_cap.RULE,
    max_age_under_a_second.RULE,
    negative_max_age.RULE,
    private_network_flag.RULE,
    debug_left_on.RULE,
    preflight_status_not_ok.RULE,
)


def check_policy(policy: WrittenPolicy) -> Iterable[Diagnostic]:
    """What all rules find in one policy. Policies inside it (its `rules`) are passed by themselves."""
    for rule in POLICY_RULES:
        yield from rule.check(policy)
