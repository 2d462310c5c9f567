"""What pages of each origin are worth asking of an endpoint, and preflights, as tests without what is expected.

Knows policies; does not ask the gateway.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from crossgate.cors import CorsPolicy
from crossgate.cors.config import CorsConfig
from crossgate.plan import EndpointPlan
from crossgate.testing.init.samples import UNLISTED_HEADER

STRANGER = "https://not-listed.example"
_MOST_PREFLIGHTS = 8
_USUAL_METHODS = ("DELETE", "PATCH", "PUT")
_USUAL_HEADERS = ("authorization", "content-type", "x-requested-with")


def page_tests(
    name: str, endpoint: EndpointPlan, of_service: CorsPolicy | None, plain: Mapping[str, Any], *, is_whole: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each with its name; `name` is the endpoint's, `plain` the request that gets in, `of_service` the policy where the
    endpoint has none of its own. `is_whole`: about everything that the policy lists, and not only its first origin."""
    policy = endpoint.config.cors or of_service
    if not isinstance(policy, CorsPolicy):
        return
    asked = {key: value for key, value in plain["in"].items() if key != "headers"}
    headers = {key: value for key, value in plain["in"]["headers"].items() if key != UNLISTED_HEADER}
    without = {**asked, "headers": {}}
    for origin in _origins(policy.config)[: None if is_whole else 1]:
        yield f"{name}: a page of {origin} calls it", {**plain, "page": origin, "in": without}
    first = next(iter(_origins(policy.config)), STRANGER)
    with_cookies = {**without, "credentials": "include"}
    yield f"{name}: a page of {first} calls it with cookies", {**plain, "page": first, "in": with_cookies}
    if headers:
        with_headers = {**asked, "headers": headers}
        yield f"{name}: a page of {first} sets its headers", {**plain, "page": first, "in": with_headers}
    yield f"{name}: a page of {STRANGER} calls it", {**plain, "page": STRANGER, "in": without}
    for said, more in itertools.islice(_preflights(endpoint.config.method, policy.config), None if is_whole else 1):
        preflight = {"url": asked["url"], "method": "OPTIONS", "headers": {"Origin": first, **more}}
        yield f"{name}: its preflight{said}", {"in": preflight}


def _preflights(method: str, config: CorsConfig) -> Iterator[tuple[str, dict[str, str]]]:
    """What else preflights say: each method and each header that the policy lists, and the usual ones."""
    yield "", {"Access-Control-Request-Method": method}
    listed = sorted(config.allow_methods)[:_MOST_PREFLIGHTS]
    for other in dict.fromkeys((*listed, *_USUAL_METHODS)):
        if other in (method, "*"):
            continue
        yield f" for {other}", {"Access-Control-Request-Method": other}
    headers = [name.lower() for name in sorted(config.allow_headers) if name != "*"]
    for name in dict.fromkeys((*headers[:_MOST_PREFLIGHTS], *_USUAL_HEADERS, UNLISTED_HEADER.lower())):
        yield f" with {name}", {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": name}


def _origins(config: CorsConfig) -> list[str]:
    """An origin for each entry: itself, or one that the pattern matches."""
    if config.any_origin:
        return ["https://any.example"]
    found = [entry.replace("*", "sample", 1) for entry in config.allow_origins if "://" in entry]
    for rule in config.rules:
        found += _origins(rule)
    return list(dict.fromkeys(origin.lower().rstrip("/") for origin in found))
