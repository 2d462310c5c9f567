"""`Authorization` that no page can send.

## What it does

Looks for endpoints that need a token (`auth/validator` without `cookie_key`) or pass `Authorization` on to their
backend (`input_headers`), where `allow_headers` is a list without it.

## Why is this bad?

A browser asks for permission before a page may send `Authorization`. Without the entry it refuses the call, and the
page never gets to show its token. Servers and command lines are not concerned, which is why this is easy to miss.

## Example

```json
{"endpoints": [{"endpoint": "/me", "extra_config": {"auth/validator": {"alg": "RS256"}}}],
 "extra_config": {"security/cors": {"allow_origins": ["https://app.example.com"], "allow_headers": ["Content-Type"]}}}
```

## Use instead

```json
{"endpoints": [{"endpoint": "/me", "extra_config": {"auth/validator": {"alg": "RS256"}}}],
 "extra_config": {"security/cors": {"allow_origins": ["https://app.example.com"],
                                    "allow_headers": ["Authorization", "Content-Type"]}}}
```

Nothing is wrong if no page of another origin is meant to call these endpoints.

## KrakenD

Starts, and refuses the preflight of every call with a token.

## Sources

Fetch standard, "CORS non-wildcard request-header name". krakend-jose `jwt.go`, `FromCookie`.
"""

from collections.abc import Iterator, Mapping

from crossgate.config.document import Document, EndpointNode
from crossgate.config.rules.json_body_blocked import allows_header
from crossgate.config.rules.method_left_out import allows_method
from crossgate.config.rules.policy_place import policy_place
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

_OLD_VALIDATOR = "github.com/devopsfaith/krakend-jose/validator"  # KrakenD 2 reads it too
_VALIDATORS = {2: (_OLD_VALIDATOR,), 3: ("auth/validator", _OLD_VALIDATOR)}


def check(document: Document) -> Iterator[Diagnostic]:
    """At the list, once for each list, whatever the number of endpoints."""
    blocked: dict[str, list[EndpointNode]] = {}
    for endpoint in document.endpoints:
        policy = endpoint.config.cors or document.config.cors
        if policy is None or not endpoint.served or "method" in endpoint.broken or not _why_needed(document, endpoint):
            continue
        configs = (policy.config, *policy.config.rules)
        usable = [config for config in configs if allows_method(config, endpoint.config.method)]
        if usable and not any(allows_header(config, "authorization") for config in usable):
            blocked.setdefault(policy_place(document, endpoint, "allow_headers"), []).append(endpoint)
    for place, endpoints in blocked.items():
        first, more = endpoints[0], len(endpoints) - 1
        others = f", and so do {more} more" if more > 1 else ", and so does 1 more" if more else ""
        yield Diagnostic(
            "COR405",
            Severity.WARNING,
            place,
            f"no page of another origin can send Authorization: allow_headers does not list it, and "
            f"{first.config.method} {first.config.path} {_why_needed(document, first)}{others}",
            hint='add "Authorization" to allow_headers',
            krakend="refuses the preflight of every call with that header",
            cause=f"Authorization missing at {place}",
        )


def _why_needed(document: Document, endpoint: EndpointNode) -> str:
    """What the endpoint does with the header; empty if nothing."""
    extra = endpoint.raw.get(endpoint.keys.get("extra_config", ""))
    for name in _VALIDATORS[document.version]:
        settings = extra.get(name) if isinstance(extra, Mapping) else None
        if isinstance(settings, Mapping) and not (settings.get("cookie_key") or settings.get("cookie-key")):
            return "validates it"
    return "passes it on to its backend" if "Authorization" in endpoint.config.input_headers else ""


RULE = Rule("COR405", check, __doc__, only_warns=True)
