"""Which number of the file a request has exceeded, and what it would have to be for this one to pass.

One more where nobody knows by how much it was exceeded. Knows documents as written, and what was asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from crossgate.config.document import Document, EndpointNode, Namespace
from crossgate.config.setting import Setting
from crossgate.diagnostics.path import child, parse_path
from crossgate.explain.asked import AskedRequest
from crossgate.explain.keyed import key_in
from crossgate.explain.sizes import has_long_head, head_of
from crossgate.golang.duration import DurationError, format_duration, parse_duration
from crossgate.limits.bucket import bucket_of

_SERVER, _OVERLOAD, _PROXY = "crossgate/server", "crossgate/overload", "qos/ratelimit/proxy"
_OF_ALL, _OF_CLIENTS = ("max_rate", "capacity"), ("client_max_rate", "client_capacity")
_LIMITS: Mapping[str, tuple[str, str]] = {
    "limit.total": _OF_ALL,
    "limit.service": _OF_ALL,
    "limit.backend": _OF_ALL,
    "limit.client": _OF_CLIENTS,
    "limit.service-client": _OF_CLIENTS,
    "limit.key": ("client_max_rate", ""),
}
"""The keys of the rate, and of how many requests may come at once."""
_STEPS = {"max_head_bytes": 1024, "max_headers": 8}
"""Rounded up to, with some room: clients add fields that are not asked, such as Connection."""
_ROOM = 4
_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Raised:
    """What there is to say about the request, the change in words, and as a value of the file where it is one."""

    detail: str
    change: str
    setting: Setting | None = None


def raised_for(
    code: str, asked: AskedRequest, space: Namespace | None, node: EndpointNode | None, document: Document, path: str
) -> Raised | None:
    """None where the reason is about no number, or nobody knows which it is.

    `space` is the namespace that refused, and `path` what decides, empty where the file has no word about it.
    """
    if code in _LIMITS:
        return None if space is None else _rate(code, space, document)
    match code:
        case "request.body-too-large" | "request.target-too-long" | "request.head-too-large":
            return _size(code, asked, document, path)
        case "breaker.open":
            return None if space is None else _breaker(space)
        case "endpoint.timeout" | "lua.timeout":
            return None if node is None else _timeout(node, code)
        case "gateway.connections" | "overload.full" | "upstream.busy":
            return _room(code, document)
    return None


def _size(code: str, asked: AskedRequest, document: Document, path: str) -> Raised | None:
    limits = document.config.limits
    what, unit = "", "bytes"
    match code:
        case "request.body-too-large":
            key, most, has = "max_body_bytes", limits.max_body_bytes, len(asked.body or b"")
            what, instead = "body", "Send a smaller body, use a `no-op` endpoint, which streams bodies"
        case "request.target-too-long":
            key, most, has = "max_target_bytes", limits.max_target_bytes, len(asked.target.encode())
            what, instead = "URL, from its path on,", "Send the data in the body"
        case _:
            is_long = has_long_head(asked, limits)
            if is_long is None:
                return None
            size_bytes, count = head_of(asked)
            if is_long:
                key, most, has = "max_head_bytes", limits.max_head_bytes, size_bytes
                what, instead = "head (the request line and all headers)", "Send shorter headers, such as fewer cookies"
            else:
                key, most, has, unit = "max_headers", limits.max_headers, count, "headers"
                what, instead = "head", "Send fewer headers"
    if not most or has <= most:
        return None
    detail = f"Its {what} has {has} {unit}; {most} are accepted."
    wanted = -(-(has + _ROOM) // _STEPS[key]) * _STEPS[key] if key in _STEPS else has
    written = parse_path(path)[-1] if path else key
    owner = "the service" if written == "max_header_bytes" else f"`{_SERVER}`"
    change = f"{instead}, or raise `{written}` of {owner} to {wanted}."
    return Raised(detail, change, _server_setting(key, wanted, document, path))


def _server_setting(key: str, value: int, document: Document, path: str) -> Setting | None:
    """None where there is no object to put it into."""
    if path:
        return Setting(path, value)
    server = document.service.namespaces.get(_SERVER)
    return Setting(child(server.path, key), value) if server is not None and _is_object(server) else None


def _rate(code: str, space: Namespace, document: Document) -> Raised | None:
    """One more at once, for that is what the request asked for; a rate that is exceeded for long has to be higher."""
    rate_key, capacity_key = _LIMITS[code]
    rate_path, rate = key_in(space, rate_key)
    if not _is_number(rate) or rate <= 0:
        return None
    every_ns = _every_ns(space)
    if not capacity_key or (document.version == 2 and space.name != _PROXY):  # which know no capacity
        change = f"Wait, or raise `{parse_path(rate_path)[-1]}` from {rate:g} to {int(rate) + 1} per second."
        return Raised("", change, Setting(rate_path, int(rate) + 1))
    capacity_path, given = key_in(space, capacity_key)
    per = "second" if every_ns == _SECOND_NS else format_duration(every_ns)
    _, of_all = key_in(space, "max_rate")
    total, per_second = (_per_second(one, every_ns) for one in (of_all, rate))
    wanted = int(per_second) if total >= 1 or rate_key == "max_rate" else 1  # KrakenD 2 looks at the rate of all
    most = bucket_of(per_second, int(given) if _is_number(given) and given >= 1 else wanted).capacity
    act = "raise" if capacity_path else "set"
    default = "" if capacity_path else ", its default"
    change = (
        f"Wait, or {act} `{capacity_key}` to {most + 1} (now {most}{default}): that many requests may come at once. "
        f"If this happens for long, raise `{rate_key}` (now {rate:g} per {per})."
    )
    return Raised("", change, Setting(capacity_path or child(space.path, capacity_key), most + 1))


def _breaker(space: Namespace) -> Raised | None:
    path, errors = key_in(space, "max_errors")
    _, timeout = key_in(space, "timeout")
    if not _is_number(errors) or errors < 0 or not path:
        return None
    seconds = f"{timeout:g}" if _is_number(timeout) and timeout > 0 else "60"
    change = (
        f"Fix the backend: after {seconds} s one request tries it again. To tolerate one more failure in a row, raise "
        f"`{parse_path(path)[-1]}` from {errors:g} to {int(errors) + 1}."
    )
    return Raised("", change, Setting(path, int(errors) + 1))


def _timeout(node: EndpointNode, code: str) -> Raised:
    now = format_duration(round(node.config.timeout_seconds * _SECOND_NS))
    of_script = code == "lua.timeout"
    who = "script" if of_script else "backends"
    place = "the endpoint's `timeout`" if node.has("timeout") else "`timeout`, of the endpoint or the service,"
    faster = "Make the script faster" if of_script else "Check the backends' latency in the metrics"
    return Raised(f"The {who} had {now} to finish.", f"{faster}, or raise {place} above {now}.")


def _room(code: str, document: Document) -> Raised | None:
    """How many there may be at once: where the file has one number that it can have been."""
    name = _SERVER if code == "gateway.connections" else _OVERLOAD
    space = document.service.namespaces.get(name)
    if space is None or not _is_object(space):
        return None
    around: Any = space.value
    path, key, instead = space.path, "max_connections", "Close connections that nobody uses, add a replica"
    if code == "gateway.connections" and around.get("max_connections_per_client"):
        return None
    if code == "overload.full":
        key, instead = "max_in_flight", "Try again after the time in `Retry-After`, add a replica"
    elif code == "upstream.busy":
        around, path, instead = around.get("hosts"), child(path, "hosts"), "Make the backend faster, add a host"
    now = around.get(key) if isinstance(around, Mapping) else None
    if not isinstance(now, int) or isinstance(now, bool) or now < 1:
        return None
    return Raised(
        "", f"{instead}, or raise `{key}` from {now} to {now + 1} or more.", Setting(child(path, key), now + 1)
    )


def _per_second(rate: Any, every_ns: int) -> float:
    return rate * _SECOND_NS / every_ns if _is_number(rate) else 0.0


def _every_ns(space: Namespace) -> int:
    every = space.value.get("every") if _is_object(space) else None
    try:
        found = parse_duration(every) if isinstance(every, str) else _SECOND_NS
    except DurationError:
        return _SECOND_NS
    return found if found > 0 else _SECOND_NS


def _is_object(space: Namespace) -> bool:
    return isinstance(space.value, Mapping)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
