"""What is sent to a gateway, and what a client and the backends saw of it. Knows no gateway."""

from dataclasses import dataclass, field
from itertools import filterfalse
from typing import Any

from tests.support.two_gateways import is_cors

JSON = ("Content-Type", "application/json")
Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Asked:
    """One request, or `times` of them with `gap_seconds` between: `{n}` is another number each time."""

    method: str
    target: str
    fields: Fields = ()
    body: str | None = None
    host: str = "127.0.0.1"
    times: int = 1
    gap_seconds: float = 0.0
    statuses: tuple[int, ...] = (200,)  # of backends, in turn
    delay_seconds: float = 0.0
    data: str = '{"a": 5, "b": {"x": 1}, "token": {"sub": "s"}, "id": 7}'
    backend_fields: Fields = ()


@dataclass(frozen=True)
class Seen:
    """What a client and the backends saw."""

    status: int
    fields: Fields
    body: bytes
    calls: tuple[Any, ...]
    refused_by: str = field(compare=False, default="")
    route: str = field(compare=False, default="")

    @property
    def but_for_cors(self) -> object:
        return (self.status, tuple(filterfalse(is_cors, self.fields)), self.body, self.calls)
