"""The lint rules that look at more than one place of a file, in the order in which they run."""

from crossgate.config.document import Document
from crossgate.config.rules import (
    authorization_blocked,
    backend_timeout_ignored,
    backend_without_host,
    conflicting_route,
    duplicate_route,
    endless_redirect,
    filter_without_effect,
    json_body_blocked,
    method_left_out,
    noop_backend_decoded,
    noop_with_several_backends,
    only_shadow_backends,
    origin_forwarded,
    param_with_a_tail,
    passthrough_without_options,
    sequential_variable,
    timeout_never_met,
    undefined_param,
    unreachable_endpoint,
)
from crossgate.diagnostics.rule import Rule

GATEWAY_RULES: tuple[Rule[Document], ...] = (
    undefined_param.RULE,
    duplicate_route.RULE,
    conflicting_route.RULE,
    unreachable_endpoint.RULE,
    endless_redirect.RULE,
    backend_without_host.RULE,
    noop_with_several_backends.RULE,
    timeout_never_met.RULE,
    backend_timeout_ignored.RULE,
    sequential_variable.RULE,
    param_with_a_tail.RULE,
    only_shadow_backends.RULE,
    noop_backend_decoded.RULE,
    filter_without_effect.RULE,
    passthrough_without_options.RULE,
    method_left_out.RULE,
    json_body_blocked.RULE,
    authorization_blocked.RULE,
    origin_forwarded.RULE,
)
