"""A CORS policy as the document says it: OpenAPI has no word for it, so it is an extension, `x-cors`.

Its keys are those of KrakenD's block, so that an import can read it again.
"""

from typing import Any

from crossgate.cors import CorsPolicy
from crossgate.cors.config import CorsConfig


def cors_of(policy: CorsPolicy | None) -> dict[str, Any] | None:
    """The policy; None where there is none, or it is off."""
    if policy is None or not policy.config.enabled:
        return None
    return _block(policy.config)


def _block(config: CorsConfig) -> dict[str, Any]:
    found: dict[str, Any] = {
        "allow_origins": ["*"] if config.any_origin else list(config.allow_origins),
        "allow_methods": ["*"] if config.any_method else list(config.allow_methods),
        "allow_headers": ["*"] if config.any_header else list(config.allow_headers),
    }
    if config.expose_headers:
        found["expose_headers"] = list(config.expose_headers)
    if config.allow_credentials:
        found["allow_credentials"] = True
    if config.max_age_seconds is not None:
        found["max_age"] = f"{config.max_age_seconds}s"
    if config.rules:
        found["rules"] = [_block(rule) for rule in config.rules]
    return found
