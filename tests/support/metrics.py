"""Metrics as tests read them: the names there are, and the samples of a text."""

import re

NAMES = {
    "crossgate_auth_decisions_total",
    "crossgate_background_failures_total",
    "crossgate_breaker_state",
    "crossgate_build_info",
    "crossgate_cache_answers_total",
    "crossgate_connections",
    "crossgate_connections_refused_total",
    "crossgate_connections_total",
    "crossgate_cors_decisions_total",
    "crossgate_event_loop_lag_seconds",
    "crossgate_in_flight",
    "crossgate_in_flight_limit",
    "crossgate_limit_decisions_total",
    "crossgate_lua_runs_total",
    "crossgate_plugin_failures_total",
    "crossgate_plugin_slow_calls_total",
    "crossgate_redis_duration_seconds",
    "crossgate_redis_errors_total",
    "crossgate_redis_fallbacks_total",
    "crossgate_redis_up",
    "crossgate_overload_queued",
    "crossgate_overload_refused_total",
    "crossgate_refusals_total",
    "crossgate_reloads_total",
    "crossgate_request_duration_seconds",
    "crossgate_requests_total",
    "crossgate_spans_total",
    "crossgate_response_body_bytes_total",
    "crossgate_upstream_connections",
    "crossgate_upstream_duration_seconds",
    "crossgate_upstream_errors_total",
    "crossgate_upstream_queued",
    "crossgate_upstream_refused_total",
    "crossgate_upstream_requests_total",
    "crossgate_upstream_retries_total",
    "crossgate_workers",
}
_SAMPLE = re.compile(r"^([a-z_]+)(?:\{(.*)\})? (\S+)$")


def samples(text: str) -> dict[tuple[str, str], float]:
    """The values by name and labels, as written."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            match = _SAMPLE.fullmatch(line)
            assert match is not None, line
            found[match[1], match[2] or ""] = float(match[3])
    return found
