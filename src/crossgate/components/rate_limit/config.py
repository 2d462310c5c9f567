"""The limits as a file has them.

Source: krakend-ratelimit v3 `router/router.go`, `router/gin/gin.go`, `proxy/proxy.go`; for version 2 files
krakend-ratelimit v1 `juju/router/router.go`.
"""

from dataclasses import dataclass
from math import isfinite
from typing import Any

from crossgate.components.rate_limit.bucket import MAX_TOKENS, Bucket, bucket_of
from crossgate.config.component import ComponentNamespace
from crossgate.config.fields import Fields
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.section import GuardFields, Section
from crossgate.golang.duration import DurationError, parse_duration
from crossgate.golang.print_form import print_form

ROUTER = "qos/ratelimit/router"
PROXY = "qos/ratelimit/proxy"
STRATEGIES = ("ip", "header", "param")
ROUTER_KEYS = KeyTable(
    "the rate limit",
    Manner.EXACT,
    (
        Key(
            "max_rate",
            Kind.ANY,
            "Requests of all clients together in each `every`.",
            old="maxRate",
            also_old=True,
            shape="number",
        ),
        Key(
            "capacity",
            Kind.ANY,
            "Most that may come at once; absent: the rate in a second.",
            since3=True,
            shape="number",
        ),
        Key("client_max_rate", Kind.ANY, "Requests of one client.", old="clientMaxRate", also_old=True, shape="number"),
        Key("client_capacity", Kind.ANY, "Most that one client may send at once.", since3=True, shape="number"),
        Key("strategy", Kind.TEXT, "What makes a client: its address, a field, a parameter.", choices=STRATEGIES),
        Key("key", Kind.TEXT, "The field or parameter; with `ip`, a field that has the address."),
        Key("every", Kind.DURATION, "The time in which rates are counted.", "1s", since3=True),
        Key("num_shards", Kind.ANY, "Read and not needed.", since3=True, shape="number"),
        Key("cleanup_period", Kind.ANY, "Read and not needed: memory is bounded.", since3=True, shape="duration"),
        Key("cleanup_threads", Kind.ANY, "Read and not needed.", since3=True, shape="number"),
    ),
)
PROXY_KEYS = KeyTable(
    "the rate limit",
    Manner.EXACT,
    (
        Key(
            "max_rate", Kind.ANY, "Calls of this backend in each `every`.", old="maxRate", also_old=True, shape="number"
        ),
        Key("capacity", Kind.ANY, "Most that may be made at once; absent: the rate in a second.", shape="number"),
        Key("every", Kind.DURATION, "The time in which the rate is counted.", "1s", since3=True),
    ),
)
NAMESPACES = (
    ComponentNamespace(ROUTER, "Limits an endpoint's requests, and those of each client.", {"endpoint": ROUTER_KEYS}),
    ComponentNamespace(PROXY, "Limits the calls of a backend.", {"backend": PROXY_KEYS}),
)
_SECOND_NS = 1_000_000_000
_OPEN = "starts, and limits nothing"


@dataclass(frozen=True, slots=True)
class ClientLimit:
    """The limit of each client. `key` is empty where the strategy needs none, or where it is missing."""

    strategy: str
    key: str
    bucket: Bucket


@dataclass(frozen=True, slots=True)
class RouterLimit:
    """The limits of an endpoint: one of them at least."""

    total: Bucket | None
    client: ClientLimit | None


def decode_router(section: Section) -> RouterLimit | None:
    """An endpoint's limits; None where it has none.

    DEVIATION(DEV-RATE-1): KrakenD limits nothing where a rate is no number or there is no such strategy.
    """
    limits = _Limits.of(section, ROUTER, ROUTER_KEYS)
    if limits is None:
        return None
    every_ns = limits.every_ns(least_ns=_SECOND_NS)
    rate, client_rate = limits.rate("max_rate", every_ns), limits.rate("client_max_rate", every_ns)
    capacity, client_capacity = limits.capacity("capacity"), limits.capacity("client_capacity")
    total = None
    if rate > 0:
        total = limits.bucket(rate, capacity or int(rate))
        if not capacity:
            limits.check_capacity("max_rate", "capacity", total, "lets {} at once through")
    client = None
    if client_rate > 0:
        is_written = client_capacity > 0
        if not is_written:
            # KrakenD 2 looks at the rate of all to say what one client may do.
            client_capacity = 1 if rate < 1 and section.version == 3 else int(client_rate)
            client_capacity = max(client_capacity, 0 if section.version == 3 else 1)
        bucket = limits.bucket(client_rate, client_capacity, initial=client_capacity)
        if not is_written:
            limits.check_capacity("client_max_rate", "client_capacity", bucket, "lets one client send {} at once")
        client = ClientLimit(limits.strategy(), limits.text("key"), bucket)
        limits.check_key(client)
    if section.closed or (total is None and client is None):
        return None
    return RouterLimit(total, client)


def decode_proxy(section: Section) -> Bucket | None:
    """The limit of a backend's calls; None where it has none."""
    limits = _Limits.of(section, PROXY, PROXY_KEYS)
    if limits is None:
        return None
    rate = limits.rate("max_rate", limits.every_ns())
    capacity = limits.capacity("capacity")
    if section.closed or rate <= 0:
        return None
    bucket = limits.bucket(rate, capacity or int(rate))
    if not capacity:
        limits.check_capacity("max_rate", "capacity", bucket, "lets {} at once through")
    return bucket


