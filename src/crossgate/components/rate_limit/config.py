"""The limits as a file has them: which there are at the service, an endpoint and a backend, and where they are kept.

Source: krakend-ratelimit v3 `router/router.go`, `router/gin/gin.go`, `proxy/proxy.go`; for version 2 files
krakend-ratelimit v1 `juju/router/router.go`; for KrakenD Enterprise its public documentation and schema, 2.12.
"""

import re

from crossgate.components.rate_limit.keys import (
    PROXY,
    PROXY_KEYS,
    REDIS_KEYS,
    ROUTER,
    ROUTER_KEYS,
    ROUTER_REDIS,
    SERVICE,
    SERVICE_KEYS,
    SERVICE_REDIS,
    STRATEGIES,
    TIER_KEYS,
    TIERED,
    TIERED_KEYS,
)
from crossgate.components.rate_limit.model import (
    BackendLimit,
    ClientLimit,
    Limit,
    Policy,
    RouterLimit,
    ServiceLimits,
    TieredLimit,
    TierValue,
)
from crossgate.components.rate_limit.policy import PolicyError, check_policy
from crossgate.components.rate_limit.reader import OPEN, SECOND_NS, LimitReader
from crossgate.config.fields import Fields
from crossgate.config.keys import KeyTable
from crossgate.config.section import Section
from crossgate.diagnostics.path import child
from crossgate.limits.over import Over, shared_over
from crossgate.redis.config import stores_of
from crossgate.redis.store import Stores

_ANYBODY = "*"
_LIKE_A_POLICY = re.compile(r"\bvalue(\.\w+\(| *[!=<>]=| in )")
_OF_ENTERPRISE = (*STRATEGIES, "jwt")


def decode_service(section: Section) -> ServiceLimits | None:
    """The limits of all endpoints together; None where there are none and no endpoint's can use Redis."""
    stores = stores_of(section)
    found = (
        _limit(LimitReader.of(section, SERVICE, SERVICE_KEYS), _OF_ENTERPRISE),
        _limit(LimitReader.of(section, SERVICE_REDIS, REDIS_KEYS), _OF_ENTERPRISE, stores, name="redis"),
        _tiered(section, stores),
    )
    limits = tuple([limit for limit in found if limit is not None])
    return ServiceLimits(limits, stores) if limits or stores is not None else None


def decode_endpoint(section: Section) -> tuple[Limit, ...] | None:
    """An endpoint's limits; None where it has none.

    DEVIATION(DEV-RATE-1): KrakenD limits nothing where a rate is no number or there is no such strategy.
    """
    stores = _stores(section)
    found = (
        _limit(LimitReader.of(section, ROUTER, ROUTER_KEYS), STRATEGIES, over=shared_over(stores)),
        _limit(LimitReader.of(section, ROUTER_REDIS, REDIS_KEYS), _OF_ENTERPRISE, stores, name="redis"),
        _tiered(section, stores),
    )
    limits = tuple([limit for limit in found if limit is not None])
    return limits or None


def decode_backend(section: Section) -> BackendLimit | None:
    """The limit of a backend's calls; None where it has none."""
    reader = LimitReader.of(section, PROXY, PROXY_KEYS)
    if reader is None:
        return None
    rate = reader.rate("max_rate", reader.every_ns())
    capacity = reader.capacity("capacity")
    if section.closed:
        return None
    if rate <= 0:
        reader.check_any(("max_rate",))
        return None
    bucket = reader.bucket(rate, capacity or int(rate))
    if not capacity:
        reader.check_capacity("max_rate", "capacity", bucket, "lets {} at once through")
    return BackendLimit(bucket, shared_over(_stores(section)))


def _stores(section: Section) -> Stores | None:
    of_service: ServiceLimits | None = section.service
    return None if of_service is None else of_service.stores


def _limit(
    reader: LimitReader | None,
    strategies: tuple[str, ...],
    stores: Stores | None = None,
    *,
    over: Over | None = None,
    name: str = "",
    is_tier: bool = False,
) -> RouterLimit | None:
    """What one object asks for; with `connection_name` among its keys it has to be kept in a Redis."""
    if reader is None:
        return None
    version = reader.section.version
    every_ns = reader.every_ns(least_ns=SECOND_NS)
    rate, client_rate = reader.rate("max_rate", every_ns), reader.rate("client_max_rate", every_ns)
    capacity, client_capacity = reader.capacity("capacity"), reader.capacity("client_capacity")
    total = None
    if rate > 0:
        total = reader.bucket(rate, capacity or int(rate))
        if not capacity:
            reader.check_capacity("max_rate", "capacity", total, "lets {} at once through")
    client = None
    if client_rate > 0:
        is_written = client_capacity > 0
        if not is_written:
            # KrakenD 2 looks at the rate of all to say what one client may do.
            client_capacity = 1 if rate < 1 and version == 3 else int(client_rate)
            client_capacity = max(client_capacity, 0 if version == 3 else 1)
        bucket = reader.bucket(client_rate, client_capacity, initial=client_capacity)
        if not is_written:
            reader.check_capacity("client_max_rate", "client_capacity", bucket, "lets one client send {} at once")
        client = ClientLimit(reader.strategy(strategies), reader.text("key"), bucket)
        reader.check_key(client)
    if reader.fields.table is REDIS_KEYS:
        over = _over(reader, stores)
    if reader.section.closed:
        return None
    if total is None and client is None:
        if not is_tier:  # one without a limit may be meant
            reader.check_any(("max_rate", "client_max_rate"))
        return None
    reader.check_use(total, client.bucket if client is not None else None)
    return RouterLimit(total, client, over, name)


