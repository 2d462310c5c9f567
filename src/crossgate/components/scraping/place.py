"""A place where metrics are read, as a file says it. Knows no socket."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Place:
    """An endpoint for those who read metrics. An empty host means all interfaces.

    Where it `must` be had, a gateway that cannot have it does not start.
    """

    host: str
    port: int
    form: Literal["prometheus", "stats"]
    must: bool = False
