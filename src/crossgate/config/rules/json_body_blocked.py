"""JSON bodies that no page can send.

## What it does

Looks for endpoints with POST, PUT or PATCH whose `allow_headers` is a list without `Content-Type`. Where the list names
nothing but headers that need no permission, and the endpoints have POST only, it is a note: forms may be all that is
meant.

## Why is this bad?

A page that sends JSON has to set `Content-Type: application/json`, and a browser asks for permission to do so. Without
the entry it refuses every such call. Only forms and plain text get through.

## Example

```json
{"endpoints": [{"endpoint": "/orders", "method": "POST"}],
 "extra_config": {"security/cors": {"allow_origins": ["https://app.example.com"], "allow_headers": ["Authorization"]}}}
```

## Use instead

```json
{"endpoints": [{"endpoint": "/orders", "method": "POST"}],
 "extra_config": {"security/cors": {"allow_origins": ["https://app.example.com"],
                                    "allow_headers": ["Authorization", "Content-Type"]}}}
```

## KrakenD

Starts, and refuses the preflight of every call with a JSON body.

## Sources

Fetch standard, "CORS-safelisted request-header": of `Content-Type` only the three types that forms have.
"""

from collections.abc import Iterator

from crossgate.config.document import Document, EndpointNode
from crossgate.config.rules.method_left_out import allows_method
from crossgate.config.rules.policy_place import policy_place
from crossgate.cors import CorsConfig
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

_WITH_BODY = ("POST", "PUT", "PATCH")
_SAFELISTED = frozenset({"accept", "accept-language", "content-language", "origin"})


def check(document: Document) -> Iterator[Diagnostic]:
    """At the list, once for each list, whatever the number of endpoints."""
    blocked: dict[str, list[EndpointNode]] = {}
    for endpoint in document.endpoints:
        policy = endpoint.config.cors or document.config.cors
        method = endpoint.config.method
        if policy is None or not endpoint.served or method not in _WITH_BODY or "method" in endpoint.broken:
            continue
        usable = [config for config in (policy.config, *policy.config.rules) if allows_method(config, method)]
        if usable and not any(allows_header(config, "content-type") for config in usable):
            blocked.setdefault(policy_place(document, endpoint, "allow_headers"), []).append(endpoint)
    for place, endpoints in blocked.items():
        first, more = endpoints[0].config, len(endpoints) - 1
        others = f" and {more} more endpoint{'s' * (more > 1)}" if more else ""
        yield Diagnostic(
            "COR404",
            Severity.NOTE if _may_be_for_forms(document, endpoints) else Severity.WARNING,
            place,
            f"no page of another origin can send JSON to {first.method} {first.path}{others}: "
            "allow_headers does not list Content-Type",
            hint='add "Content-Type" to allow_headers',
            krakend="refuses the preflight of every call with a JSON body",
            cause=f"Content-Type missing at {place}",
        )


def _may_be_for_forms(document: Document, endpoints: list[EndpointNode]) -> bool:
    """Whether nothing shows that more than what forms send is meant: only POST, and only headers that need no leave."""
    policies = [endpoint.config.cors or document.config.cors for endpoint in endpoints]
    listed = {header.lower() for policy in policies if policy is not None for header in policy.config.allow_headers}
    return listed <= _SAFELISTED and all(endpoint.config.method == "POST" for endpoint in endpoints)


def allows_header(config: CorsConfig, name: str) -> bool:
    """Whether a page may set that request header, given in lower case."""
    return config.any_header or name in {header.lower() for header in config.allow_headers}


RULE = Rule("COR404", check, __doc__, only_warns=True)
