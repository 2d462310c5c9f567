"""One object with the keys of a limit, read so that nothing in it switches the limit off in silence.

Source: krakend-ratelimit v3 `router/router.go`, `proxy/proxy.go`.
"""

from collections.abc import Mapping, Sequence
from math import isfinite
from sys import float_info
from typing import Any

from crossgate.components.rate_limit.keys import VALIDATOR
from crossgate.components.rate_limit.model import ClientLimit
from crossgate.config.fields import Fields
from crossgate.config.keys import KeyTable
from crossgate.config.section import GuardFields, Section
from crossgate.golang.duration import DurationError, parse_duration
from crossgate.golang.print_form import print_form
from crossgate.limits.bucket import MAX_TOKENS, Bucket, bucket_of

SECOND_NS = 1_000_000_000
OPEN = "starts, and limits nothing"


class LimitReader:
    """The keys of one namespace. What would switch the limit off closes the section, all else is as in KrakenD."""

    def __init__(self, section: Section, name: str, raw: Mapping[str, Any], path: str, table: KeyTable) -> None:
        self.section = section
        self._name = name
        self.fields: Fields = GuardFields(raw, path, table, section.version, section.report, self.refuse)

    @classmethod
    def of(cls, section: Section, name: str, table: KeyTable) -> "LimitReader | None":
        """Those of a namespace. None where it is absent or no object; that is told."""
        namespace = section.namespaces.get(name)
        if namespace is None or namespace.value is None:
            return None
        if not isinstance(namespace.value, dict):
            section.close(name, namespace.path, "the rate limit must be an object", krakend=OPEN)
            return None
        return cls(section, name, namespace.value, namespace.path, table)

    def refuse(self, path: str, message: str, hint: str) -> None:
        """The limit cannot be built."""
        self.section.close(self._name, path, message, hint=hint, krakend=OPEN)

    def _ignore(self, name: str, message: str, hint: str) -> None:
        self.section.report.warning(
            "CFG217", self.fields.at(name), message, hint=hint, krakend="does the same silently"
        )

    def bucket(self, rate: float, capacity: int, initial: int | None = None) -> Bucket:
        """A bucket as the version of the file has them."""
        return bucket_of(rate, capacity, initial=initial, refills_when_empty=self.section.version == 3)

    def rate(self, name: str, every_ns: int) -> float:
        """Tokens in a second, 0 where there is no limit."""
        value = self.fields.get(name)
        if value is None:
            return 0.0
        number = _number(value)
        if number is None:
            self.refuse(self.fields.at(name), f'"{name}" must be a number', "write it without quotes")
            return 0.0
        if number < 0:
            self.warn(
                name, f'"{self._written(name)}": {number} limits nothing', "write a rate above 0, or remove the limit"
            )
        return min(max(0.0, number) * (SECOND_NS / every_ns), float_info.max)

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
            self.refuse(self.fields.at(name), f'"{name}" must not be negative', "")
            return 0
        return int(min(number, MAX_TOKENS))

    def text(self, name: str) -> str:
        """A text as Go prints whatever is there."""
        value = self.fields.get(name)
        return "" if value is None else print_form(value)

    def strategy(self, known: Sequence[str]) -> str:
        """One of those known; without one the limit would be off."""
        written = self.text("strategy")
        name = written.lower()
        if name not in known:
            hint = f'write "strategy": "ip", or one of {", ".join(known[1:])}'
            message = f'there is no strategy "{written[:80]}"' if written else '"client_max_rate" needs a "strategy"'
            self.refuse(self.fields.at("strategy" if written else "client_max_rate"), message, hint)
        return name

    def check_capacity(self, rate: str, capacity: str, bucket: Bucket, effect: str) -> None:
        """Warn where a capacity that is not written is less than the rate that is."""
        written = _number(self.fields.get(rate)) or 0.0
        if int(written) <= bucket.capacity or capacity in self.fields.keys:
            return
        what = f"{bucket.capacity} {'request' if bucket.capacity == 1 else 'requests'}"
        message = f'without "{capacity}" this {effect.format(what)}, not {int(written)}'
        self.warn(rate, message, f'write "{capacity}": {int(written)}')

    def check_use(self, total: Bucket | None, client: Bucket | None) -> None:
        """Warn of keys that limit nothing, and of a client's limit that is above that of all."""
        for capacity, rate, bucket in (
            ("capacity", "max_rate", total),
            ("client_capacity", "client_max_rate", client),
        ):
            if bucket is None and rate not in self.fields.keys and capacity in self.fields.keys:
                written = self._written(rate)
                message = f'"{self._written(capacity)}" limits nothing without "{written}"'
                self.warn(capacity, message, f'write "{written}", too')
        if total is None or client is None:
            return
        if client.interval_ns < total.interval_ns and client.capacity > total.capacity:
            message = (
                "one client may send more than all together may: what passes is what the limit of all lets through"
            )
            self.warn("client_max_rate", message, f'write a rate below "{self._written("max_rate")}"')

    def check_any(self, rates: Sequence[str]) -> None:
        """Warn of an object that limits nothing since it has none of these."""
        if not any(rate in self.fields.keys for rate in rates):
            names = [f'"{self._written(rate)}"' for rate in rates]
            message = f"without {' or '.join(names)} this limits nothing"
            self._warn_at(self.fields.path, message, f"write {names[0]}: 100, or what fits")
        elif not any(_number(self.fields.get(rate)) for rate in rates):
            rate = next(rate for rate in rates if rate in self.fields.keys)
            self.warn(rate, "a rate of 0 limits nothing", "write a rate above 0, or remove the limit")

    def _written(self, name: str) -> str:
        """A key as files of this version have it."""
        old = next((key.old for key in self.fields.table.keys if key.name == name), "")
        return old if old and self.section.version == 2 else name

    def warn(self, name: str, message: str, hint: str) -> None:
        """The limit is not what it looks like."""
        self._warn_at(self.fields.at(name), message, hint)

    def _warn_at(self, path: str, message: str, hint: str) -> None:
        self.section.report.warning("CFG314", path, message, hint=hint, krakend="does the same silently")

    def check_key(self, limit: ClientLimit) -> None:
        """Warn of a limit that refuses everybody, since no request says whose it is."""
        place = self.fields.at("key" if limit.key else "strategy")
        if limit.strategy == "header" and limit.key.lower() in ("", "host"):
            message = "no request has the field that names its client"
            self._refuses_all(place, message, 'write a "key", such as "X-Api-Key"')
        elif limit.strategy == "param" and self.section.scope == "service":
            self._refuses_all(place, "before endpoints no parameter is known", 'use the "strategy" ip or header here')
        elif limit.strategy == "jwt" and self.section.scope == "service":
            self._refuses_all(place, "before endpoints no token is known", "move the limit to the endpoints")
        elif limit.strategy == "jwt" and VALIDATOR not in self.section.namespaces:
            self._refuses_all(place, "no token is checked here", f'add "{VALIDATOR}", or use another "strategy"')
        elif limit.strategy == "jwt" and not limit.key:
            self._refuses_all(place, "no claim is named", 'write a "key", such as "sub"')
        elif limit.strategy == "param" and limit.key not in self.section.params:
            names = ", ".join(self.section.params) or "none: add one to the path"
            self._refuses_all(place, f'the path has no parameter "{limit.key[:80]}"', f"its parameters are {names}")

    def _refuses_all(self, place: str, message: str, hint: str) -> None:
        what = "every endpoint answers" if self.section.scope == "service" else "the endpoint answers"
        text = f"{message}: as it is, {what} 429 to everything"
        self.section.refuses_everybody(place, text, hint=hint, krakend="starts, and answers 429 to everything")

    def every_ns(self, least_ns: int = 1) -> int:
        """The time in which rates are counted, a second where there is none, it is unreadable or below `least_ns`."""
        value = self.fields.get("every")
        if value is None:
            return SECOND_NS
        try:
            every_ns = parse_duration(print_form(value))
        except DurationError:
            self._ignore("every", '"every" is not a duration, so a second is taken', 'write a duration, such as "1m"')
            return SECOND_NS
        if every_ns >= least_ns:
            return every_ns
        if least_ns > 1:
            self._ignore("every", '"every" is below a second, so a second is taken', 'write "1s" or more')
        else:
            self.refuse(self.fields.at("every"), '"every" must be more than zero', 'write a duration, such as "1m"')
        return SECOND_NS


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return value
