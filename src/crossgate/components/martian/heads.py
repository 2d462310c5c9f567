"""Modifiers of fields and of the status line, and filters by fields.

Source: google/martian v2.1 `header/`, `status/`; krakend-martian `register/`.
"""

from collections.abc import Mapping
from uuid import UUID

from crossgate.components.martian.exchange import Incoming, Message, Outgoing
from crossgate.components.martian.kinds import FILTER, Kind, Reading, Shape
from crossgate.components.martian.modifier import Modifier, either

_ID = b"x-krakend-id"


def _both(change: "Change") -> Modifier:
    return Modifier(change, change)


class Change:
    """A change to a message, of whichever side."""

    def __call__(self, message: Message) -> None:
        """Make it."""


class _Set(Change):
    def __init__(self, name: bytes, value: bytes, *, appends: bool) -> None:
        self._name, self._value, self._appends = name, value, appends

    def __call__(self, message: Message) -> None:
        (message.add if self._appends else message.set)(self._name, self._value)


class _Copy(Change):
    def __init__(self, source: bytes, target: bytes) -> None:
        self._source, self._target = source, target

    def __call__(self, message: Message) -> None:
        message.set(self._target, message.get(self._source))


class _Remove(Change):
    def __init__(self, names: list[bytes]) -> None:
        self._names = names

    def __call__(self, message: Message) -> None:
        for name in self._names:
            message.remove(name)


def _modifier(reading: Reading) -> Modifier:
    return _both(_Set(reading.field_name("name"), reading.field_value("value"), appends=False))


def _append(reading: Reading) -> Modifier:
    return _both(_Set(reading.field_name("name"), reading.field_value("value"), appends=True))


def _copy(reading: Reading) -> Modifier:
    return _both(_Copy(reading.field_name("from"), reading.field_name("to")))


def _blacklist(reading: Reading) -> Modifier:
    names = [str(name).lower().encode("utf-8", "replace") for name in reading.get("names", [])]
    return _both(_Remove([name for name in names if name != b"transfer-encoding"]))


def _id(reading: Reading) -> Modifier:
    random = reading.random

    def on_request(outgoing: Outgoing) -> None:
        if not outgoing.get(_ID):
            outgoing.set(_ID, str(UUID(int=random.getrandbits(128), version=4)).encode())

    return Modifier(on_request)


def _filter(reading: Reading) -> Modifier:
    """On any value of the field; on an empty one where no value is given."""
    name, value = reading.field_name("name"), reading.field_value("value")

    def matches(message: Message) -> bool:
        return value in message.all(name)

    return either(matches, matches, reading.modifier("modifier"), reading.otherwise())


def _regex_filter(reading: Reading) -> Modifier:
    """On the first value of the request's field, for responses too. Never on an empty one, and there is no `else`."""
    name, search = reading.field_name("header"), reading.search("regex")

    def matches(outgoing: Outgoing) -> bool:
        value = outgoing.get(name)
        return bool(value) and bool(search(value))

    return either(matches, lambda incoming: matches(incoming.request), reading.modifier("modifier"), Modifier())


def _status(reading: Reading) -> Modifier:
    status = reading.get("statusCode", 0)
    if status and not 200 <= status <= 999:
        raise reading.fail("statusCode", f"{status} is not the status of a whole response")

    def on_response(incoming: Incoming) -> None:
        incoming.status = status or 200

    return Modifier(None, on_response)


def _verifier(_reading: Reading) -> Modifier:
    """Looks, and says nothing: what it finds is asked for by Martian's own proxy alone."""

    def look(_message: Message) -> None:
        pass

    return Modifier(look, look)


_NAMED: Mapping[str, Kind] = {"name": Kind.TEXT, "value": Kind.TEXT}
HEADS: Mapping[str, Shape] = {
    "header.Modifier": Shape(_NAMED, _modifier),
    "header.Append": Shape(_NAMED, _append),
    "header.Blacklist": Shape({"names": Kind.TEXTS}, _blacklist),
    "header.Copy": Shape({"from": Kind.TEXT, "to": Kind.TEXT}, _copy),
    "header.Id": Shape({}, _id),
    "header.Filter": Shape({**_NAMED, **FILTER}, _filter),
    "header.RegexFilter": Shape({"header": Kind.TEXT, "regex": Kind.TEXT, "modifier": Kind.MODIFIER}, _regex_filter),
    "header.Verifier": Shape(_NAMED, _verifier),
    "status.Modifier": Shape({"statusCode": Kind.INTEGER}, _status),
    "status.Verifier": Shape({"statusCode": Kind.INTEGER}, _verifier),
}
