"""`crossgate/overload` as a file has it. Ours alone, so values of the wrong type are refused."""

from dataclasses import dataclass

from crossgate.config.component import ComponentNamespace
from crossgate.config.fields import Fields
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.section import Section
from crossgate.transport.host_bounds import HostBounds

NAME = "crossgate/overload"
_I, _D = Kind.INTEGER, Kind.DURATION
KEYS = KeyTable(
    NAME,
    Manner.OWN,
    (
        Key("max_in_flight", _I, "Most requests under way in one worker; with `adaptive` 1000 if absent.", minimum=1),
        Key("min_in_flight", _I, "What `adaptive` never goes below.", 8, minimum=1),
        Key("adaptive", Kind.BOOLEAN, "Find the bound by how latencies change, up to `max_in_flight`.", False),
        Key("queue", _I, "Most requests that wait for their turn; 0: none.", 1000, minimum=0),
        Key("queue_timeout", _D, "How long one may wait.", "250ms"),
        Key("hold_refusals", _D, "How long refusals are put off where there are too many; 0: not at all.", "500ms"),
        Key("retry_after", _D, "What refusals tell clients to wait, in whole seconds.", "1s"),
        Key("hosts", Kind.OBJECT, "Bounds of each backend host."),
    ),
)
HOST_KEYS = KeyTable(
    "the bounds of hosts",
    Manner.OWN,
    (
        Key("max_connections", _I, "Most connections of a worker to one host; 0: no bound.", 0, minimum=0),
        Key("queue", _I, "Most calls that wait for one of them; 0: none.", 100, minimum=0),
        Key("queue_timeout", _D, "How long a call may wait.", "1s"),
    ),
)
NAMESPACE = ComponentNamespace(NAME, "Bounds what is under way, and refuses what is more.", {"service": KEYS})
_DEFAULT_MOST = 1000


@dataclass(frozen=True, slots=True)
class RequestBounds:
    """Of one worker. `least` and `most` requests under way: not adaptive where they are equal."""

    least: int
    most: int
    queue: int
    queue_seconds: float
    hold_seconds: float


@dataclass(frozen=True, slots=True)
class OverloadConfig:
    """What is bounded: requests, calls of hosts, or both."""

    requests: RequestBounds | None
    hosts: HostBounds | None
    retry_after_seconds: int


def decode_overload(section: Section) -> OverloadConfig | None:
    """The bounds; None where nothing is bounded."""
    namespace = section.namespaces.get(NAME)
    if namespace is None:
        return None
    fields = section.fields(NAME, KEYS)
    if fields is None:
        hint = 'write {"max_in_flight": 200}'
        section.report.error("CFG220", namespace.path, f'"{NAME}" must be an object', hint=hint)
        return None
    requests, hosts = _requests(fields), _hosts(fields)
    retry_after = _seconds(fields, "retry_after", 1.0)
    if requests is None and hosts is None:
        if not fields.broken and "hosts" not in fields.keys:
            _bounds_nothing(fields, "", '"max_in_flight" or "adaptive"', 'write "max_in_flight": 200')
        return None
    return OverloadConfig(requests, hosts, max(1, round(retry_after)))


def _requests(fields: Fields) -> RequestBounds | None:
    is_adaptive = fields.boolean("adaptive")
    most = _count(fields, "max_in_flight", _DEFAULT_MOST if is_adaptive else 0)
    least = _count(fields, "min_in_flight", 8)
    queue = _count(fields, "queue", 1000)
    seconds = _seconds(fields, "queue_timeout", 0.25)
    hold_seconds = _seconds(fields, "hold_refusals", 0.5, may_be_zero=True)
    if not most:
        return None
    if is_adaptive and least > most:
        at, hint = fields.at("min_in_flight"), f"write {most} or less"
        message = f'"min_in_flight" must not be above "max_in_flight", which is {most}'
        fields.report.error("CFG220", at, message, hint=hint)
    if not is_adaptive and "min_in_flight" in fields.keys:
        _bounds_nothing(fields, "min_in_flight", '"adaptive"', 'write "adaptive": true')
    return RequestBounds(min(least, most) if is_adaptive else most, most, queue, seconds, hold_seconds)


def _hosts(outer: Fields) -> HostBounds | None:
    written = outer.object("hosts")
    if written is None:
        return None
    fields = Fields(written, outer.at("hosts"), HOST_KEYS, outer.version, outer.report)
    most = _count(fields, "max_connections", 0)
    bounds = HostBounds(most, _count(fields, "queue", 100), _seconds(fields, "queue_timeout", 1.0))
    if most:
        return bounds
    if not fields.broken:
        _bounds_nothing(fields, "", '"max_connections"', 'write "max_connections": 100')
    return None


def _bounds_nothing(fields: Fields, name: str, missing: str, hint: str) -> None:
    place = next((key for key in (name, "queue", "queue_timeout", "hold_refusals") if key in fields.keys), "")
    what = f'"{place}"' if place else "this"
    fields.report.warning("CFG316", fields.at(place), f"{what} bounds nothing without {missing}", hint=hint)


def _count(fields: Fields, name: str, default: int) -> int:
    value = fields.integer(name, default)
    minimum = next(key.minimum for key in fields.table.keys if key.name == name) or 0
    if name in fields.keys and name not in fields.broken and value < minimum:
        fields.broke(name)
        message = f'"{name}" must be at least {minimum}'
        fields.report.error("CFG220", fields.at(name), message, hint=f"write {minimum} or more")
        return default
    return value


def _seconds(fields: Fields, name: str, default: float, *, may_be_zero: bool = False) -> float:
    if fields.get(name) is None:
        return default
    seconds = fields.nanoseconds(name) / 1e9
    if name not in fields.broken and seconds <= 0 and not (may_be_zero and seconds == 0):
        fields.broke(name)
        message, hint = f'"{name}" must not be negative', 'write a duration such as "500ms", or "0s"'
        if not may_be_zero:
            message = f'"{name}" must be longer than nothing'
            hint = 'write a duration such as "250ms"; who must not wait gets "queue": 0'
        fields.report.error("CFG220", fields.at(name), message, hint=hint)
    return default if name in fields.broken else seconds
