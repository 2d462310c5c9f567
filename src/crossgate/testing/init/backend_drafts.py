"""What is worth asking of an endpoint about its backends: what reaches them, what they may answer, how long they may
take, and what the gateway remembers of them.

Knows the model and names of components; does not know what the gateway answers.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from crossgate.components.rate_limit.model import RouterLimit, TieredLimit
from crossgate.config.model import EndpointConfig
from crossgate.golang.header_name import canonical_header_name
from crossgate.pipeline.merge import SHARE_OF_TIMEOUT
from crossgate.plan import EndpointPlan
from crossgate.testing.init.draft import Draft, with_header, with_headers
from crossgate.testing.init.expressions import values_in
from crossgate.testing.init.samples import answers_of, expressions_about_answers, members_in
from crossgate.testing.init.tiers import tier_samples

_JUST_MS = 1.0
_OFTEN = 5
"""Limits, breakers and caches that come to be there are noticed by so many requests."""
_MOST_TIERS = 10
_MOST_MEMBERS = 6
_MEDIA = ("application/xml", "application/json", "text/plain")
_JSON_LIKE = frozenset(("json", "safejson"))
_USUAL_HEADERS = {
    "Accept": "application/xml",
    "Accept-Language": "de",
    "Authorization": "Basic bm9ib2R5Om5vYm9keQ==",
    "Content-Type": "text/plain",
    "Cookie": "a=b",
    "Referer": "https://referrer.example/",
    "X-Api-Key": "none",
    "X-Requested-With": "XMLHttpRequest",
}
_FRESH = {"Content-Type": "application/json", "Cache-Control": "max-age=60"}
_USUAL_QUERY = "page=2&limit=9&sort=name&q=text&id=8"


def backend_drafts(name: str, endpoint: EndpointPlan, plain: dict[str, Any], number: int) -> Iterator[Draft]:
    """`name` is the endpoint's, `number` its place, `plain` a request that reaches its backends."""
    config = endpoint.config
    yield Draft(f"{name} with what clients often send", _with_usual(plain), endpoint=number)
    for media in _MEDIA if config.output_encoding == "negotiate" else ():
        yield Draft(f"{name} for who accepts {media}", with_header(plain, "Accept", media), endpoint=number)
    fails = {**plain, "backends": answers_of(config, status=503)}
    yield Draft(f"{name}: a backend fails", fails, times=_OFTEN, endpoint=number)
    hosts = {host for backend in config.backends for host in backend.hosts if backend.sd == "static"}
    if hosts:
        refused = {_authority(host): {"fail": "refused"} for host in sorted(hosts)}
        yield Draft(f"{name}: no backend is there", {**plain, "backends": refused}, endpoint=number)
    yield from _about_answers(name, config, plain, number)
    yield from _about_time(name, endpoint, plain, number)
    fresh = {**plain, "backends": answers_of(config, headers=_FRESH)}
    yield Draft(f"{name} asks its backends each time", fresh, times=_OFTEN, needs_times=True, endpoint=number)


def remembered(name: str, endpoint: EndpointPlan, plain: dict[str, Any], number: int) -> Iterator[Draft]:
    """About limits, breakers and caches."""
    names = {*endpoint.config.components, *(part for one in endpoint.config.backends for part in one.components)}
    if "rate_limit" in names:
        yield Draft(f"{name} has a limit", plain, until="changed", endpoint=number)
        for changed in _many_clients(endpoint, plain):
            yield Draft(f"{name} has a limit for all clients together", changed, until="changed", endpoint=number)
        for said, changed in _in_tiers(endpoint, plain):
            yield Draft(f"{name} has a limit {said}", changed, until="changed", endpoint=number)
    if "circuit_breaker" in names:
        failing = {**plain, "backends": answers_of(endpoint.config, status=500)}
        yield Draft(f"{name} spares a backend that fails", failing, until="silent", endpoint=number)
    if "http_cache" in names:
        kept = {**plain, "backends": answers_of(endpoint.config, headers=_FRESH)}
        yield Draft(f"{name} keeps answers", kept, until="silent", endpoint=number)


