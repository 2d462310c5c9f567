"""A breaker as a file has it.

Source: krakend-circuitbreaker v2 `gobreaker/gobreaker.go`.
"""

from dataclasses import dataclass
from math import isfinite

from crossgate.config.component import ComponentNamespace
from crossgate.config.fields import Fields
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.section import Section

NAME = "qos/circuit-breaker"
KEYS = KeyTable(
    "the circuit breaker",
    Manner.EXACT,
    (
        Key(
            "interval", Kind.ANY, "Seconds after which a closed circuit forgets failures; 0: never.", 0, shape="integer"
        ),
        Key(
            "timeout", Kind.ANY, "Seconds that an open circuit waits before it tries again; 0: 60.", 60, shape="integer"
        ),
        Key(
            "max_errors",
            Kind.ANY,
            "So many failures in a row are borne; the next opens the circuit.",
            0,
            "maxErrors",
            shape="integer",
        ),
        Key("name", Kind.TEXT, "What the log calls it."),
        Key("log_status_change", Kind.BOOLEAN, "Log when it opens and closes.", False, "logStatusChange"),
    ),
)
NAMESPACE = ComponentNamespace(NAME, "Does not call a backend that keeps failing.", {"backend": KEYS})
_DEFAULT_TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class BreakerConfig:
    """`interval_seconds` 0: failures are never forgotten. `max_errors` None: it never opens."""

    interval_seconds: int
    timeout_seconds: int
    max_errors: int | None
    name: str
    logs: bool


def decode_breaker(section: Section) -> BreakerConfig | None:
    """A backend's breaker. As in KrakenD there is one as soon as any value is not empty."""
    namespace = section.namespaces.get(NAME)
    if namespace is None or namespace.value is None:
        return None
    fields = section.fields(NAME, KEYS)
    if fields is None:
        message, hint = f'"{NAME}" must be an object, so there is no circuit breaker', 'write {"max_errors": 3, …}'
        section.report.warning("CFG217", namespace.path, message, hint=hint, krakend="ignores it silently")
        return None
    interval, timeout, max_errors = (_whole(fields, name) for name in ("interval", "timeout", "max_errors"))
    name, logs = fields.text("name"), fields.boolean("log_status_change")
    if not (interval or timeout or max_errors or name or logs):
        message, hint = (
            "without any value there is no circuit breaker",
            'write "max_errors": 3, or what fits the backend',
        )
        section.report.warning("CFG314", namespace.path, message, hint=hint, krakend="does the same silently")
        return None
    if max_errors <= 0:
        effect = "the first failure opens the circuit for everybody" if max_errors == 0 else "the circuit never opens"
        path = fields.at("max_errors") if "max_errors" in fields.keys else namespace.path
        message, hint = f'with "max_errors": {max_errors} {effect}', 'write "max_errors": 3, or what fits the backend'
        section.report.warning("CFG314", path, message, hint=hint, krakend="does the same silently")
    return BreakerConfig(
        max(0, interval),
        timeout if timeout > 0 else _DEFAULT_TIMEOUT_SECONDS,
        max_errors if max_errors >= 0 else None,
        name,
        logs,
    )


def _whole(fields: Fields, name: str) -> int:
    """A whole number; a fraction is cut, anything else counts as 0."""
    value = fields.get(name)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        message = f'"{name}" must be a whole number, so 0 is taken'
        hint = "write it without quotes and without a unit"
        fields.report.warning("CFG217", fields.at(name), message, hint=hint, krakend="takes 0 silently")
        return 0
    return int(value)