class _Limits:
    """The keys of one namespace. What would switch the limit off closes the section, all else is as in KrakenD."""

    def __init__(self, section: Section, name: str, table: KeyTable) -> None:
        namespace = section.namespaces[name]
        self._section = section
        self._name = name
        self.fields: Fields = GuardFields(
            namespace.value, namespace.path, table, section.version, section.report, self._refuse
        )

    @classmethod
    def of(cls, section: Section, name: str, table: KeyTable) -> "_Limits | None":
        """None where the namespace is absent or no object; that is told."""
        namespace = section.namespaces.get(name)
        if namespace is None or namespace.value is None:
            return None
        if not isinstance(namespace.value, dict):
            section.close(name, namespace.path, "the rate limit must be an object", krakend=_OPEN)
            return None
        return cls(section, name, table)

    def _refuse(self, path: str, message: str, hint: str) -> None:
        self._section.close(self._name, path, message, hint=hint, krakend=_OPEN)

    def _ignore(self, name: str, message: str, hint: str) -> None:
        self._section.report.warning(
            "CFG217", self.fields.at(name), message, hint=hint, krakend="does the same silently"
        )

    def bucket(self, rate: float, capacity: int, initial: int | None = None) -> Bucket:
        """A bucket as the version of the file has them."""
        return bucket_of(rate, capacity, initial=initial, refills_when_empty=self._section.version == 3)

    def rate(self, name: str, every_ns: int) -> float:
        """Tokens in a second, 0 where there is no limit."""
        value = self.fields.get(name)
        if value is None:
            return 0.0
        number = _number(value)
        if number is None:
            self._refuse(self.fields.at(name), f'"{name}" must be a number', "write it without quotes")
            return 0.0
        return max(0.0, number) * _SECOND_NS / every_ns

    def capacity(self, name: str) -> int:
        """Whole tokens, 0 where the rate decides."""
        value = self.fields.get(name)
        if value is None:
            return 0
        number = _number(value)
        if number is None:
            message = f'"{name}" is ignored: it must be a number'
            self._ignore(name, message, "write it without quotes")
            return 0
        if number <= -1:
            self._refuse(self.fields.at(name), f'"{name}" must not be negative', "")
            return 0
        return int(min(number, MAX_TOKENS))

    def text(self, name: str) -> str:
        """A text as Go prints whatever is there."""
        value = self.fields.get(name)
        return "" if value is None else print_form(value)

    def strategy(self) -> str:
        """One of STRATEGIES; without one the limit would be off."""
        written = self.text("strategy")
        name = written.lower()
        if name not in STRATEGIES:
            hint = f'write "strategy": "ip", or one of {", ".join(STRATEGIES[1:])}'
            message = f'there is no strategy "{written[:80]}"' if written else '"client_max_rate" needs a "strategy"'
            self._refuse(self.fields.at("strategy" if written else "client_max_rate"), message, hint)
        return name

    def check_capacity(self, rate: str, capacity: str, bucket: Bucket, effect: str) -> None:
        """Warn where a capacity that is not written is less than the rate that is."""
        written = _number(self.fields.get(rate)) or 0.0
        if int(written) <= bucket.capacity or capacity in self.fields.keys:
            return
        what = f"{bucket.capacity} {'request' if bucket.capacity == 1 else 'requests'}"
        message = f'without "{capacity}" this {effect.format(what)}, not {int(written)}'
        path, hint = self.fields.at(rate), f'write "{capacity}": {int(written)}'
        self._section.report.warning("CFG314", path, message, hint=hint, krakend="does the same silently")

    def check_key(self, limit: ClientLimit) -> None:
        """Warn of a limit that refuses everybody, since no request says whose it is."""
        place = self.fields.at("key" if limit.key else "strategy")
        if limit.strategy == "header" and limit.key.lower() in ("", "host"):
            message = "no request has the field that names its client"
            self._refuses_all(place, message, 'write a "key", such as "X-Api-Key"')
        elif limit.strategy == "param" and limit.key not in self._section.params:
            names = ", ".join(self._section.params) or "none: add one to the path"
            self._refuses_all(place, f'the path has no parameter "{limit.key[:80]}"', f"its parameters are {names}")

    def _refuses_all(self, place: str, message: str, hint: str) -> None:
        text = f"{message}: as it is, the endpoint answers 429 to everything"
        self._section.refuses_everybody(place, text, hint=hint, krakend="starts, and answers 429 to everything")

    def every_ns(self, least_ns: int = 1) -> int:
        """The time in which rates are counted, a second where there is none, it is unreadable or below `least_ns`."""
        value = self.fields.get("every")
        if value is None:
            return _SECOND_NS
        try:
            every_ns = parse_duration(print_form(value))
        except DurationError:
            self._ignore("every", '"every" is not a duration, so a second is taken', 'write a duration, such as "1m"')
            return _SECOND_NS
        if every_ns >= least_ns:
            return every_ns
        if least_ns > 1:
            self._ignore("every", '"every" is below a second, so a second is taken', 'write "1s" or more')
        else:
            self._refuse(self.fields.at("every"), '"every" must be more than zero', 'write a duration, such as "1m"')
        return _SECOND_NS


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return value