def _with_usual(plain: Mapping[str, Any]) -> dict[str, Any]:
    """With fields and queries that are often sent, but for those that say who it is."""
    asked = plain["in"]
    is_known = "token" in asked or "key" in asked
    there = {canonical_header_name(name) for name in asked["headers"]}
    fields = {
        name: value
        for name, value in _USUAL_HEADERS.items()
        if name not in there and not (name in ("Authorization", "X-Api-Key") and is_known)
    }
    return with_headers({**plain, "in": {**asked, "url": f"{asked['url']}&{_USUAL_QUERY}"}}, fields)


def _about_answers(name: str, config: EndpointConfig, plain: dict[str, Any], number: int) -> Iterator[Draft]:
    """What backends answer that is not what they are made to: nothing, a list for an object or the reverse, and objects
    without what expressions look at."""
    for member in itertools.islice(members_in(expressions_about_answers(config)), _MOST_MEMBERS):
        without = {**plain, "backends": answers_of(config, without=member)}
        yield Draft(f"{name}: {member} is not in the answer", without, needs_difference=True, endpoint=number)
        for value in _values_for(config, member):
            told = {**plain, "backends": answers_of(config, given={member: value})}
            yield Draft(f"{name}: {member} in the answer is {value}", told, needs_difference=True, endpoint=number)
    if not all(backend.encoding in _JSON_LIKE for backend in config.backends):
        return
    is_list = all(backend.is_collection for backend in config.backends)
    for what, answer in (("nothing", {}), ("an object" if is_list else "a list", {} if is_list else [{"id": 7}])):
        if answer or not is_list:
            test = {**plain, "backends": answers_of(config, json=answer)}
            yield Draft(f"{name}: a backend answers {what}", test, endpoint=number)


def _values_for(config: EndpointConfig, member: str) -> list[str]:
    return values_in([text for text in expressions_about_answers(config) if member in text])[:_MOST_MEMBERS]


def _about_time(name: str, endpoint: EndpointPlan, plain: dict[str, Any], number: int) -> Iterator[Draft]:
    milliseconds = 1000 * endpoint.timeout_seconds
    merged = [backend for backend in endpoint.config.backends if not backend.shadow]
    if len(merged) > 1 and not endpoint.config.sequential:
        milliseconds *= SHARE_OF_TIMEOUT
    if not _JUST_MS < milliseconds < 3_600_000:
        return
    for what, delay_ms in (("waits for", milliseconds - _JUST_MS), ("gives up on", milliseconds + _JUST_MS)):
        test = {**plain, "backends": answers_of(endpoint.config, delay_ms=delay_ms)}
        yield Draft(f"{name} {what} backends that take {delay_ms:g} ms", test, endpoint=number)


def _many_clients(endpoint: EndpointPlan, plain: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The request as another client sends it each time, where clients have limits of their own."""
    for limit in _limits_of(endpoint.config):
        client = limit.client if isinstance(limit, RouterLimit) else None
        if client is not None and client.strategy == "ip":
            yield {**plain, "in": {**plain["in"], "client": "2001:db8:{n}::1"}}
        elif client is not None and client.strategy == "header":
            yield with_header(plain, client.key, "client-{n}")


def _in_tiers(endpoint: EndpointPlan, plain: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The request as clients of each tier send it."""
    for limit in _limits_of(endpoint.config):
        if isinstance(limit, TieredLimit):
            field = canonical_header_name(limit.field.decode("latin-1"))
            for value, _ in itertools.islice(tier_samples(limit), _MOST_TIERS):
                yield f"where {field} is {value or 'empty'}", with_header(plain, field, value)


def _limits_of(config: EndpointConfig) -> tuple[Any, ...]:
    limits = config.components.get("rate_limit")
    return limits if isinstance(limits, tuple) else (limits,)


def _authority(host: str) -> str:
    """Of a host, which may have a path."""
    scheme, mark, rest = host.rpartition("://")
    return f"{scheme if mark else 'http'}://{rest.partition('/')[0]}"