def _over(reader: LimitReader, stores: Stores | None) -> Over | None:
    """The Redis that a limit names.

    DEVIATION(DEV-RATE-4): without `on_failure_allow`, KrakenD Enterprise refuses everything while Redis is away.
    """
    fields = reader.fields
    key = "connection_name" if "connection_name" in fields.keys else "connection_pool"
    name, allows = fields.text(key), fields.boolean("on_failure_allow")
    store = None if stores is None else stores.by_name.get(name) if name else stores.own
    if store is None:
        hint = 'name it in "redis" of the service, or write "crossgate/redis" there'
        message = f'there is no Redis called "{name[:80]}"' if name else "the limit does not say which Redis keeps it"
        reader.refuse(fields.at(key), message, hint)
        return None
    if "on_failure_allow" not in fields.keys:
        return Over(store)
    return Over(store, "allow" if allows else "refuse")


def _tiered(section: Section, stores: Stores | None) -> TieredLimit | None:
    """Limits by tiers."""
    reader = LimitReader.of(section, TIERED, TIERED_KEYS)
    if reader is None:
        return None
    fields = reader.fields
    field = fields.text("tier_key").lower()
    if field in ("", "host"):
        reader.refuse(fields.at("tier_key"), "no request has the field that names its tier", 'write a "tier_key"')
    tiers: list[tuple[TierValue, RouterLimit | None]] = []
    is_open = True
    for path, item in fields.objects("tiers"):
        if not isinstance(item, dict):
            reader.refuse(path, "a tier must be an object", "")
            continue
        tier = section.sub_fields(TIERED, item, path, TIER_KEYS, krakend=OPEN)
        value = _value(section, tier)
        limit = _limit_of_tier(section, tier, stores, name=_name(value))
        if not is_open or value in [known for known, _ in tiers]:
            what = "the same value" if is_open else f'"tier_value_as": "{_ANYBODY}"'
            message = f"this tier never counts: one with {what} stands before it"
            hint = "remove one of them" if is_open else "put that one last"
            section.report.warning("CFG314", path, message, hint=hint, krakend="does the same silently")
        else:
            tiers.append((value, limit))
        is_open = is_open and value is not None
    if is_open:
        message = "requests of no tier, or of none that is listed, are not limited"
        hint = f'add a last tier with "tier_value_as": "{_ANYBODY}"'
        section.report.warning("CFG314", fields.at("tiers"), message, hint=hint, krakend="does the same silently")
    return TieredLimit(field.encode("latin-1", "replace"), tuple(tiers)) if tiers and not section.closed else None


def _name(value: TierValue) -> str:
    """What tells a tier's buckets from those of the others, whatever their values are."""
    if value is None:
        return "tier"
    return f"tier by {value.text}" if isinstance(value, Policy) else f"tier {value.decode()}"


def _value(section: Section, tier: Fields) -> TierValue:
    manner, text = tier.text("tier_value_as") or "literal", tier.text("tier_value")
    if manner == "policy":
        try:
            check_policy(text)
        except PolicyError as error:
            section.close(TIERED, tier.at("tier_value"), str(error), hint=error.hint)
        return Policy(text)
    if manner not in ("literal", _ANYBODY):
        message = f'there is no "tier_value_as": "{manner[:80]}"'
        hint = f'write "literal", "policy" or "{_ANYBODY}"'
        section.close(TIERED, tier.at("tier_value_as"), message, hint=hint)
    elif manner == "literal" and _LIKE_A_POLICY.search(text):
        message = "this tier never counts: the field is compared with it as it is written"
        hint = 'add "tier_value_as": "policy" to have it evaluated'
        section.report.warning("CFG314", tier.at("tier_value"), message, hint=hint, krakend="does the same silently")
    return None if manner == _ANYBODY else text.encode()


def _limit_of_tier(section: Section, tier: Fields, stores: Stores | None, *, name: str) -> RouterLimit | None:
    written: tuple[tuple[str, KeyTable], ...] = (("ratelimit", SERVICE_KEYS), ("ratelimit_redis", REDIS_KEYS))
    found = [(key, table, raw) for key, table in written if (raw := tier.object(key)) is not None]
    if len(found) != 1:
        message = 'a tier needs one limit, "ratelimit" or "ratelimit_redis"'
        section.close(TIERED, child(tier.path, found[0][0]) if found else tier.path, message, krakend=OPEN)
        return None
    key, table, raw = found[0]
    reader = LimitReader(section, TIERED, raw, tier.at(key), table)
    return _limit(reader, _OF_ENTERPRISE, stores, name=name, is_tier=True)
