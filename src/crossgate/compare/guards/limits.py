"""Limits of requests and calls: which of two lets more through. Follows `components/rate_limit`, `limits/bucket`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from crossgate.compare.difference import Example, Kind
from crossgate.compare.guards.change import Change
from crossgate.compare.requested import on_condition
from crossgate.compare.same import says_same
from crossgate.compare.words import listed
from crossgate.components.circuit_breaker.config import BreakerConfig
from crossgate.components.overload.config import OverloadConfig
from crossgate.components.rate_limit.model import BackendLimit, Policy, RouterLimit, TieredLimit, TierValue
from crossgate.golang.header_name import canonical_header_name
from crossgate.limits.bucket import Bucket


def compare_limits(
    old: Sequence[RouterLimit | TieredLimit], new: Sequence[RouterLimit | TieredLimit]
) -> Iterator[Change]:
    """Of one place, or of the service."""
    before, after = {_name(one): one for one in old}, {_name(one): one for one in new}
    for name in dict.fromkeys([*before, *after]):
        was, now = before.get(name), after.get(name)
        if was is None:
            yield _limit(f"there is a limit now: {_said(now)}", opens=False)
        elif now is None:
            yield _limit(f"there is no limit any more: it was {_said(was)}", opens=True)
        elif isinstance(was, RouterLimit) and isinstance(now, RouterLimit):
            yield from _compare_limit(was, now)
        elif isinstance(was, TieredLimit) and isinstance(now, TieredLimit):
            yield from _compare_tiers(was, now)


def compare_backend_limits(old: BackendLimit, new: BackendLimit) -> Iterator[Change]:
    """Of one backend's calls."""
    yield from compare_buckets("calls", old.bucket, new.bucket)
    if not says_same(old.over, new.over):
        yield _limit("calls are counted at another place", opens=False)


def compare_breakers(old: BreakerConfig, new: BreakerConfig) -> Iterator[Change]:
    """Of one backend."""
    before, after = _patience(old), _patience(new)
    if before != after:
        yield _limit(f"the circuit opens after {after} instead of {before}", opens=False)
    if old.timeout_seconds != new.timeout_seconds:
        text = f"an open circuit is tried again after {new.timeout_seconds}s instead of {old.timeout_seconds}s"
        yield _limit(text, opens=False)


def compare_overload(old: OverloadConfig, new: OverloadConfig) -> Iterator[Change]:
    """What may be under way at once."""
    was, now = _bounds(old), _bounds(new)
    bounds = [(what, was.get(what), now.get(what)) for what in {**was, **now}]
    for what, before, after in bounds:
        if before != after:
            texts = ["any number" if one is None else str(one) for one in (after, before)]
            opens = after is None or (before is not None and after > before)
            yield _limit(f"most {what}: {texts[0]} instead of {texts[1]}", opens=opens)


def _bounds(config: OverloadConfig) -> dict[str, int]:
    found: dict[str, int] = {}
    if config.requests is not None:
        found |= {"requests under way": config.requests.most, "requests that wait": config.requests.queue}
    if config.hosts is not None:
        found |= {"connections to a host": config.hosts.max_connections, "calls that wait": config.hosts.queue}
    return found


def _patience(config: BreakerConfig) -> str:
    if config.max_errors is None:
        return "no number of failures"
    within = f" within {config.interval_seconds}s" if config.interval_seconds else ""
    return f"{config.max_errors} failures{within}"


def _name(limit: RouterLimit | TieredLimit) -> str:
    return limit.name if isinstance(limit, RouterLimit) else "tiers"


def _limit(sentence: str, *, opens: bool) -> Change:
    return Change(Kind.LIMIT, sentence, opens, _repeated, "repeats")


def _repeated(example: Example) -> Example:
    return replace(on_condition(example, "sent again and again"), times=1000)


def _compare_limit(old: RouterLimit, new: RouterLimit) -> Iterator[Change]:
    yield from compare_buckets("requests", old.total, new.total)
    before, after = old.client, new.client
    if before is not None and after is not None:
        yield from compare_buckets("requests of one client", before.bucket, after.bucket)
        keys = [one.key.lower() if one.strategy == "header" else one.key for one in (before, after)]
        if before.strategy != after.strategy or keys[0] != keys[1]:
            text = f"clients are told apart by {_clients(new)} instead of {_clients(old)}"
            yield _limit(text, opens=True)
    else:
        buckets = [None if one is None else one.bucket for one in (before, after)]
        yield from compare_buckets("requests of one client", buckets[0], buckets[1])
    if not says_same(old.over, new.over):
        yield _limit("requests are counted at another place", opens=old.over is not None)


def _compare_tiers(old: TieredLimit, new: TieredLimit) -> Iterator[Change]:
    if old.field != new.field:
        fields = [canonical_header_name(one.field.decode("latin-1")) for one in (new, old)]
        yield _limit(f"tiers are told apart by {fields[0]} instead of {fields[1]}", opens=True)
        return
    before, after = [value for value, _ in old.tiers], [value for value, _ in new.tiers]
    if before != after:
        said = [listed([_tier(value) for value in values]) for values in (after, before)]
        yield _limit(f"tiers are {said[0]} instead of {said[1]}", opens=True)
        return
    for (value, was), (_, now) in zip(old.tiers, new.tiers, strict=True):
        for change in compare_limits([] if was is None else [was], [] if now is None else [now]):
            yield replace(change, sentence=f"in the tier {_tier(value)} {change.sentence}")


def _tier(value: TierValue) -> str:
    if value is None:
        return "*"
    return f"where {value.text}" if isinstance(value, Policy) else value.decode("utf-8", "replace")


def _clients(limit: RouterLimit) -> str:
    client = limit.client
    return "" if client is None else f"{client.strategy} {client.key}".strip()


def compare_buckets(what: str, old: Bucket | None, new: Bucket | None) -> Iterator[Change]:
    if old == new:
        return
    if new is None:
        yield _limit(f"there is no limit of {what} any more: it was {_bucket(old)}", opens=True)
    elif old is None:
        yield _limit(f"there is a limit of {what} now: {_bucket(new)}", opens=False)
    else:
        is_raised = new.interval_ns < old.interval_ns or new.capacity > old.capacity or new.initial > old.initial
        if replace(new, refills_when_empty=old.refills_when_empty) == old:
            text = f"the limit of {what} ({_bucket(new)}) is filled up as in files of another version"
            yield _limit(text, opens=not new.refills_when_empty)
            return
        verb = "raised" if is_raised else "lowered"
        yield _limit(f"the limit of {what} is {verb}: {_bucket(new)} instead of {_bucket(old)}", opens=is_raised)


def _bucket(bucket: Bucket | None) -> str:
    if bucket is None:
        return "none"
    every = bucket.interval_ns / 1e9
    rate = f"{1 / every:g} a second" if every <= 1 else f"one in {every:g}s"
    return f"{rate}, {bucket.capacity} at once"


def _said(limit: RouterLimit | TieredLimit | None) -> str:
    if not isinstance(limit, RouterLimit):
        return "by tiers"
    parts = [_bucket(limit.total)] if limit.total is not None else []
    if limit.client is not None:
        parts.append(f"{_bucket(limit.client.bucket)} for each client, told apart by {_clients(limit)}")
    return "; ".join(parts)
